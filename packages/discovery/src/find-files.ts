/** Which files of a root file system are searched, and which directories are charts. */

import type { FileTree, TreeEntry } from '@kubecrate/files';
import type { ChartLocation } from './discovery.ts';
import { linkedPath, resolveFile } from './tree-text.ts';

/** One thing to search; `content` is the file that holds the bytes, another one than `path` where that is a link. */
export type Searched =
  | { readonly kind: 'list'; readonly path: string; readonly content: string }
  | {
      readonly kind: 'manifest';
      readonly path: string;
      readonly content: string;
      readonly format: 'yaml' | 'json';
      readonly appName?: string;
    }
  | { readonly kind: 'chart'; readonly chart: ChartLocation }
  | { readonly kind: 'passed-over'; readonly path: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/** A file that is searched as manifests, or that should be and cannot. */
export type FoundManifest = Extract<Searched, { kind: 'manifest' | 'unreadable' }>;

/** Where the image list of a cluster image is. */
export const IMAGE_LIST_PATH = 'manifests/imageList';

/** What `manifests/`, `application/` and `charts/` hold. Nothing inside of a chart is a manifest by itself. */
export async function* findFiles(tree: FileTree, signal?: AbortSignal): AsyncGenerator<Searched> {
  for (const root of ROOTS) {
    let inside: string | undefined;
    for await (const entry of tree.entries({ under: root, ...(signal === undefined ? {} : { signal }) })) {
      if (inside !== undefined && entry.path.startsWith(inside)) continue;
      inside = undefined;
      if (entry.type === 'directory') {
        if ((await tree.stat(`${entry.path}/Chart.yaml`))?.type !== 'file') continue;
        inside = `${entry.path}/`;
        yield { kind: 'chart', chart: { path: entry.path, kind: 'directory', ...appOf(entry.path) } };
      } else {
        yield* findFile(tree, entry, root, signal);
      }
    }
  }
}

/** Every manifest of a tree, whatever its directory. */
export async function* findManifests(tree: FileTree, signal?: AbortSignal): AsyncGenerator<FoundManifest> {
  for await (const entry of tree.entries(signal === undefined ? {} : { signal })) {
    if (entry.type === 'directory' || !MANIFEST.test(entry.path)) continue;
    const file = await resolveFile(tree, entry, signal);
    yield file === undefined ? unreadable(entry) : manifestAt(entry.path, file.path);
  }
}

async function* findFile(
  tree: FileTree,
  entry: TreeEntry,
  root: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Searched> {
  const { path } = entry;
  const linked = entry.type === 'symlink' ? await chartBehind(tree, entry) : undefined;
  if (linked !== undefined) {
    yield { kind: 'chart', chart: { path: linked, kind: 'directory', ...appOf(path) } };
    return;
  }
  if (CHART_ARCHIVE.test(path)) {
    yield { kind: 'chart', chart: { path, kind: 'archive', ...appOf(path) } };
    return;
  }
  const isManifest = MANIFEST.test(path);
  if (isManifest && root === 'charts') {
    if (!VALUES.test(path)) yield { kind: 'passed-over', path, reason: 'it is in charts/ and part of no chart' };
    return;
  }
  if (!isManifest && path !== IMAGE_LIST_PATH) return;
  const file = await resolveFile(tree, entry, signal);
  if (file === undefined) {
    yield unreadable(entry);
  } else if (path === IMAGE_LIST_PATH) {
    yield { kind: 'list', path, content: file.path };
  } else {
    yield { ...manifestAt(path, file.path), ...appOf(path) };
  }
}

/** The chart that a link leads to, unless it is found by itself. */
async function chartBehind(tree: FileTree, entry: TreeEntry): Promise<string | undefined> {
  const target = linkedPath(entry);
  if (target === undefined || ROOTS.some((root) => target.startsWith(`${root}/`))) return undefined;
  return (await tree.stat(`${target}/Chart.yaml`))?.type === 'file' ? target : undefined;
}

function manifestAt(path: string, content: string): FoundManifest {
  return { kind: 'manifest', path, content, format: /\.json$/i.test(path) ? 'json' : 'yaml' };
}

function unreadable({ path, linkTarget }: TreeEntry): FoundManifest {
  const reason = `it is a link to ${JSON.stringify(linkTarget)}, which is no file of this tree`;
  return { kind: 'unreadable', path, reason };
}

const ROOTS = ['application', 'charts', 'manifests'];
/** Values that lie beside a chart. */
const VALUES = /\.values\.ya?ml$/i;
const MANIFEST = /\.(?:ya?ml|json|tmpl)$/i;
const CHART_ARCHIVE = /\.tgz$/i;

function appOf(path: string): { readonly appName?: string } {
  const name = /^application\/apps\/([^/]+)\//.exec(`${path}/`)?.[1];
  return name === undefined ? {} : { appName: name };
}
