/** `image-layer-check`: reading an image of the store anew before it is used. */

import { KubecrateError } from '@kubecrate/errors';
import type { ImageStore } from '@kubecrate/image-store';
import type { Context } from './context.ts';
import type { StoreOptions } from './options.ts';
import { readSettings } from './settings.ts';

/** Does nothing unless the configuration asks for it. @throws KubecrateError DIGEST_MISMATCH that says what is wrong */
export async function checkStoredImage(
  store: ImageStore,
  image: string,
  options: StoreOptions,
  context: Context,
): Promise<void> {
  if ((await readSettings(options.config, context)).storedImages === 'trust') return;
  const { problems } = await store.verify({ image, signal: context.signal });
  const [first] = problems;
  if (first === undefined) return;
  throw new KubecrateError('DIGEST_MISMATCH', `cannot use ${image}: ${first.message}`, {
    hint: 'pull or build it again; to see everything that is wrong: kubecrate verify',
  });
}
