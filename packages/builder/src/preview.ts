/** What a build would find: the files of the last stage are put together aside, and nothing is fetched or kept. */

import type { Readable } from 'node:stream';
import { type FetchOptions, isLocator, type Locator, type OperationOptions, type Segment } from '@kubecrate/content';
import type { Discovery } from '@kubecrate/discovery';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { tempDirectory } from '@kubecrate/files';
import { openImageStore } from '@kubecrate/image-store';
import type { Descriptor } from '@kubecrate/oci';
import { readKubefile } from './build.ts';
import type { BuildOptions, BuildStore, BuildTools } from './build-options.ts';
import { buildStages } from './build-platform.ts';
import { discoverIn } from './container-images.ts';

/**
 * Discovers the images that a build for the first platform would save.
 * @throws NotFoundError where the base image is not in the local store; KubecrateError as for a build
 */
export async function previewImages(options: BuildOptions, tools: BuildTools): Promise<Discovery> {
  const [platform] = options.platforms;
  if (platform === undefined) throw new KubecrateError('INVALID_ARGUMENT', 'cannot look for images for no platform');
  const { kubefile } = await readKubefile(options, tools.signal);
  await using directory = await tempDirectory(tools.temporary);
  const store = new Overlay(await openImageStore(directory.path), tools.store);
  const { image } = await buildStages(kubefile, platform, { ...options, pull: 'never' }, { ...tools, store });
  return await discoverIn(image, options, { ...tools, store });
}

/** A store over another one: what is written stays above. */
class Overlay implements BuildStore, Locator {
  readonly #above: BuildStore;
  readonly #below: BuildStore;

  constructor(above: BuildStore, below: BuildStore) {
    this.#above = above;
    this.#below = below;
  }

  async fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return (await this.#with(descriptor, options)).fetch(descriptor, options);
  }

  async exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return (await this.#above.exists(descriptor, options)) || this.#below.exists(descriptor, options);
  }

  push(descriptor: Descriptor, content: Readable, options?: OperationOptions): Promise<void> {
    return this.#above.push(descriptor, content, options);
  }

  async locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[] | undefined> {
    const store = await this.#with(descriptor, options);
    return isLocator(store) ? store.locate(descriptor, options) : undefined;
  }

  async resolve(name: string, options?: OperationOptions): Promise<Descriptor> {
    try {
      return await this.#above.resolve(name, options);
    } catch (error) {
      if (error instanceof NotFoundError) return this.#below.resolve(name, options);
      throw error;
    }
  }

  tag(descriptor: Descriptor, name: string, options?: OperationOptions): Promise<void> {
    return this.#above.tag(descriptor, name, options);
  }

  lease(options?: OperationOptions): Promise<AsyncDisposable> {
    return this.#above.lease(options);
  }

  async #with(descriptor: Descriptor, options: OperationOptions | undefined): Promise<BuildStore> {
    return (await this.#above.exists(descriptor, options)) ? this.#above : this.#below;
  }
}
