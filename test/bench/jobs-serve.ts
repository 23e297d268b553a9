/** Serving: the blobs of the corpus to eight connections at once, from our server, from docker-registry and from nginx. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, empty, inTurn, medianWall, type Row } from './bench.ts';
import { blobsOf } from './blobs.ts';
import { startNginx, startOurServer } from './servers.ts';

export async function serveJobs(bench: Bench): Promise<readonly Row[]> {
  await using ours = await startOurServer(bench.corpus.directory);
  await using nginx = await startNginx(bench.corpus.directory);
  const bytes = (await blobsOf(bench.corpus)).reduce((sum, { size }) => sum + size, 0) / 1e9;
  const rows: Row[] = [];
  for (const { client, commandFor } of CLIENTS) {
    const [fromOurs = [], fromRegistry = [], fromNginx = []] = await inTurn(bench, [
      { name: `serve to ${client}`, command: await commandFor(bench, ours.port) },
      { name: `docker-registry to ${client}`, command: await commandFor(bench, bench.near) },
      { name: `nginx to ${client}`, command: await commandFor(bench, nginx.port) },
    ]);
    const faster = (job: string, target: string, measured: typeof fromOurs): Row => {
      const [rate, their] = [bytes / medianWall(measured), bytes / medianWall(fromRegistry)];
      const detail = `${rate.toFixed(2)} / ${their.toFixed(2)} GB/s`;
      return { job, against: 'docker-registry', target, ratio: rate / their, detail };
    };
    rows.push(faster(`serve, GB/s to ${client}`, client === CURL ? '' : 'at least 1.5', fromOurs));
    rows.push(faster(`(nginx, GB/s to ${client})`, '', fromNginx));
  }
  return rows;
}

const CURL = 'eight curl';

/** What the rate of a server is measured with: what reads costs processor time too, on the same machine. */
const CLIENTS = [
  { client: 'a reader that drops all', commandFor: readToNothing },
  { client: CURL, commandFor: curlToNothing },
];

async function readToNothing(bench: Bench, port: number): Promise<readonly string[]> {
  const list = join(await empty(join(bench.output, `serve-${port}`)), 'blobs');
  const lines = (await blobsOf(bench.corpus)).map(({ repository, digest, size }) => `${repository} ${digest} ${size}`);
  await writeFile(list, lines.join('\n'));
  return [process.execPath, join(import.meta.dirname, 'read-blobs.js'), String(port), list];
}

async function curlToNothing(bench: Bench, port: number): Promise<readonly string[]> {
  const directory = await empty(join(bench.output, `serve-${port}`));
  const configs: string[][] = Array.from({ length: 8 }, () => []);
  for (const [i, { digest, repository }] of (await blobsOf(bench.corpus)).entries()) {
    configs[i % 8]?.push(`url = "http://127.0.0.1:${port}/v2/${repository}/blobs/${digest}"\noutput = "/dev/null"\n`);
  }
  for (const [i, lines] of configs.entries()) await writeFile(join(directory, `config.${i}`), lines.join(''));
  return ['bash', '-c', `for i in 0 1 2 3 4 5 6 7; do curl -sf -K ${directory}/config.$i & done; wait`];
}
