/**
 * The benchmark of docs/performance.md: kubecrate beside its peers on one corpus, in one run, as ratios.
 *
 *   npm run bench -- [--scale 1] [--runs 3] [--corpus DIR] [--output DIR] [--only mirror,far,build,serve,sync,memory]
 *
 * Needs Debian's docker-registry, skopeo, curl, openssl and time. The corpus is made in --corpus (default: the system's directory for
 * temporary files) and kept for the next run; everything else is written to --output, which should be a tmpfs (default /dev/shm).
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Row } from './bench.ts';
import { makeCorpus } from './corpus.ts';
import { buildJobs } from './jobs-build.ts';
import { memoryJobs } from './jobs-memory.ts';
import { farJobs, mirrorJobs } from './jobs-mirror.ts';
import { serveJobs } from './jobs-serve.ts';
import { syncJobs } from './jobs-sync.ts';
import { startFarProxy, startRegistry } from './servers.ts';

const JOBS: Readonly<Record<string, (bench: Bench) => Promise<readonly Row[]>>> = {
  mirror: mirrorJobs,
  far: farJobs,
  build: buildJobs,
  serve: serveJobs,
  sync: syncJobs,
  memory: memoryJobs,
};

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    corpus: { type: 'string', default: join(tmpdir(), 'kubecrate-bench') },
    output: { type: 'string', default: '/dev/shm' },
    only: { type: 'string', default: Object.keys(JOBS).join(',') },
  },
});
const log = (text: string): void => console.error(text);
const corpus = await makeCorpus(values.corpus, Number(values.scale));
const output = await mkdtemp(join(values.output, 'kubecrate-bench-'));
try {
  await using near = await startRegistry(corpus.directory);
  await using far = await startFarProxy(near.port, 30, 50_000_000);
  const bench: Bench = { corpus, near: near.port, far: far.port, runs: Number(values.runs), output, log };
  const rows: Row[] = [];
  for (const name of values.only.split(',')) {
    const job = JOBS[name];
    if (job === undefined) throw new Error(`no job ${name}; there are ${Object.keys(JOBS).join(', ')}`);
    rows.push(...(await job(bench)));
  }
  console.log(formatRows(rows));
} finally {
  await rm(output, { recursive: true, force: true });
}

/** The table of docs/performance.md. */
function formatRows(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ job, against, target, ratio, detail }) =>
      `| ${job} | ${against} | ${target} | ${ratio.toFixed(2)} | ${detail} |`,
  );
  return ['| job | against | to reach | ratio | measured |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}
