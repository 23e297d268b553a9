/** Writing an image of the store as one tarball. */

import { resolve } from 'node:path';
import type { OnEvent } from '@kubecrate/content';
import type { ImageStore } from '@kubecrate/image-store';
import { type Descriptor, formatReference, type Reference } from '@kubecrate/oci';
import { writeArchive } from '@kubecrate/stores';
import { machinePlatform } from './arguments.ts';
import type { Context } from './context.ts';

/** Writes an OCI archive that holds the image under all of its names. */
export async function writeImageArchive(
  store: ImageStore,
  image: { readonly descriptor: Descriptor; readonly names: readonly Reference[] },
  file: string,
  { cwd, arch, signal }: Pick<Context, 'cwd' | 'arch' | 'signal'>,
  onEvent: OnEvent,
): Promise<void> {
  const images = [{ descriptor: image.descriptor, names: image.names.map(formatReference) }];
  const platform = machinePlatform(arch);
  await writeArchive(store, images, resolve(cwd, file), { format: 'oci-archive', platform, signal, onEvent });
}
