/** What a command made or changed, taken out of the file system that its container exports. */

import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContainerChanges } from '@kubecrate/content';
import { fileError } from '@kubecrate/errors';
import { comparePaths, type TarHeader, type TarInput, tarEntries } from '@kubecrate/files';

export interface ChangedFilesOptions {
  /** A new file, which holds the contents as long as the entries are used. */
  readonly spool: string;
  /** Seconds since 1970, of every entry. */
  readonly mtime: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The entries for what was made or changed. Of paths that are hard links of one file, the first in the order of paths is the file and
 * the others are links to it, whatever the order in which the engine lists them; those that did not change are not among them.
 * @throws KubecrateError INVALID_ARCHIVE for what is no tar, NO_SPACE
 */
export async function changedFiles(
  { changed, export: exported }: Pick<ContainerChanges, 'changed' | 'export'>,
  { spool, mtime, signal }: ChangedFilesOptions,
): Promise<readonly TarInput[]> {
  const contents = new SpooledEntries(spool, signal);
  const wanted = new Set(changed);
  await contents.take(await exported(), wanted);
  const names = new Map<string, string[]>();
  for (const path of changed) {
    const file = contents.fileOf(path);
    const known = names.get(file);
    if (known === undefined) names.set(file, [path]);
    else known.push(path);
  }
  // New names of files that did not change: their content comes along, for no link may lead to a layer below.
  const unchanged = [...names.keys()].filter((path) => !wanted.has(path));
  if (unchanged.length > 0) await contents.take(await exported(), new Set(unchanged));
  return [...names].flatMap(([file, paths]) => contents.inputs(file, paths.sort(comparePaths), mtime));
}

interface Spooled {
  readonly header: TarHeader;
  readonly offset: number;
}

/** Some entries of a tar, the bytes of their files one after the other on disk. */
class SpooledEntries {
  /** The hard links of the tar, and the paths of their files. */
  readonly #links = new Map<string, string>();
  readonly #entries = new Map<string, Spooled>();
  readonly #spool: string;
  readonly #signal: AbortSignal | undefined;
  #size = 0;

  constructor(spool: string, signal: AbortSignal | undefined) {
    this.#spool = spool;
    this.#signal = signal;
  }

  async take(tar: Readable, wanted: ReadonlySet<string>): Promise<void> {
    const signal = this.#signal;
    try {
      await pipeline(() => this.#contents(tar, wanted), createWriteStream(this.#spool, { flags: 'a' }), { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(`cannot write ${JSON.stringify(this.#spool)}`, error);
    }
  }

  /** The path of the entry that is the file itself. */
  fileOf(path: string): string {
    return this.#links.get(path) ?? path;
  }

  inputs(file: string, [first = file, ...others]: readonly string[], mtime: number): readonly TarInput[] {
    const spooled = this.#entries.get(file);
    // Engines list changes of what they mount over, which is in no export.
    if (spooled === undefined) return [];
    const entry: TarHeader = { ...spooled.header, mtime };
    if (entry.type !== 'file') return [first, ...others].map((path) => ({ entry: { ...entry, path } }));
    const link: TarHeader = { ...entry, type: 'link', size: 0, linkTarget: first };
    return [
      { entry: { ...entry, path: first }, ...(entry.size === 0 ? {} : { open: async () => this.#open(spooled) }) },
      ...others.map((path) => ({ entry: { ...link, path } })),
    ];
  }

  async *#contents(tar: Readable, wanted: ReadonlySet<string>): AsyncGenerator<Buffer> {
    for await (const { header, content } of tarEntries(tar, { rules: 'layer', signal: this.#signal })) {
      const { path, type, linkTarget } = header;
      if (type === 'link' && linkTarget !== undefined) this.#links.set(path, this.fileOf(linkTarget));
      if (type === 'link' || !wanted.has(path)) continue;
      this.#entries.set(path, { header, offset: this.#size });
      this.#size += header.size;
      yield* content;
    }
  }

  #open({ header, offset }: Spooled): Readable {
    return createReadStream(this.#spool, { start: offset, end: offset + header.size - 1 });
  }
}
