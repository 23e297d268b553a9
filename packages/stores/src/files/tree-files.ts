/** {@link StoredFiles} of a tree: the root file system of an image, a tarball. */

import type { Segment } from '@kubecrate/content';
import type { FileTree } from '@kubecrate/files';
import { tooLarge } from './directory-files.ts';
import type { StoredFiles } from './stored-files.ts';

/** `where` names the tree in errors. */
export function treeFiles(tree: FileTree, where: string): StoredFiles {
  const size = async (path: string): Promise<number | undefined> => {
    const entry = await tree.stat(path);
    return entry?.type === 'file' ? entry.size : undefined;
  };
  return {
    where,
    size,
    async read(path, limit, { signal } = {}): Promise<Buffer | undefined> {
      const bytes = await size(path);
      if (bytes === undefined) return undefined;
      if (bytes > limit) throw tooLarge(`${where}: ${path}`, bytes, limit);
      const chunks: Buffer[] = [];
      for await (const chunk of await tree.open(path, signal === undefined ? {} : { signal })) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    open: (path, start, { signal } = {}) => tree.open(path, { start, ...(signal === undefined ? {} : { signal }) }),
    async names(path, type): Promise<readonly string[]> {
      const prefix = path === '' ? '' : `${path}/`;
      const children = await tree.list(path);
      return children.filter((child) => child.type === type).map((child) => child.path.slice(prefix.length));
    },
    async segment(path): Promise<Segment | undefined> {
      const extent = await tree.extent?.(path);
      return extent === undefined ? undefined : { kind: 'file', ...extent };
    },
  };
}
