/** The registry that the demonstration pulls from: small real images and charts, made on the spot. */

import { chart, image, index, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';

const PLATFORMS = ['linux/amd64', 'linux/arm64'].map(parsePlatform);

/** Images of two platforms that share a layer. */
const IMAGES = ['library/ubuntu:18.04', 'shop/web:2.1', 'shop/migrate:2.1'];

const CHARTS = [
  { name: 'mysql', version: '8.8.19' },
  { name: 'rabbitmq', version: '8.24.13' },
];

/** Fills a registry directory. */
export async function makeUpstream(directory: string): Promise<void> {
  const registry = await openRegistryDirectory(directory, { access: 'write' });
  for (const name of IMAGES) {
    const [repository = '', tag = ''] = name.split(':');
    const children = PLATFORMS.map((platform) =>
      image({ seed: name, platform, layers: [{ seed: 'base', size: 400_000 }, { seed: name }] }),
    );
    await pushImage(registry.repository(repository), index(children), tag);
  }
  for (const { name, version } of CHARTS) {
    await pushImage(registry.repository(`helm-charts/${name}`), chart({ name, version }), version);
  }
}
