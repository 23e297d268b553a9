/** Serving: the blobs of the corpus to eight clients at once, from our server, from docker-registry and from nginx. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, empty, inTurn, medianWall, type Row } from './bench.ts';
import { blobsOf } from './blobs.ts';
import { startNginx, startOurServer } from './servers.ts';

export async function serveJobs(bench: Bench): Promise<readonly Row[]> {
  await using ours = await startOurServer(bench.corpus.directory);
  await using nginx = await startNginx(bench.corpus.directory);
  const [fromOurs = [], fromRegistry = [], fromNginx = []] = await inTurn(bench, [
    { name: 'serve', command: await curlToNothing(bench, ours.port) },
    { name: 'docker-registry', command: await curlToNothing(bench, bench.near) },
    { name: 'nginx', command: await curlToNothing(bench, nginx.port) },
  ]);
  const bytes = (await blobsOf(bench.corpus)).reduce((sum, { size }) => sum + size, 0) / 1e9;
  const faster = (job: string, ours: typeof fromOurs, against: string, theirs: typeof ours, target: string): Row => {
    const [rate, their] = [bytes / medianWall(ours), bytes / medianWall(theirs)];
    return { job, against, target, ratio: rate / their, detail: `${rate.toFixed(2)} / ${their.toFixed(2)} GB/s` };
  };
  return [
    faster('serve, GB/s', fromOurs, 'docker-registry', fromRegistry, 'at least 1.5'),
    faster('(nginx, GB/s)', fromNginx, 'docker-registry', fromRegistry, 'what sendfile in two processes reaches'),
  ];
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
