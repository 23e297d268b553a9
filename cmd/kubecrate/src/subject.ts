/** What an argument names: an image of the store, a directory or a file that holds images. */

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileError, isMissing, NotFoundError } from '@kubecrate/errors';
import type { ImageStore, StoredImage } from '@kubecrate/image-store';
import type { Context } from './context.ts';

export type Subject =
  | { readonly kind: 'image'; readonly store: ImageStore; readonly image: StoredImage; readonly name: string }
  /** The root directory of a registry, which has `docker/registry/v2` or may get it. */
  | { readonly kind: 'registry-directory'; readonly path: string; readonly state: 'filled' | 'empty' }
  /** An OCI layout; the directory of an image store is one with described layers. */
  | { readonly kind: 'layout'; readonly path: string }
  | { readonly kind: 'archive'; readonly path: string };

/**
 * Finds what is meant. What begins with `/`, `./` or `../` is a path; everything else is an image where the store has one of
 * that name, else a path.
 * @throws NotFoundError
 */
export async function findSubject(
  text: string,
  openStore: () => Promise<ImageStore>,
  context: Context,
): Promise<Subject> {
  const path = resolve(context.cwd, text);
  if (isPath(text)) return await pathSubject(path);
  const store = await openStore();
  try {
    return { kind: 'image', store, image: await store.image(text, { signal: context.signal }), name: text };
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if ((await typeOf(path)) !== 'absent') return await pathSubject(path);
    throw new NotFoundError(`${JSON.stringify(text)} is no image of the store and no file`, {
      cause: error,
      hint: error.hint ?? 'run: kubecrate images',
    });
  }
}

/** True for what can be no image. */
export function isPath(text: string): boolean {
  return /^\.{0,2}(\/|$)/.test(text);
}

async function pathSubject(path: string): Promise<Subject> {
  const type = await typeOf(path);
  if (type === 'absent') throw new NotFoundError(`${JSON.stringify(path)} is not there`, { hint: 'check the path' });
  if (type === 'file') return { kind: 'archive', path };
  if ((await typeOf(join(path, REGISTRY))) === 'directory')
    return { kind: 'registry-directory', path, state: 'filled' };
  // The directory that `unpack` made of a cluster image.
  if ((await typeOf(join(path, 'registry', REGISTRY))) === 'directory') {
    return { kind: 'registry-directory', path: join(path, 'registry'), state: 'filled' };
  }
  if ((await typeOf(join(path, 'oci-layout'))) === 'file') return { kind: 'layout', path };
  return { kind: 'registry-directory', path, state: 'empty' };
}

const REGISTRY = 'docker/registry/v2';

async function typeOf(path: string): Promise<'absent' | 'directory' | 'file'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if (isMissing(error)) return 'absent';
    throw fileError(`cannot read ${JSON.stringify(path)}`, error);
  }
}
