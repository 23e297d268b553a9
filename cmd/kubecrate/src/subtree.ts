/** A directory of a tree as a tree of its own. */

import type { FileTree, TreeEntry } from '@kubecrate/files';

/** Everything below `directory`, with paths that begin there. */
export function subtree(tree: FileTree, directory: string): FileTree {
  const inner = (path: string): string => (path === '' ? directory : `${directory}/${path}`);
  const outer = (entry: TreeEntry): TreeEntry => ({ ...entry, path: entry.path.slice(directory.length + 1) });
  const { extent } = tree;
  return {
    async *entries({ under, prune, ...options } = {}) {
      const pruned =
        prune === undefined ? {} : { prune: (entry: TreeEntry) => entry.path !== directory && prune(outer(entry)) };
      for await (const entry of tree.entries({ ...options, ...pruned, under: inner(under ?? '') })) {
        if (entry.path !== directory) yield outer(entry);
      }
    },
    async stat(path, options) {
      const entry = await tree.stat(inner(path), options);
      return entry === undefined ? undefined : outer(entry);
    },
    async list(path, options) {
      return (await tree.list(inner(path), options)).map(outer);
    },
    open: (path, options) => tree.open(inner(path), options),
    ...(extent === undefined ? {} : { extent: (path, options) => extent.call(tree, inner(path), options) }),
  };
}
