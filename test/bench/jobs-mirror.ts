/** Fetching: `mirror` near and far, first and again. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, inTurn, KUBECRATE, medianWall, peakOf, type Row, secondsOf, writeList } from './bench.ts';
import { skopeoLayout, writeCurlScript, writeSkopeoScript } from './peers.ts';

export function mirrorCommand(directory: string, list: string): readonly string[] {
  return [
    ...KUBECRATE,
    'mirror',
    '--dir',
    directory,
    '--platform',
    'linux/amd64',
    '--image-list',
    list,
    '--progress',
    'none',
  ];
}

export async function mirrorJobs(bench: Bench): Promise<readonly Row[]> {
  const directory = join(bench.output, 'mirror');
  const curlScript = await writeCurlScript(bench, bench.near);
  const skopeoScript = await writeSkopeoScript(bench, bench.near);
  // Each begins with an empty disk: what others left takes memory, and allocating it is part of what is measured.
  const clean = async (): Promise<void> => {
    for (const path of [directory, join(bench.output, `curl-${bench.near}-1`, 'out'), skopeoLayout(bench, bench.near)])
      await rm(path, { recursive: true, force: true });
  };
  const list = await writeList(bench, bench.near);
  const mirror = { name: 'mirror', before: clean, command: mirrorCommand(directory, list) };
  const [ours = [], again = [], curl = [], skopeo = []] = await inTurn(bench, [
    mirror,
    { name: 'mirror again', command: mirror.command },
    { name: 'curl x8, openssl', before: clean, command: curlScript },
    { name: 'skopeo copy', before: clean, command: skopeoScript },
  ]);
  await clean();
  return [
    row('mirror', 'curl x8, then openssl dgst', '1.1', ours, curl),
    row('mirror', 'skopeo copy to one OCI layout', '0.4', ours, skopeo),
    row('mirror again, nothing changed', 'the first', '0.1', again, ours),
    {
      job: 'mirror, peak memory',
      against: '',
      target: '200 MiB',
      ratio: peakOf(ours) / 200,
      detail: `${Math.round(peakOf(ours))} MiB`,
    },
  ];
}

export async function farJobs(bench: Bench): Promise<readonly Row[]> {
  const directory = join(bench.output, 'mirror');
  const list = await writeList(bench, bench.far);
  const clean = async (): Promise<void> => {
    for (const path of [directory, skopeoLayout(bench, bench.far)]) await rm(path, { recursive: true, force: true });
  };
  const [ours = [], skopeo = []] = await inTurn(
    bench,
    [
      { name: 'far: mirror', before: clean, command: mirrorCommand(directory, list) },
      { name: 'far: skopeo copy', before: clean, command: await writeSkopeoScript(bench, bench.far) },
    ],
    Math.min(bench.runs, 2),
  );
  await clean();
  return [row('mirror, far (30 ms, 50 MB/s a connection)', 'skopeo copy, far', '0.1', ours, skopeo)];
}

export function row(
  job: string,
  against: string,
  target: string,
  ours: Parameters<typeof secondsOf>[0],
  theirs: typeof ours,
): Row {
  return { job, against, target, ratio: medianWall(ours) / medianWall(theirs), detail: secondsOf(ours, theirs) };
}
