/** COPY and ADD: from an instruction to one layer of files. */

import { toldWith } from '@kubecrate/errors';
import type { FileTree, IgnoreMatcher } from '@kubecrate/files';
import type { ExpandedAdd, ExpandedCopy, InlineSource, PathSource, UrlSource } from '@kubecrate/kubefile';
import { type CopyRequest, copyEntries } from './copy-entries.ts';
import type { CopyFrom } from './find-entries.ts';
import { findSource } from './find-source.ts';
import { resolveOwner } from './owner.ts';
import type { StageContext } from './stage-context.ts';
import { type StageImage, withLayer } from './stage-image.ts';

/** The image with the layer that the instruction makes. @throws KubecrateError, NotFoundError for a source that cannot be copied */
export async function applyCopy(
  image: StageImage,
  instruction: ExpandedCopy | ExpandedAdd,
  stage: StageContext,
): Promise<StageImage> {
  const { keyword, destination, sources, excludes, chown, chmod } = instruction;
  const from = keyword === 'COPY' ? instruction.from : undefined;
  const tree = from === undefined ? stage.context : await stage.from(from);
  const ignore = from === undefined ? stage.ignore : undefined;
  const rootfs = await stage.rootfs(image);
  const request: CopyRequest = {
    sources: await Promise.all(
      sources.map((source) =>
        copyFrom(source, { tree, ignore, stage, add: keyword === 'ADD' ? instruction : undefined }),
      ),
    ),
    destination,
    excludes,
    owner: chown === undefined ? undefined : await resolveOwner(chown, rootfs, stage),
    mode: chmod,
    mtime: stage.mtime,
    rootfs,
  };
  const entries = await copyEntries(request, stage);
  const names = sources.map((source) =>
    source.type === 'path' ? source.path : source.type === 'url' ? source.url : `<<${source.name}`,
  );
  return withLayer(image, await stage.pack(entries), `${keyword} ${[...names, destination].join(' ')}`);
}

async function copyFrom(
  source: PathSource | UrlSource | InlineSource,
  {
    tree,
    ignore,
    stage,
    add,
  }: { tree: FileTree; ignore: IgnoreMatcher | undefined; stage: StageContext; add: ExpandedAdd | undefined },
): Promise<CopyFrom> {
  if (source.type === 'inline') return { kind: 'inline', name: source.name, bytes: Buffer.from(source.content) };
  if (source.type === 'url') {
    const file = await stage.download(source.url, add?.checksum);
    return { kind: 'path', tree: file.tree, path: file.name, ignore: undefined };
  }
  // ADD unpacks local archives; COPY never does.
  const unpacked = add === undefined ? undefined : await unpack(tree, source.path, stage);
  if (unpacked !== undefined) return { kind: 'path', tree: unpacked, path: '', ignore: undefined };
  return { kind: 'path', tree, path: source.path, ignore };
}

async function unpack(tree: FileTree, path: string, stage: StageContext): Promise<FileTree | undefined> {
  if (/[*?[]/.test(path)) return undefined;
  const entry = await findSource(tree, path.replace(/^\/+/, ''), stage);
  if (entry.type !== 'file') return undefined;
  try {
    return await stage.archive(tree, entry.path);
  } catch (error) {
    throw toldWith(`cannot unpack ${JSON.stringify(path)}`, error);
  }
}
