/** The entries of a tar, one header after the other: what is read from anywhere is held against rules and limits first. */

import { posix } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import { type PaxRecords, parsePax } from './pax.ts';
import { normalizePath, unsafePath } from './safe-path.ts';
import { archiveText, endsEarly, invalidArchive, isZeroBlock, parseTarBlock, type TarBlock } from './tar-block.ts';
import { paddingSize, TAR_BLOCK } from './tar-format.ts';
import type { TarSource } from './tar-source.ts';
import type { TreeEntry } from './tree.ts';

/** An entry of a tar. A `link` is a hard link: the file that an earlier entry, `linkTarget`, made. */
export interface TarHeader extends Omit<TreeEntry, 'type'> {
  readonly type: TreeEntry['type'] | 'link';
}

/** What an archive may ask for at most. */
export interface TarLimits {
  readonly maxEntries?: number;
  /** Bytes of the archive, unpacked from its compression. */
  readonly maxBytes?: number;
  /** Characters of a path or a link target. */
  readonly maxPathLength?: number;
}

export interface TarOptions {
  /**
   * `archive`, unless given: devices, links that lead out of the root, two files of one path, and a missing end are errors.
   * `layer`: as layers of images are written, all of these are passed on. Their digest says that they are whole.
   * Either way no path and no hard link leaves the root.
   */
  readonly rules?: 'archive' | 'layer';
  readonly limits?: TarLimits;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link readTar} gives for each entry. */
export interface TarPosition {
  readonly header: TarHeader;
  /** Where the content begins in the archive. */
  readonly offset: number;
}

/**
 * Reads a tar to its end. Whoever asks for the next entry has read, or passes over, what is left of this one's content.
 * @throws KubecrateError INVALID_ARCHIVE, UNSAFE_PATH, LIMIT_EXCEEDED, UNSUPPORTED
 */
export async function* readTar(source: TarSource, options: TarOptions): AsyncGenerator<TarPosition> {
  const { rules = 'archive', signal } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = new Set<string>();
  let entries = 0;
  for (;;) {
    signal?.throwIfAborted();
    const found = await nextEntry(source, rules, limits);
    if (found === undefined) return;
    entries += 1;
    if (entries > limits.maxEntries) throw limitExceeded(`more than ${limits.maxEntries} entries`);
    const header = headerOf(found.block, found.pax, rules, limits);
    if (rules === 'archive' && header.type !== 'directory') {
      if (files.has(header.path)) throw invalidArchive(`it holds ${JSON.stringify(header.path)} twice`);
      files.add(header.path);
    }
    const offset = source.position;
    const end = offset + header.size + paddingSize(header.size);
    if (end > limits.maxBytes) throw limitExceeded(`more than ${limits.maxBytes} bytes`);
    // The root is in every archive of "." and is no entry of a tree.
    if (header.path !== '') yield { header, offset };
    await skipTo(source, end);
  }
}

const DEFAULT_LIMITS: Required<TarLimits> = {
  maxEntries: 2_000_000,
  maxBytes: 16 * 1024 ** 4,
  maxPathLength: 4096,
};

/** Long names and PAX records are read into memory. Bytes. */
const MAX_RECORDS = 1024 * 1024;

type Rules = NonNullable<TarOptions['rules']>;

interface Found {
  readonly block: TarBlock;
  readonly pax: PaxRecords;
}

async function nextEntry(source: TarSource, rules: Rules, limits: Required<TarLimits>): Promise<Found | undefined> {
  let pax: PaxRecords = {};
  let announced = 0;
  for (;;) {
    const bytes = await source.read(TAR_BLOCK);
    if (bytes.byteLength === 0 && announced === 0 && rules === 'layer') return undefined;
    if (bytes.byteLength < TAR_BLOCK) throw endsEarly('where a header should be');
    if (isZeroBlock(bytes)) {
      if (announced > 0) throw invalidArchive('it ends after a long name');
      await readEnd(source, rules, limits);
      return undefined;
    }
    const block = parseTarBlock(bytes);
    if (block.type === 'S') throw invalidArchive('it holds a sparse file', 'make the archive without --sparse');
    if (!ANNOUNCING.has(block.type)) return { block, pax };
    announced += 1;
    if (announced > MAX_ANNOUNCED) throw invalidArchive('it holds headers that belong to no entry');
    const records = await readRecords(source, block.size);
    if (block.type === 'x') pax = { ...pax, ...parsePax(records) };
    else if (block.type === 'g') refuseGlobal(parsePax(records));
    else pax = { ...pax, [block.type === 'L' ? 'path' : 'linkpath']: untilNul(records) };
  }
}

/** PAX header, global PAX header, GNU long name, GNU long link name: they say something about the entry after them. */
const ANNOUNCING = new Set(['x', 'g', 'L', 'K']);

/** Of these, an entry has one of each at most. */
const MAX_ANNOUNCED = 8;

async function readRecords(source: TarSource, size: number): Promise<Buffer> {
  if (size > MAX_RECORDS) throw limitExceeded(`a header of ${size} bytes`);
  const records = await source.read(size);
  if (records.byteLength < size) throw endsEarly('within a header');
  await skipTo(source, source.position + paddingSize(size));
  return records;
}

/** Global records name the program or a commit. One that gives all files one path or size is made to confuse. */
function refuseGlobal(records: PaxRecords): void {
  const key = Object.keys(records).find((name) => name === 'path' || name === 'linkpath' || name === 'size');
  if (key !== undefined) throw invalidArchive(`a global PAX header gives a ${key}`);
}

/** After the first block of zeros comes a second, and then nothing but filling; all of it is read, as a checksum may follow. */
async function readEnd(source: TarSource, rules: Rules, limits: Required<TarLimits>): Promise<void> {
  const second = await source.read(TAR_BLOCK);
  if (second.byteLength < TAR_BLOCK && rules === 'archive') throw endsEarly('within its end');
  if (!isZeroBlock(second)) throw invalidArchive('a block of zeros stands between its entries');
  const limit = limits.maxBytes - source.position;
  if ((await source.skip(limit + 1)) > limit) throw limitExceeded(`more than ${limits.maxBytes} bytes`);
}

async function skipTo(source: TarSource, end: number): Promise<void> {
  const missing = end - source.position;
  if ((await source.skip(missing)) < missing) throw endsEarly('within the content of an entry');
}

function headerOf(block: TarBlock, pax: PaxRecords, rules: Rules, limits: Required<TarLimits>): TarHeader {
  const name = pax.path ?? block.name;
  if (name.length > limits.maxPathLength) throw limitExceeded(`a path of ${name.length} characters`);
  const path = normalizePath(name);
  const type = block.type === '0' && name.endsWith('/') ? 'directory' : TYPES[block.type];
  if (type === undefined) throw unsupported(path, `its type is ${JSON.stringify(block.type)}`);
  if (type === 'other' && rules === 'archive') throw unsupported(path, 'it is a device or a FIFO');
  if (path === '' && type !== 'directory') throw invalidArchive('an entry has no name');
  const linkTarget = linkTargetOf(path, type, pax.linkpath ?? block.linkName, rules, limits);
  return {
    path,
    type,
    // Only files have content; what other entries say is for whoever made them.
    size: type === 'file' ? (pax.size ?? block.size) : 0,
    mode: block.mode & 0o7777,
    uid: pax.uid ?? block.uid,
    gid: pax.gid ?? block.gid,
    mtime: pax.mtime ?? block.mtime,
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

const TYPES: Readonly<Record<string, TarHeader['type']>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'other',
  '4': 'other',
  '5': 'directory',
  '6': 'other',
  '7': 'file',
};

function linkTargetOf(
  path: string,
  type: TarHeader['type'],
  target: string,
  rules: Rules,
  limits: Required<TarLimits>,
): string | undefined {
  if (type !== 'link' && type !== 'symlink') return undefined;
  if (target.length > limits.maxPathLength) throw limitExceeded(`a link target of ${target.length} characters`);
  if (target === '' || target.includes('\0')) throw invalidArchive(`the link ${JSON.stringify(path)} has no target`);
  if (type === 'link') return normalizePath(target);
  if (rules === 'archive' && leadsOut(path, target))
    throw unsafePath(path, `it is a link that leads out to ${JSON.stringify(target)}`);
  return target;
}

function leadsOut(path: string, target: string): boolean {
  const aim = posix.join(posix.dirname(path), target);
  return target.startsWith('/') || aim === '..' || aim.startsWith('../');
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return archiveText(end === -1 ? bytes : bytes.subarray(0, end));
}

function unsupported(path: string, why: string): KubecrateError {
  return new KubecrateError('UNSUPPORTED', `cannot read the archive: ${JSON.stringify(path)} is not supported, ${why}`);
}

function limitExceeded(what: string): KubecrateError {
  return new KubecrateError('LIMIT_EXCEEDED', `cannot read the archive: it holds ${what}, more than is allowed`, {
    hint: 'an archive like this is made to fill disks or memory; if it is really yours, make it smaller',
  });
}
