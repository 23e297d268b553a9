/** The entries of a tar, one header after the other: what is read from anywhere is held against rules and limits first. */

import {
  checkTarHeader,
  DEFAULT_LIMITS,
  limitExceeded,
  type TarHeader,
  type TarLimits,
  type TarOptions,
  type TarRules,
} from './check-tar-header.ts';
import { type PaxRecords, parsePax } from './pax.ts';
import {
  archiveText,
  beginsTar,
  endsEarly,
  invalidArchive,
  isZeroBlock,
  noTar,
  parseTarBlock,
  type TarBlock,
} from './tar-block.ts';
import { paddingSize, TAR_BLOCK } from './tar-format.ts';
import type { TarSource } from './tar-source.ts';

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
    const header = checkTarHeader(found.block, found.pax, rules, limits);
    if (rules !== 'layer' && header.type !== 'directory') {
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

/** Long names and PAX records are read into memory. Bytes. */
const MAX_RECORDS = 1024 * 1024;

interface Found {
  readonly block: TarBlock;
  readonly pax: PaxRecords;
}

async function nextEntry(source: TarSource, rules: TarRules, limits: Required<TarLimits>): Promise<Found | undefined> {
  let pax: PaxRecords = {};
  let announced = 0;
  for (;;) {
    const begin = source.position;
    const bytes = await source.read(TAR_BLOCK);
    if (begin === 0 && bytes.byteLength > 0 && !beginsTar(bytes)) throw noTar();
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
async function readEnd(source: TarSource, rules: TarRules, limits: Required<TarLimits>): Promise<void> {
  const second = await source.read(TAR_BLOCK);
  if (second.byteLength < TAR_BLOCK && rules !== 'layer') throw endsEarly('within its end');
  if (!isZeroBlock(second)) throw invalidArchive('a block of zeros stands between its entries');
  const limit = limits.maxBytes - source.position;
  if ((await source.skip(limit + 1)) > limit) throw limitExceeded(`more than ${limits.maxBytes} bytes`);
}

async function skipTo(source: TarSource, end: number): Promise<void> {
  const missing = end - source.position;
  if ((await source.skip(missing)) < missing) throw endsEarly('within the content of an entry');
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return archiveText(end === -1 ? bytes : bytes.subarray(0, end));
}
