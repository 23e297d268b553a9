/**
 * The embedded images of a store: what their manifests said when they were loaded. The layers stay where they are.
 *
 *   <dir>/<sha256 of the image name>.json     {"path": ..., "size": ..., "manifest": "<the text>"}
 */

import { link, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OperationOptions } from '@kubecrate/content';
import { fileError, isMissing, KubecrateError, NotFoundError, systemCode } from '@kubecrate/errors';
import { ensureDirectory, type TempDirectory, writeFileAtomic } from '@kubecrate/files';
import { digestOf, expectString, hexOf, parseJsonObject } from '@kubecrate/oci';
import { parseEmbeddedManifest } from './embedded-manifest.ts';
import type { EmbeddedImage } from './read-embedded-image.ts';

/** Any number of processes may use them at once: each image is one file, which is there whole or not at all. */
export interface EmbeddedImages {
  /** Remembers an image; the same one again is fine. @throws KubecrateError CONFLICT where another image has its name */
  add(image: EmbeddedImage, options?: OperationOptions): Promise<void>;
  /** In the order of their names. */
  images(options?: OperationOptions): Promise<readonly EmbeddedImage[]>;
  /** The image of a whole name, as the manifest gives it; undefined where there is none. */
  find(name: string, options?: OperationOptions): Promise<EmbeddedImage | undefined>;
  /** Forgets an image; its files stay. @throws NotFoundError */
  remove(name: string, options?: OperationOptions): Promise<void>;
}

/** Makes a directory for work, on the file system of the images. */
export type OpenWork = () => Promise<TempDirectory>;

/** Nothing is made before the first image is added. */
export function openEmbeddedImages(directory: string, openWork: OpenWork): EmbeddedImages {
  const fileOf = (name: string): string => join(directory, `${hexOf(digestOf(Buffer.from(name)))}.json`);
  return {
    async add(image, { signal } = {}) {
      signal?.throwIfAborted();
      const { imageName } = image.manifest;
      if ((await write(fileOf(imageName), image, openWork)) === 'written') return;
      const known = await readImage(fileOf(imageName));
      if (known?.digest === image.digest && known.path === image.path) return;
      throw new KubecrateError(
        'CONFLICT',
        `Image name is conflicted in the database: ${JSON.stringify(imageName)} is loaded from ${JSON.stringify(known?.path)}`,
        { hint: `to load another one, remove that first: kubecrate rmi ${imageName}` },
      );
    },
    async images({ signal } = {}) {
      signal?.throwIfAborted();
      const found = await Promise.all((await filesOf(directory)).map((file) => readImage(join(directory, file))));
      return found.filter((image) => image !== undefined).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    },
    async find(name, { signal } = {}) {
      signal?.throwIfAborted();
      return await readImage(fileOf(name));
    },
    async remove(name, { signal } = {}) {
      signal?.throwIfAborted();
      try {
        await rm(fileOf(name));
      } catch (error) {
        if (isMissing(error)) throw noImage(name);
        throw fileError(`cannot remove ${JSON.stringify(name)}`, error);
      }
    },
  };
}

/** Under a name that nobody has: of two that load at once, one is first. */
async function write(
  file: string,
  { path, size, bytes }: EmbeddedImage,
  openWork: OpenWork,
): Promise<'written' | 'exists'> {
  try {
    await ensureDirectory(dirname(file));
    await using work = await openWork();
    const written = join(work.path, 'image');
    await writeFileAtomic(written, JSON.stringify({ path, size, manifest: bytes.toString('utf8') }));
    await link(written, file);
    return 'written';
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return 'exists';
    throw fileError(`cannot write ${JSON.stringify(file)}`, error);
  }
}

/** Undefined where there is no such image. */
async function readImage(file: string): Promise<EmbeddedImage | undefined> {
  const text = await readFile(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw fileError(`cannot read ${JSON.stringify(file)}`, error);
  });
  if (text === undefined) return undefined;
  const fields = parseJsonObject(text, file);
  const bytes = Buffer.from(expectString(fields, 'manifest', file));
  const { size } = fields;
  return {
    digest: digestOf(bytes),
    path: expectString(fields, 'path', file),
    manifest: parseEmbeddedManifest(bytes),
    bytes,
    size: typeof size === 'number' ? size : 0,
  };
}

async function filesOf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(`cannot read ${JSON.stringify(directory)}`, error);
  }
}

function nameOf({ manifest }: EmbeddedImage): string {
  return manifest.imageName;
}

function noImage(name: string): NotFoundError {
  return new NotFoundError(`No such image: ${JSON.stringify(name)}`, { hint: 'run: kubecrate images' });
}
