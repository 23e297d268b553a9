/**
 * The root file system that layers make, one applied over the other (OCI image-spec layer.md, "Applying Changesets"): names and
 * attributes in memory, content wherever it is. No I/O happens here.
 */

import { KubecrateError } from '@kubecrate/errors';
import type { TarHeader, TreeEntry } from '@kubecrate/files';

/** A file, directory or link, and where it came from. `C` is what finds the content of a file again. */
export interface RootfsNode<C> {
  readonly attributes: Omit<TreeEntry, 'path'>;
  /** Number of the layer that put it there. */
  readonly layer: number;
  readonly content: C | undefined;
  /** Only directories have children. */
  readonly children: Map<string, RootfsNode<C>> | undefined;
}

/** A whiteout hides what has its name without this (layer.md, "Whiteouts"). */
const WHITEOUT = '.wh.';
/** Hides everything that lower layers put into its directory ("Opaque Whiteout"). */
const OPAQUE = '.wh..wh..opq';
/** Other names like that are the bookkeeping of AUFS. */
const BOOKKEEPING = '.wh..wh.';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

export class Rootfs<C> {
  readonly #root: RootfsNode<C> = directory(0);
  #layer = 0;

  /** From here on entries belong to the next layer. */
  beginLayer(): void {
    this.#layer += 1;
  }

  /**
   * Applies one entry of the current layer. The order of whiteouts among the entries does not matter: they hide lower layers only.
   * @throws KubecrateError INVALID_ARCHIVE for an entry below a file, and for a hard link to nothing
   */
  apply(header: TarHeader, content: C | undefined): void {
    const parts = header.path.split('/');
    const name = parts.pop() ?? '';
    if (name.startsWith(WHITEOUT)) {
      this.#hide(parts, name);
      return;
    }
    const parent = this.#directory(parts, header.path);
    const old = parent.get(name);
    parent.set(name, this.#node(header, content, old?.children));
  }

  /** The node at a path; links are not followed. */
  find(path: string): RootfsNode<C> | undefined {
    let node: RootfsNode<C> | undefined = this.#root;
    for (const part of path === '' ? [] : path.split('/')) node = node?.children?.get(part);
    return node;
  }

  #node(header: TarHeader, content: C | undefined, children: RootfsNode<C>['children']): RootfsNode<C> {
    const { path, type, ...rest } = header;
    if (type === 'link') return { ...this.#linked(path, header.linkTarget ?? ''), layer: this.#layer };
    const kept = type === 'directory' ? (children ?? new Map()) : undefined;
    return { attributes: { ...rest, type }, layer: this.#layer, content, children: kept };
  }

  #linked(path: string, target: string): RootfsNode<C> {
    const parts = target.split('/');
    const name = parts.pop() ?? '';
    const node = this.#existing(parts)?.get(name);
    if (node !== undefined && node.children === undefined) return node;
    throw invalidLayer(`the hard link ${JSON.stringify(path)} leads to ${JSON.stringify(target)}, which is no file`);
  }

  #hide(parts: readonly string[], name: string): void {
    const siblings = this.#existing(parts);
    if (siblings === undefined) return;
    if (name === OPAQUE) removeLower(siblings, this.#layer);
    if (name.startsWith(BOOKKEEPING)) return;
    const hidden = name.slice(WHITEOUT.length);
    const node = siblings.get(hidden);
    if (node !== undefined && isEmptied(node, this.#layer)) siblings.delete(hidden);
  }

  /** The directory at a path, links followed within the root; what is missing of it is made. */
  #directory(parts: readonly string[], path: string): Map<string, RootfsNode<C>> {
    const children = this.#walk(parts, (siblings, part) => {
      const made = directory<C>(this.#layer);
      siblings.set(part, made);
      return made;
    });
    if (children === undefined) throw invalidLayer(`${JSON.stringify(path)} is below a file, or links go round`);
    return children;
  }

  #existing(parts: readonly string[]): Map<string, RootfsNode<C>> | undefined {
    return this.#walk(parts, () => undefined);
  }

  #walk(
    parts: readonly string[],
    missing: (siblings: Map<string, RootfsNode<C>>, part: string) => RootfsNode<C> | undefined,
  ): Map<string, RootfsNode<C>> | undefined {
    const pending = [...parts].reverse();
    let way: RootfsNode<C>[] = [this.#root];
    let links = 0;
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      const siblings = way.at(-1)?.children;
      if (siblings === undefined) return undefined;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        // As in a chroot, there is nothing above the root.
        if (way.length > 1) way.pop();
        continue;
      }
      const node = siblings.get(part) ?? missing(siblings, part);
      const target = node?.attributes.linkTarget;
      if (node === undefined) return undefined;
      if (target === undefined) {
        way.push(node);
        continue;
      }
      links += 1;
      if (links > MAX_LINKS) return undefined;
      if (target.startsWith('/')) way = [this.#root];
      pending.push(...target.split('/').reverse());
    }
    return way.at(-1)?.children;
  }
}

function directory<C>(layer: number): RootfsNode<C> {
  const attributes = { type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0, mtime: 0 } as const;
  return { attributes, layer, content: undefined, children: new Map() };
}

/** Takes away what layers below `layer` put there; directories stay as long as something is in them. */
function removeLower<C>(siblings: Map<string, RootfsNode<C>>, layer: number): void {
  for (const [name, node] of siblings) if (isEmptied(node, layer)) siblings.delete(name);
}

/** True where nothing of `layer` itself is left of a node. */
function isEmptied<C>(node: RootfsNode<C>, layer: number): boolean {
  if (node.children !== undefined) removeLower(node.children, layer);
  return node.layer < layer && (node.children?.size ?? 0) === 0;
}

function invalidLayer(why: string): KubecrateError {
  return new KubecrateError('INVALID_ARCHIVE', `cannot apply the layer: ${why}`, {
    hint: 'the image was made wrongly, or to do harm',
  });
}
