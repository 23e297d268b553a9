/** The saver's one interface, as its users know it: images into a registry directory. */

import type { CopyOptions } from '@kubecrate/content';
import { type Platform, parsePlatform, parseReference } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';
import type { Registries } from './collisions.ts';
import type { Naming } from './name-plan.ts';
import { refuseFailures } from './report.ts';
import { type SavedImage, saveInto } from './save-images.ts';

export interface ImageSaver {
  /**
   * Saves images, with everything they need on `arch`, into the registry directory `dir` (made where it is not there), which any
   * stock registry serves then. `arch` is an architecture (`amd64`, for linux), a platform (`linux/arm/v7`) or a list of them.
   * What is in `dir` already is not fetched again.
   * @throws KubecrateError that names every image that could not be saved; the others are saved then
   */
  saveImages(images: readonly string[], dir: string, arch: string | readonly string[]): Promise<readonly SavedImage[]>;
}

export interface ImageSaverOptions extends Omit<CopyOptions, 'platforms'> {
  /** Where images come from: a registry client. */
  readonly from: Registries;
  readonly naming?: Naming | undefined;
}

/** Makes the saver. */
export function createImageSaver(options: ImageSaverOptions): ImageSaver {
  return {
    async saveImages(images, dir, arch) {
      const platforms: readonly Platform[] = (typeof arch === 'string' ? [arch] : arch).map(parsePlatform);
      const requested = images.map((image) => ({ image, reference: parseReference(image) }));
      const directory = await openRegistryDirectory(dir, { access: 'write' });
      const saved = await saveInto(requested, directory, { ...options, platforms });
      refuseFailures(saved);
      return saved;
    },
  };
}
