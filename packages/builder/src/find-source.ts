/** Finding what COPY names in a tree: links are followed, but never out of it. */

import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { FileTree, TreeEntry, TreeOptions } from '@kubecrate/files';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/**
 * The entry that a path means, with every link on the way followed.
 * The top of the tree is the entry with the empty path.
 * @throws KubecrateError UNSAFE_PATH where the path, or a link on it, leaves the tree; NotFoundError
 */
export async function findSource(tree: FileTree, path: string, options: TreeOptions): Promise<TreeEntry> {
  const pending = path.split('/');
  let links = 0;
  let at: string[] = [];
  let entry: TreeEntry = TOP;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.length === 0) throw leaves(path, '".." goes above its top');
      at.pop();
      entry = at.length === 0 ? TOP : await require(tree, at.join('/'), path, options);
      continue;
    }
    if (entry.type !== 'directory') throw missing(path, `${JSON.stringify(entry.path)} is not a directory`);
    entry = await require(tree, [...at, part].join('/'), path, options);
    if (entry.type !== 'symlink') {
      at = [...at, part];
      continue;
    }
    links += 1;
    const target = entry.linkTarget ?? '';
    if (links > MAX_LINKS) throw missing(path, 'its links go in a circle');
    if (target.startsWith('/'))
      throw leaves(path, `the link ${JSON.stringify(entry.path)} points to ${JSON.stringify(target)}`);
    pending.unshift(...target.split('/'));
    entry = at.length === 0 ? TOP : await require(tree, at.join('/'), path, options);
  }
  return entry;
}

const TOP: TreeEntry = { path: '', type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 };

async function require(tree: FileTree, at: string, path: string, options: TreeOptions): Promise<TreeEntry> {
  const entry = await tree.stat(at, options);
  if (entry === undefined)
    throw missing(path, at === path ? 'there is no such file' : `there is no ${JSON.stringify(at)}`);
  return entry;
}

function leaves(path: string, reason: string): KubecrateError {
  return new KubecrateError('UNSAFE_PATH', `source ${JSON.stringify(path)} leaves the context: ${reason}`, {
    hint: 'put the file into the context, or build with a context that holds it',
  });
}

function missing(path: string, reason: string): NotFoundError {
  return new NotFoundError(`source ${JSON.stringify(path)} is not there: ${reason}`, {
    hint: 'paths are relative to the context; look whether an ignore file leaves it out',
  });
}
