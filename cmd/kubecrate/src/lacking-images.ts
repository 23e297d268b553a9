/** Which images the registry of a cluster image does not have. */

import type { Namespace, OperationOptions, ReadOnlyTarget } from '@kubecrate/content';
import type { DiscoveredImage } from '@kubecrate/discovery';
import { NotFoundError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import { parseReference, tagOrDigest } from '@kubecrate/oci';
import { planNames } from '@kubecrate/saver';
import { registryInTree } from './registry-in-tree.ts';

/** Those of `images` that are there neither with the domain in their names nor without it. */
export async function lackingImages(
  images: readonly DiscoveredImage[],
  registry: Namespace<ReadOnlyTarget>,
  options: OperationOptions,
): Promise<readonly DiscoveredImage[]> {
  const lacking: DiscoveredImage[] = [];
  for (const image of images) if (!(await isThere(image, registry, options))) lacking.push(image);
  return lacking;
}

/** Those that the registry in a cluster image does not serve: all where it has none, whatever names the image itself has. */
export async function lackingInTree(
  images: readonly DiscoveredImage[],
  tree: FileTree,
  { where, ...options }: OperationOptions & { readonly where: string },
): Promise<readonly DiscoveredImage[]> {
  const registry = await registryInTree(tree, where);
  return registry === undefined ? images : await lackingImages(images, registry, options);
}

async function isThere(
  { image }: DiscoveredImage,
  registry: Namespace<ReadOnlyTarget>,
  options: OperationOptions,
): Promise<boolean> {
  const requested = [{ image, reference: parseReference(image) }];
  for (const naming of ['plain', 'qualified'] as const) {
    for (const { repository, reference } of planNames(requested, naming).images) {
      if (await resolves(registry.repository(repository), tagOrDigest(reference), options)) return true;
    }
  }
  return false;
}

async function resolves(target: ReadOnlyTarget, name: string, options: OperationOptions): Promise<boolean> {
  try {
    await target.resolve(name, options);
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
