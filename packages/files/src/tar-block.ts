/** Reading one header block of a tar: ustar, GNU and the old v7 form. */

import { isUtf8 } from 'node:buffer';
import { KubecrateError } from '@kubecrate/errors';
import { checksumOf, FIELDS, type FieldName, TAR_BLOCK } from './tar-format.ts';

/** The fields of a header block as they are written there. */
export interface TarBlock {
  /** One character: `0` a file, `5` a directory, `x` a PAX header, ... */
  readonly type: string;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
}

/** True for a block of zeros. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** @throws KubecrateError INVALID_ARCHIVE where the block is no tar header */
export function parseTarBlock(block: Buffer): TarBlock {
  if (block.byteLength !== TAR_BLOCK || checksumOf(block) !== numberAt(block, 'checksum')) {
    throw invalidArchive('the checksum of a header is wrong', CHECK_FILE);
  }
  const type = textAt(block, FIELDS.type);
  const name = textAt(block, FIELDS.name);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, prefixField(block)) : '';
  return {
    type: type === '' ? '0' : type,
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: textAt(block, FIELDS.linkName),
    mode: numberAt(block, 'mode'),
    uid: numberAt(block, 'uid'),
    gid: numberAt(block, 'gid'),
    size: numberAt(block, 'size'),
    mtime: numberAt(block, 'mtime'),
  };
}

const CHECK_FILE = 'check that the file is a tar archive and is not damaged';

/** Bytes of an archive as text. @throws KubecrateError INVALID_ARCHIVE where they are not UTF-8 */
export function archiveText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw invalidArchive(`the name ${JSON.stringify(bytes.toString('latin1').slice(0, 200))} is not UTF-8`);
}

/** The error for an archive that is damaged, or made to do harm. */
export function invalidArchive(why: string, hint?: string): KubecrateError {
  return new KubecrateError('INVALID_ARCHIVE', `cannot read the archive: ${why}`, hint === undefined ? {} : { hint });
}

/** False for what is no tar at all, by its first block or what there is of one: a header has zeros, and a mark or its checksum. */
export function beginsTar(block: Buffer): boolean {
  if (block.byteLength < TAR_BLOCK) return block.includes(0);
  if (isZeroBlock(block) || block.toString('latin1', 257, 262) === 'ustar') return true;
  const [offset, length] = FIELDS.checksum;
  return octalOf(block.subarray(offset, offset + length)) === checksumOf(block);
}

/** The error for a file of another kind. */
export function noTar(): KubecrateError {
  return invalidArchive('it is no tar archive', 'give a tar archive, plain or compressed with gzip, zstd, xz or bzip2');
}

/** The error for an archive that ends where more must come. */
export function endsEarly(where: string): KubecrateError {
  return invalidArchive(`it ends early, ${where}`, 'the file was cut off: copy or download it again');
}

/** The star program keeps times where the prefix ends, and says so in the last four bytes. */
function prefixField(block: Buffer): readonly [number, number] {
  return block.toString('latin1', 508, 512) === 'tar\0' ? [FIELDS.prefix[0], 131] : FIELDS.prefix;
}

function textAt(block: Buffer, [offset, length]: readonly [number, number]): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return archiveText(end === -1 ? field : field.subarray(0, end));
}

/** Octal digits between blanks and zeros, or, with the top bit set, a big-endian two's complement (GNU, star). */
function numberAt(block: Buffer, name: FieldName): number {
  const [offset, length] = FIELDS[name];
  const field = block.subarray(offset, offset + length);
  const value = ((field[0] ?? 0) & 0x80) === 0 ? octalOf(field) : base256Of(field);
  if (value === undefined || !Number.isSafeInteger(value) || (value < 0 && name !== 'mtime')) {
    throw invalidArchive(`the field ${name} of a header is no number`, CHECK_FILE);
  }
  return value;
}

function octalOf(field: Buffer): number | undefined {
  const text = field.toString('latin1').replace(/^[\0 ]+|[\0 ].*$/gs, '');
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function base256Of(field: Buffer): number {
  const negative = (field[0] ?? 0) === 0xff;
  const digits = [negative ? 0xff : (field[0] ?? 0) & 0x7f, ...field.subarray(1)];
  const sum = digits.reduce((value, digit) => value * 256 + (negative ? 255 - digit : digit), 0);
  return negative ? -sum - 1 : sum;
}
