/** The files of layers applied one over the other, as a tree. */

import { join } from 'node:path';
import { Readable } from 'node:stream';
import { NotFoundError } from '@kubecrate/errors';
import {
  type EntriesOptions,
  type FileExtent,
  type FileTree,
  normalizePath,
  type OpenOptions,
  type TarPosition,
  type TempDirectory,
  type TreeEntry,
  type TreeOptions,
  tempDirectory,
} from '@kubecrate/files';
import type { ContentRange, LayerContent } from './layer-content.ts';
import { Rootfs, type RootfsNode } from './rootfs.ts';

/** Where the bytes of a file are. */
interface NodeContent extends ContentRange {
  readonly layer: LayerContent;
}

type Node = RootfsNode<NodeContent>;

/** A tree over layers. What it keeps on disk is removed when it is disposed of. */
export class LayerTree implements FileTree, AsyncDisposable {
  readonly #rootfs = new Rootfs<NodeContent>();
  readonly #parent: string;
  #directory: Promise<TempDirectory> | undefined;
  #files = 0;

  /** Temporary files, where they are needed, go below `parent`. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Applies the entries of one more layer, whose content `layer` gives. */
  async add(positions: AsyncIterable<TarPosition>, layer: LayerContent): Promise<void> {
    this.#rootfs.beginLayer();
    for await (const { header, offset } of positions) {
      this.#rootfs.apply(header, header.size === 0 ? undefined : { layer, offset, length: header.size });
    }
  }

  /** A new path for temporary files, which are removed with the tree. */
  async temporaryPath(): Promise<string> {
    this.#directory ??= tempDirectory(this.#parent);
    this.#files += 1;
    return join((await this.#directory).path, String(this.#files));
  }

  async *entries({ under = '', prune, signal }: EntriesOptions = {}): AsyncGenerator<TreeEntry> {
    signal?.throwIfAborted();
    const start = normalizePath(under);
    const node = this.#rootfs.find(start);
    if (node === undefined) return;
    for (const entry of start === '' ? below('', node, prune) : withBelow(start, node, prune)) {
      signal?.throwIfAborted();
      yield entry;
    }
  }

  async stat(path: string, { signal }: TreeOptions = {}): Promise<TreeEntry | undefined> {
    signal?.throwIfAborted();
    const spelled = normalizePath(path);
    const node = spelled === '' ? undefined : this.#rootfs.find(spelled);
    return node === undefined ? undefined : entryOf(spelled, node);
  }

  async list(path: string, { signal }: TreeOptions = {}): Promise<readonly TreeEntry[]> {
    signal?.throwIfAborted();
    const directory = normalizePath(path);
    const node = this.#rootfs.find(directory);
    return node === undefined ? [] : children(directory, node).map(([place, child]) => entryOf(place, child));
  }

  async open(path: string, { start = 0, signal }: OpenOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const file = this.#file(path);
    if (file === undefined) throw new NotFoundError(`cannot read ${JSON.stringify(path)}: it is no file of this tree`);
    if (file === 'empty' || start >= file.length) return Readable.from([], { objectMode: false });
    return file.layer.open(file, { start, signal });
  }

  async identity(path: string, { signal }: TreeOptions = {}): Promise<object | undefined> {
    signal?.throwIfAborted();
    // A hard link shares the attributes of its file.
    return this.#rootfs.find(normalizePath(path))?.attributes;
  }

  async extent(path: string, { signal }: TreeOptions = {}): Promise<FileExtent | undefined> {
    signal?.throwIfAborted();
    const file = this.#file(path);
    return file === undefined || file === 'empty' ? undefined : file.layer.extent(file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const directory = this.#directory;
    this.#directory = undefined;
    await (await directory)?.[Symbol.asyncDispose]();
  }

  #file(path: string): NodeContent | 'empty' | undefined {
    const node = this.#rootfs.find(normalizePath(path));
    return node?.attributes.type === 'file' ? (node.content ?? 'empty') : undefined;
  }
}

function* below(directory: string, node: Node, prune: EntriesOptions['prune']): Generator<TreeEntry> {
  for (const [path, child] of children(directory, node)) yield* withBelow(path, child, prune);
}

function* withBelow(path: string, node: Node, prune: EntriesOptions['prune']): Generator<TreeEntry> {
  const entry = entryOf(path, node);
  if (prune?.(entry) === true) return;
  yield entry;
  yield* below(path, node, prune);
}

function children(directory: string, node: Node): readonly (readonly [path: string, node: Node])[] {
  const names = [...(node.children?.keys() ?? [])].sort();
  return names.flatMap((name) => {
    const child = node.children?.get(name);
    return child === undefined ? [] : [[directory === '' ? name : `${directory}/${name}`, child] as const];
  });
}

function entryOf(path: string, node: Node): TreeEntry {
  return { path, ...node.attributes };
}
