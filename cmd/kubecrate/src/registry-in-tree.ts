/** The registry directory among the files of a cluster image. */

import type { Namespace, ReadOnlyTarget } from '@kubecrate/content';
import type { FileTree } from '@kubecrate/files';
import { registryFilesNamespace } from '@kubecrate/stores';
import { subtree } from './subtree.ts';

/** What its registry serves, or undefined where there is none; `where` is what errors call the image. */
export async function registryInTree(tree: FileTree, where: string): Promise<Namespace<ReadOnlyTarget> | undefined> {
  if ((await tree.stat(`${REGISTRY}/docker/registry/v2`))?.type !== 'directory') return undefined;
  return registryFilesNamespace(subtree(tree, REGISTRY), { where });
}

/** Where a cluster image has its registry directory. */
const REGISTRY = 'registry';
