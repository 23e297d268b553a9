/** What the peers do for the same result, as shell scripts. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, empty } from './bench.ts';
import { blobsOf } from './blobs.ts';

/** curl, eight at a time, without a hash; then openssl, two at a time, as many times over all blobs as is said. */
export async function writeCurlScript(bench: Bench, port: number, hashes: number = 1): Promise<readonly string[]> {
  const directory = await empty(join(bench.output, `curl-${port}-${hashes}`));
  const out = join(directory, 'out');
  const configs: string[][] = Array.from({ length: 8 }, () => []);
  for (const [i, { digest, repository }] of (await blobsOf(bench.corpus)).entries()) {
    configs[i % 8]?.push(
      `url = "http://127.0.0.1:${port}/v2/${repository}/blobs/${digest}"\noutput = "${join(out, digest)}"\n`,
    );
  }
  for (const [i, lines] of configs.entries()) await writeFile(join(directory, `config.${i}`), lines.join(''));
  const script = [
    'set -e',
    `rm -rf ${out}; mkdir -p ${out}`,
    `for i in 0 1 2 3 4 5 6 7; do curl -sf -K ${directory}/config.$i & done; wait`,
    ...Array.from(
      { length: hashes },
      () => `ls ${out} | sed "s#^#${out}/#" | xargs -P2 -n20 openssl dgst -sha256 > ${directory}/sums`,
    ),
  ];
  return ['bash', '-c', script.join('\n')];
}

/** skopeo, image by image, into one OCI layout. */
export async function writeSkopeoScript(bench: Bench, port: number): Promise<readonly string[]> {
  const layout = skopeoLayout(bench, port);
  const copies = bench.corpus.images.map(
    (image, i) =>
      `skopeo --insecure-policy --override-arch amd64 --override-os linux copy -q --src-tls-verify=false docker://127.0.0.1:${port}/${image} oci:${layout}:${i}`,
  );
  return ['bash', '-c', ['set -e', `rm -rf ${layout}`, ...copies].join('\n')];
}

export function skopeoLayout(bench: Bench, port: number): string {
  return join(bench.output, `skopeo-${port}`);
}
