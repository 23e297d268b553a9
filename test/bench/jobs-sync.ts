/** Synchronising one registry with another: a first run, a run with nothing to do, and the requests that the latter makes. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, empty, inTurn, KUBECRATE, medianWall, peakOf, type Row, secondsOf, type Timed } from './bench.ts';
import { measure } from './measure.ts';
import { type RunningServer, startWritableRegistry } from './servers.ts';

export async function syncJobs(bench: Bench): Promise<readonly Row[]> {
  const directory = await empty(join(bench.output, 'sync'));
  await using destinations = new Destinations(directory);
  const rules = join(directory, 'rules.json');
  const ours = [...KUBECRATE, 'sync', '--images', rules, '--progress', 'none'];
  const theirs = await writeSkopeoSource(bench, directory);
  const first: Timed = {
    name: 'sync, kubecrate',
    before: async () => await writeRules(bench, rules, await destinations.next()),
    command: ours,
  };
  const again: Timed = { name: 'sync again, kubecrate', command: ours };
  const skopeo: Timed = {
    name: 'sync, skopeo',
    // Where a blob is already, skopeo remembers in its home.
    before: async () => {
      await empty(join(directory, 'home'));
      await writeFile(theirs.destination, `127.0.0.1:${await destinations.next()}`);
    },
    command: theirs.command,
  };
  const [mirrored = [], repeated = [], synced = []] = await inTurn(bench, [first, again, skopeo]);
  const requests = await requestsAgain(bench, directory, rules);
  return [
    {
      job: 'sync of all images, all platforms, wall time',
      against: '`skopeo sync --all`',
      target: '0.5',
      ratio: medianWall(mirrored) / medianWall(synced),
      detail: secondsOf(mirrored, synced),
    },
    {
      job: 'sync with nothing changed, wall time',
      against: 'the first run',
      target: '0.1',
      ratio: medianWall(repeated) / medianWall(mirrored),
      detail: `${secondsOf(repeated, mirrored)}; requests: ${requests}`,
    },
    {
      job: 'sync of all images, peak memory',
      against: '',
      target: '200 MiB',
      ratio: peakOf(mirrored) / 200,
      detail: `${Math.round(peakOf(mirrored))} MiB`,
    },
  ];
}

/** Registries to be filled, one after the other: each is empty at its start and goes when the next one comes. */
class Destinations implements AsyncDisposable {
  readonly #directory: string;
  #server: RunningServer | undefined;

  constructor(directory: string) {
    this.#directory = join(directory, 'destination');
  }

  /** The port of an empty registry. */
  async next(): Promise<number> {
    await this.#server?.[Symbol.asyncDispose]();
    await empty(this.#directory);
    this.#server = await startWritableRegistry(this.#directory);
    return this.#server.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

async function writeRules({ corpus, near }: Bench, file: string, port: number): Promise<void> {
  const rules = corpus.images.map((image) => [`127.0.0.1:${near}/${image}`, `127.0.0.1:${port}/${image}`]);
  await writeFile(file, JSON.stringify(Object.fromEntries(rules)));
}

/** skopeo's command, and the file from which it takes the address of the destination. */
async function writeSkopeoSource(
  { corpus, near }: Bench,
  directory: string,
): Promise<{ readonly command: readonly string[]; readonly destination: string }> {
  const source = join(directory, 'skopeo.yaml');
  const destination = join(directory, 'skopeo-destination');
  const images = Object.fromEntries(corpus.images.map((image) => image.split(':')).map(([name, tag]) => [name, [tag]]));
  await writeFile(source, JSON.stringify({ [`127.0.0.1:${near}`]: { 'tls-verify': false, images } }));
  const script = `HOME=${directory}/home skopeo --insecure-policy sync --all --src yaml --dest docker --dest-tls-verify=false ${source} "$(cat ${destination})"`;
  return { command: ['bash', '-c', script], destination };
}

/** How often each method was asked of both registries in a run with nothing to do: `HEAD 132`. */
async function requestsAgain(bench: Bench, directory: string, rules: string): Promise<string> {
  const target = await empty(join(directory, 'counted'));
  await mkdir(target, { recursive: true });
  const log = join(directory, 'access.log');
  {
    await using filled = await startWritableRegistry(target);
    await writeRules(bench, rules, filled.port);
    await measure([...KUBECRATE, 'sync', '--images', rules, '--progress', 'none']);
  }
  await using source = await startWritableRegistry(bench.corpus.directory, log);
  await using destination = await startWritableRegistry(target, log);
  await writeRules({ ...bench, near: source.port }, rules, destination.port);
  await measure([...KUBECRATE, 'sync', '--images', rules, '--progress', 'none']);
  const counts = new Map<string, number>();
  for (const [, method = ''] of (await readFile(log, 'utf8')).matchAll(/"([A-Z]+) \/v2\/[^ "]+ HTTP/g))
    counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].map(([method, count]) => `${method} ${count}`).join(', ');
}
