/** PAX extended header records (POSIX.1-2017 pax, "pax Extended Header"). */

import { archiveText, invalidArchive } from './tar-block.ts';

/** What the records say about the next entry; unknown keywords are left out. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
}

/** @throws KubecrateError INVALID_ARCHIVE for records that are malformed, and for a sparse file, which is not supported */
export function parsePax(bytes: Buffer): PaxRecords {
  const texts: Record<string, string> = {};
  for (const [key, value] of recordsOf(bytes)) {
    if (key.startsWith('GNU.sparse.'))
      throw invalidArchive('it holds a sparse file', 'make the archive without --sparse');
    // An empty value takes back what a global header said, and is no value.
    if (TEXTS.has(key) || NUMBERS.has(key)) texts[key] = value;
  }
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      value === '' ? [] : [[key, TEXTS.has(key) ? value : numberOf(key, value)]],
    ),
  );
}

const TEXTS = new Set(['path', 'linkpath']);
const NUMBERS = new Set(['size', 'uid', 'gid', 'mtime']);

function* recordsOf(bytes: Buffer): Generator<readonly [string, string]> {
  let offset = 0;
  while (offset < bytes.byteLength) {
    const blank = bytes.indexOf(0x20, offset);
    const digits = blank === -1 ? '' : bytes.toString('latin1', offset, blank);
    const end = offset + Number(digits);
    const equals = bytes.indexOf(0x3d, blank);
    if (
      !/^[0-9]{1,10}$/.test(digits) ||
      end > bytes.byteLength ||
      bytes[end - 1] !== 0x0a ||
      equals === -1 ||
      equals >= end
    ) {
      throw invalidArchive('a PAX header is malformed');
    }
    const key = bytes.toString('latin1', blank + 1, equals);
    const value = bytes.subarray(equals + 1, end - 1);
    // Values of other keywords (extended attributes) are bytes, not text.
    if (TEXTS.has(key) || NUMBERS.has(key) || key.startsWith('GNU.sparse.')) yield [key, archiveText(value)];
    offset = end;
  }
}

/** Whole seconds, bytes or ids; a time may be negative and have a fraction, which is cut. */
function numberOf(key: string, text: string): number {
  const value = Math.floor(Number(text));
  const form = key === 'mtime' ? /^-?[0-9]+(\.[0-9]*)?$/ : /^[0-9]+$/;
  if (!form.test(text) || !Number.isSafeInteger(value))
    throw invalidArchive(`the PAX record ${key} is ${JSON.stringify(text.slice(0, 100))}`);
  return value;
}
