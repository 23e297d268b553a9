/** What a tag names in one folder of an images directory: in its own file, or through the file `layout`. */

import type { OperationOptions } from '@kubecrate/content';
import { hasCode, KubecrateError, NotFoundError } from '@kubecrate/errors';
import { type Digest, MAX_MANIFEST_SIZE } from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';
import {
  type BrokenManifest,
  type FoundManifest,
  PULL_AGAIN,
  readManifestFile,
  type WholeManifest,
} from './manifest-file.ts';
import { type KubekeyLayout, LAYOUT, manifestPath } from './paths.ts';
import { parseTagLayout } from './tag-layout.ts';

/** One repository in one folder. */
export interface FolderPlace {
  readonly folder: string;
  readonly repository: string;
}

/** The file `layout`: a list of tags, a manifest that has that tag, broken, or not there. */
export type FoundLayout =
  | { readonly state: 'listed'; readonly tags: ReadonlyMap<string, Digest> }
  | { readonly state: 'broken'; readonly broken: BrokenManifest }
  | { readonly state: 'manifest' | 'absent' };

export async function readLayout(
  files: StoredFiles,
  { folder, repository }: FolderPlace,
  options: OperationOptions = {},
): Promise<FoundLayout> {
  const path = manifestPath(folder, repository, LAYOUT);
  const found = await readManifestFile(files, path, options);
  if (found === undefined) return { state: 'absent' };
  if (found.state === 'whole') return { state: 'manifest' };
  const tags = await readList(files, path);
  if (tags !== undefined) return { state: 'listed', tags };
  const error = new KubecrateError(
    'INVALID_MANIFEST',
    `${JSON.stringify(path)} is no list of tags: it was cut or altered`,
    {
      hint: 'pull the images of this repository again',
      cause: found.error,
    },
  );
  return { state: 'broken', broken: { ...found, error } };
}

/** Undefined where the folder does not have the tag. */
export async function readTag(
  files: StoredFiles,
  { folder, repository, tag, layout }: FolderPlace & { readonly tag: string; readonly layout: FoundLayout },
  options: OperationOptions = {},
): Promise<FoundManifest | undefined> {
  const isList = tag === LAYOUT && layout.state !== 'manifest';
  const own = isList ? undefined : await readManifestFile(files, manifestPath(folder, repository, tag), options);
  const digest = layout.state === 'listed' ? layout.tags.get(tag) : undefined;
  if (digest === undefined || own?.state === 'broken') return own;
  const path = manifestPath(folder, repository, digest);
  const listed = (await readManifestFile(files, path, options)) ?? notThere(path, digest);
  if (own === undefined || listed.state === 'broken') return listed;
  return conflictBetween([listed, own]) ?? listed;
}

/** The same where the folder has the tag in this form, as one generation of KubeKey looks for it; else undefined. */
export async function readTagAs(
  files: StoredFiles,
  { form, ...wanted }: FolderPlace & { readonly tag: string; readonly form: KubekeyLayout },
  options: OperationOptions = {},
): Promise<FoundManifest | undefined> {
  const { folder, repository, tag } = wanted;
  const layout = await readLayout(files, wanted, options);
  const isThere =
    form === 'v4.0.0'
      ? (await files.size(manifestPath(folder, repository, tag))) !== undefined
      : layout.state === 'listed' && layout.tags.has(tag);
  return isThere ? await readTag(files, { ...wanted, layout }, options) : undefined;
}

/** Where the same tag names several images: which of them is meant cannot be known. */
export function conflictBetween(found: readonly WholeManifest[]): BrokenManifest | undefined {
  const [first] = found;
  if (first === undefined || found.every(({ descriptor }) => descriptor.digest === first.descriptor.digest))
    return undefined;
  const places = found.map(({ path, descriptor }) => `${JSON.stringify(path)} is ${descriptor.digest}`).join(', ');
  const error = new KubecrateError('DIGEST_MISMATCH', `conflict: one tag names several images: ${places}`, {
    hint: `delete the one that is out of date, or ${PULL_AGAIN}`,
  });
  return { state: 'broken', kind: 'conflict', path: found[1]?.path ?? first.path, error, mentions: new Set() };
}

function notThere(path: string, digest: Digest): BrokenManifest {
  const error = new NotFoundError(`${JSON.stringify(path)} is not there, and the file ${LAYOUT} names it`, {
    hint: PULL_AGAIN,
  });
  return { state: 'broken', kind: 'missing', path, error, mentions: new Set([digest]) };
}

async function readList(files: StoredFiles, path: string): Promise<ReadonlyMap<string, Digest> | undefined> {
  try {
    const bytes = await files.read(path, MAX_MANIFEST_SIZE);
    return bytes === undefined ? undefined : parseTagLayout(bytes);
  } catch (error) {
    if (hasCode(error, 'LIMIT_EXCEEDED')) return undefined;
    throw error;
  }
}
