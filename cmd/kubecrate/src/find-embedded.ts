/** Embedded images as commands meet them: by name or by the id that `images` prints. */

import type { EmbeddedImage } from '@kubecrate/embedded';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { ImageStore } from '@kubecrate/image-store';
import { openEmbedded } from './embedded.ts';
import { shortId } from './image-table.ts';

/**
 * The embedded image of a whole name, of an id or of the beginning of one; undefined where there is none.
 * @throws KubecrateError CONFLICT where several ids begin so
 */
export async function findEmbedded(
  store: ImageStore,
  text: string,
  signal: AbortSignal,
): Promise<EmbeddedImage | undefined> {
  const embedded = await openEmbedded(store);
  const named = await embedded.find(text, { signal });
  const hex = text.replace(/^sha256:/, '');
  if (named !== undefined || !/^[a-f0-9]{2,64}$/.test(hex)) return named;
  const found = (await embedded.images({ signal })).filter(({ digest }) => digest.startsWith(`sha256:${hex}`));
  const [image, ...others] = found;
  if (others.length === 0) return image;
  throw new KubecrateError('CONFLICT', `the ids of ${found.length} images begin with ${JSON.stringify(text)}`, {
    hint: `give more of it, or a name: ${found.map(({ digest, manifest }) => `${manifest.imageName} ${shortId({ id: digest })}`).join(', ')}`,
  });
}

/**
 * What `find` gives of an image of the store. `verb` is what is to be done with it.
 * @throws KubecrateError UNSUPPORTED where there is only an embedded image of that name
 */
export async function orRefuseEmbedded<T>(
  store: ImageStore,
  { image, verb, signal }: { readonly image: string; readonly verb: string; readonly signal: AbortSignal },
  find: () => Promise<T>,
): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof NotFoundError) || (await findEmbedded(store, image, signal)) === undefined) throw error;
    throw new KubecrateError('UNSUPPORTED', `cannot ${verb} ${JSON.stringify(image)}: it is an embedded image`, {
      hint: 'the layers of an embedded image stay where they lie: it can be listed, inspected, verified and removed',
    });
  }
}
