/** Finding the sources of COPY and ADD: paths, patterns, and files that are written in the Kubefile. */

import { NotFoundError } from '@kubecrate/errors';
import {
  type FileTree,
  globToMatcher,
  type IgnoreMatcher,
  isGlob,
  normalizePath,
  type TreeEntry,
  type TreeOptions,
} from '@kubecrate/files';
import { findSource } from './find-source.ts';

/** What is copied: a path or a pattern in a tree, or a file that is written in the Kubefile. */
export type CopyFrom =
  | {
      readonly kind: 'path';
      readonly tree: FileTree;
      readonly path: string;
      readonly ignore: IgnoreMatcher | undefined;
    }
  | { readonly kind: 'inline'; readonly name: string; readonly bytes: Uint8Array };

/** A source that was found: an entry of a tree, or bytes. */
export type Found =
  | {
      readonly kind: 'entry';
      readonly tree: FileTree;
      readonly entry: TreeEntry;
      /** What it was asked for by: a link is copied under its own name, with what it leads to. */
      readonly name: string;
      readonly ignore: IgnoreMatcher | undefined;
    }
  | { readonly kind: 'inline'; readonly name: string; readonly bytes: Uint8Array };

/**
 * What a source means in its tree: the entry of a path, those that a pattern matches, or the bytes of an inline file.
 * @throws NotFoundError; KubecrateError UNSAFE_PATH
 */
export async function findEntries(source: CopyFrom, options: TreeOptions): Promise<readonly Found[]> {
  if (source.kind === 'inline') return [source];
  const { tree, ignore } = source;
  const path = source.path.replace(/^\/+/, '');
  if (!isGlob(path)) {
    const entry = await findSource(tree, path, options);
    if (entry.path !== '' && ignore?.ignores(entry.path) === true) {
      throw new NotFoundError(`source ${JSON.stringify(path)} is left out by the ignore file`, {
        hint: 'take it back in with a line that begins with "!"',
      });
    }
    return [{ kind: 'entry', tree, entry, name: nameIn(path), ignore }];
  }
  const matches = await findMatches(tree, normalizePath(path), ignore, options);
  if (matches.length > 0) {
    return Promise.all(
      matches.map(async (match) => {
        const entry = match.type === 'symlink' ? await findSource(tree, match.path, options) : match;
        return { kind: 'entry', tree, entry, name: nameIn(match.path), ignore };
      }),
    );
  }
  throw new NotFoundError(`no file matches the source ${JSON.stringify(path)}`, {
    hint: 'patterns are relative to the context; look whether an ignore file leaves the files out',
  });
}

async function findMatches(
  tree: FileTree,
  pattern: string,
  ignore: IgnoreMatcher | undefined,
  options: TreeOptions,
): Promise<readonly TreeEntry[]> {
  const matches = globToMatcher(pattern);
  const depth = pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length;
  const found: TreeEntry[] = [];
  const prune = (entry: TreeEntry): boolean =>
    entry.path.split('/').length > depth ||
    ignore?.ignoresAll(entry.path) === true ||
    found.some((dir) => entry.path.startsWith(`${dir.path}/`));
  for await (const entry of tree.entries({ ...options, prune })) {
    if (matches(entry.path) && ignore?.ignores(entry.path) !== true) found.push(entry);
  }
  return found;
}

function nameIn(path: string): string {
  return path.split('/').findLast((part) => part !== '' && part !== '.') ?? '';
}
