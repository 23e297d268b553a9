/** Building and saving, beside mirroring and copying the same bytes. */

import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, inTurn, KUBECRATE, peakOf, type Row, writeList } from './bench.ts';
import { blobsOf } from './blobs.ts';
import { diskUsage } from './disk-usage.ts';
import { mirrorCommand, row } from './jobs-mirror.ts';
import { writeCurlScript } from './peers.ts';

export async function buildJobs(bench: Bench): Promise<readonly Row[]> {
  const [mirrored, store, archive, context] = ['mirror', 'store', 'image.tar', 'context'].map((name) =>
    join(bench.output, name),
  ) as [string, string, string, string];
  const list = await writeList(bench, bench.near);
  await mkdir(context, { recursive: true });
  await writeFile(join(context, 'Kubefile'), 'FROM scratch\nCOPY imageList manifests\n');
  await writeFile(
    join(context, 'imageList'),
    bench.corpus.images.map((image) => `127.0.0.1:${bench.near}/${image}\n`).join(''),
  );
  const clean = async (): Promise<void> => {
    for (const path of [mirrored, store, archive, `${archive}.copy`]) await rm(path, { recursive: true, force: true });
  };
  const build = [
    ...KUBECRATE,
    'build',
    '--store',
    store,
    '-t',
    'bench:1',
    '--platform',
    'linux/amd64',
    '--progress',
    'none',
  ];
  const mirrorAndCopy = [
    'bash',
    '-c',
    `${mirrorCommand(mirrored, list).join(' ')} > /dev/null && find ${mirrored} -name data -exec cat {} + > ${archive}`,
  ];
  const [mirror = [], built = [], again = []] = await inTurn(bench, [
    { name: 'mirror', before: clean, command: mirrorCommand(mirrored, list) },
    { name: 'build', before: clean, command: [...build, context] },
    { name: 'build again', command: [...build, context] },
  ]);
  const written = await diskUsage(store);
  const unique = (await blobsOf(bench.corpus)).reduce((sum, { size }) => sum + size, 0);
  const [toFile = [], copied = []] = await inTurn(bench, [
    { name: 'build -o', before: clean, command: [...build, '-o', archive, context] },
    { name: 'mirror, then cp', before: clean, command: mirrorAndCopy },
  ]);
  await clean();
  const [, saved = [], cp = []] = await inTurn(bench, [
    { name: '(build)', before: clean, command: [...build, context] },
    { name: 'save -o', command: [...KUBECRATE, 'save', '--store', store, '-o', archive, 'bench:1'] },
    {
      name: 'cp',
      before: () => rm(store, { recursive: true, force: true }),
      command: ['cp', archive, `${archive}.copy`],
    },
  ]);
  const size = (await stat(archive)).size;
  await clean();
  const [hashedOnce, hashedTwice] = [
    await writeCurlScript(bench, bench.near),
    await writeCurlScript(bench, bench.near, 2),
  ];
  const [once = [], twice = []] = await inTurn(bench, [
    { name: 'curl x8, openssl', command: hashedOnce },
    { name: 'curl x8, openssl twice', command: hashedTwice },
  ]);
  for (const hashes of [1, 2]) await rm(join(bench.output, `curl-${bench.near}-${hashes}`), { recursive: true });
  return [
    row('build', 'mirror', '1.25', built, mirror),
    row('build', 'curl x8, then openssl dgst', '1.375 (1.1 x 1.25)', built, once),
    row('(curl x8, then openssl dgst twice)', 'the same, once', 'what a second sha256 costs', twice, once),
    row('build again, nothing changed', 'the first', '0.1', again, built),
    row('build -o FILE', 'mirror, then cp', '1.25', toFile, copied),
    row('save -o FILE', 'cp of the same bytes', '1.5', saved, cp),
    {
      job: 'bytes written by build',
      against: 'unique bytes downloaded',
      target: '1.05',
      ratio: written / unique,
      detail: `${(written / 1e9).toFixed(3)} GB / ${(unique / 1e9).toFixed(3)} GB; the tarball has ${(size / 1e9).toFixed(3)} GB`,
    },
    {
      job: 'build, peak memory',
      against: '',
      target: '200 MiB',
      ratio: peakOf(built) / 200,
      detail: `${Math.round(peakOf(built))} MiB`,
    },
  ];
}
