/** The files of a chart in a directory, `.helmignore` obeyed, links followed while they stay in the tree. */

import { posix } from 'node:path';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { FileTree, TreeEntry } from '@kubecrate/files';
import { decodeString } from '@kubecrate/gotemplate';
import type { ChartFile } from './chart.ts';
import { type HelmIgnore, parseHelmIgnore } from './helm-ignore.ts';
import type { LoadBudget } from './load-budget.ts';
import { withoutByteOrderMark } from './text-file.ts';

/**
 * Reads the files below `directory` (empty for the root of the tree), sorted as Helm walks them.
 * Throws `INVALID_CHART`, `UNSAFE_PATH` for a link that leads out of the tree, `LIMIT_EXCEEDED`, `NOT_FOUND`.
 */
export async function readChartTree(tree: FileTree, directory: string, budget: LoadBudget): Promise<ChartFile[]> {
  const ignores = await readIgnoreFile(tree, directory, budget);
  const files: ChartFile[] = [];
  await walk(tree, directory, '', { ignores, budget, files, links: 0 });
  return files;
}

interface Walk {
  readonly ignores: HelmIgnore;
  readonly budget: LoadBudget;
  readonly files: ChartFile[];
  /** Links on the way to here. */
  readonly links: number;
}

/** As many links in one path as Linux follows. */
const MAX_LINKS = 40;

async function walk(tree: FileTree, directory: string, name: string, context: Walk): Promise<void> {
  const options = signalOf(context.budget);
  for (const entry of await tree.list(directory, options)) {
    const child = posix.join(name, posix.basename(entry.path));
    const target = await followLinks(tree, entry, context);
    if (target.entry.type === 'directory') {
      if (!context.ignores(child, 'directory'))
        await walk(tree, target.entry.path, child, { ...context, links: target.links });
      continue;
    }
    if (context.ignores(child, 'file')) continue;
    if (target.entry.type !== 'file') {
      throw new KubecrateError('INVALID_CHART', `cannot load irregular file ${JSON.stringify(entry.path)}`);
    }
    context.budget.file(child, target.entry.size);
    context.files.push({ name: child, data: await readFile(tree, target.entry, context.budget) });
  }
}

async function followLinks(
  tree: FileTree,
  entry: TreeEntry,
  context: Walk,
): Promise<{ readonly entry: TreeEntry; readonly links: number }> {
  let current = entry;
  let links = context.links;
  while (current.type === 'symlink') {
    links++;
    if (links > MAX_LINKS) throw unsafeLink(entry, `it goes through more than ${MAX_LINKS} links`);
    const target = current.linkTarget ?? '';
    const path = posix.join(posix.dirname(current.path), target);
    if (posix.isAbsolute(target) || path === '..' || path.startsWith('../')) {
      throw unsafeLink(entry, `it leads out of the chart, to ${target}`);
    }
    const next = await lookUp(tree, path.replace(/\/$/, ''), context.budget);
    if (next === undefined)
      throw new NotFoundError(`${JSON.stringify(entry.path)} is a link to ${target}, which is not there`);
    current = next;
  }
  return { entry: current, links };
}

/** The entry at a path; the tree itself follows no links in the parts before the last, and those of charts need none. */
async function lookUp(tree: FileTree, path: string, budget: LoadBudget): Promise<TreeEntry | undefined> {
  if (path === '.' || path === '') return ROOT;
  return tree.stat(path, signalOf(budget));
}

async function readIgnoreFile(tree: FileTree, directory: string, budget: LoadBudget): Promise<HelmIgnore> {
  const entry = await tree.stat(posix.join(directory, '.helmignore').replace(/^\.\//, ''), signalOf(budget));
  if (entry?.type !== 'file') return parseHelmIgnore('');
  budget.file('.helmignore', entry.size);
  return parseHelmIgnore(decodeString(await readFile(tree, entry, budget)));
}

async function readFile(tree: FileTree, entry: TreeEntry, budget: LoadBudget): Promise<Buffer> {
  const content = await tree.open(entry.path, signalOf(budget));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > budget.limits.maxFileBytes) budget.file(entry.path, size);
    chunks.push(chunk);
  }
  return withoutByteOrderMark(Buffer.concat(chunks));
}

function signalOf(budget: LoadBudget): { readonly signal?: AbortSignal } {
  return budget.signal === undefined ? {} : { signal: budget.signal };
}

function unsafeLink(entry: TreeEntry, why: string): KubecrateError {
  return new KubecrateError('UNSAFE_PATH', `refused the link ${JSON.stringify(entry.path)} in a chart: ${why}`, {
    hint: 'give the chart as an archive (helm package follows links), or copy what the link leads to into it',
  });
}

const ROOT: TreeEntry = { path: '', type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 };
