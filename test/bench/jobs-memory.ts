/** Peak memory, whatever the size of a blob and the number of images. */

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { image, pushBlob, pushImage, randomContent } from '@kubecrate/content/testing';
import { descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';
import { type Bench, empty, inTurn, peakOf, type Row } from './bench.ts';
import { mirrorCommand } from './jobs-mirror.ts';
import { startRegistry } from './servers.ts';

export async function memoryJobs(bench: Bench): Promise<readonly Row[]> {
  const upstream = await empty(join(bench.output, 'upstream'));
  const registry = await openRegistryDirectory(upstream, { access: 'write' });
  const large = registry.repository('large');
  const layer = randomContent('large', 2 ** 30, { mediaType: MEDIA_TYPES.ociLayer });
  await large.push(layer.descriptor, layer.open());
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
    }),
  );
  const configDescriptor = descriptorOf(MEDIA_TYPES.ociConfig, config);
  await pushBlob(large, { descriptor: configDescriptor, bytes: config });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: configDescriptor,
      layers: [layer.descriptor],
    }),
  );
  const descriptor = descriptorOf(MEDIA_TYPES.ociManifest, manifest);
  await large.push(descriptor, Readable.from([manifest], { objectMode: false }));
  await large.tag(descriptor, '1');
  const many = Array.from({ length: 500 }, (_, i) => `many/image${i}:1`);
  for (const [i, name] of many.entries())
    await pushImage(registry.repository(name.split(':')[0] ?? ''), image({ seed: i }), '1');
  await using server = await startRegistry(upstream);
  const rows: Row[] = [];
  for (const [job, images] of [
    ['mirror of a layer of 1 GiB, peak memory', ['large:1']],
    ['mirror of 500 images, peak memory', many],
  ] as const) {
    const list = join(bench.output, 'memory.txt');
    await writeFile(list, images.map((name) => `127.0.0.1:${server.port}/${name}\n`).join(''));
    const directory = join(bench.output, 'memory');
    const before = (): Promise<void> => rm(directory, { recursive: true, force: true });
    const [measured = []] = await inTurn(bench, [{ name: job, before, command: mirrorCommand(directory, list) }]);
    await before();
    rows.push({
      job,
      against: '',
      target: '200 MiB',
      ratio: peakOf(measured) / 200,
      detail: `${Math.round(peakOf(measured))} MiB`,
    });
  }
  await rm(upstream, { recursive: true, force: true });
  return rows;
}
