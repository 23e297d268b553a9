/** Writing tar headers: one spelling for each entry, so that equal input gives equal bytes. */

import { KubecrateError } from '@kubecrate/errors';
import type { TarHeader } from './check-tar-header.ts';
import { checksumOf, FIELDS, type FieldName, TAR_BLOCK, tarPadding, USTAR_MAGIC } from './tar-format.ts';

/**
 * The header of an entry: a ustar block, after a PAX header where the entry does not fit into one
 * (a path or link target that is long or not ASCII, a size of 8 GiB and more, a large uid or gid, a time before 1970).
 * No user names, no access times, no device numbers.
 * @throws KubecrateError UNSUPPORTED for a device, a socket or a FIFO
 */
export function tarHeader(entry: TarHeader): Buffer {
  const type = TYPE_FLAGS[entry.type];
  if (type === undefined) {
    throw new KubecrateError(
      'UNSUPPORTED',
      `cannot pack ${JSON.stringify(entry.path)}: it is no file, directory or link`,
      {
        hint: 'remove it, or name it in .dockerignore',
      },
    );
  }
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const size = entry.type === 'file' ? entry.size : 0;
  const target = entry.type === 'symlink' || entry.type === 'link' ? (entry.linkTarget ?? '') : '';
  const place = splitPath(path);
  const { mode, uid, gid, mtime } = entry;
  const numbers = { size, uid, gid, mtime };
  const records: Buffer[] = [];
  if (place === undefined) records.push(paxRecord('path', path));
  if (!fitsText(target, 'linkName')) records.push(paxRecord('linkpath', target));
  for (const name of NUMBERS) {
    if (!fitsOctal(numbers[name], name)) records.push(paxRecord(name, String(numbers[name])));
  }
  const { name, prefix } = place ?? { name: inAscii(path, 'name'), prefix: '' };
  const block = ustarBlock({ name, prefix, type, mode, size, uid, gid, mtime, target });
  return records.length === 0 ? block : Buffer.concat([paxHeader(Buffer.concat(records)), block]);
}

const TYPE_FLAGS: Readonly<Record<TarHeader['type'], string | undefined>> = {
  file: '0',
  link: '1',
  symlink: '2',
  directory: '5',
  other: undefined,
};

/** The numbers that a PAX record can carry, in the order in which they are written. */
const NUMBERS = ['size', 'uid', 'gid', 'mtime'] as const;

interface Block {
  readonly name: string;
  readonly prefix: string;
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly target: string;
}

function ustarBlock(fields: Block): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  const text = (field: FieldName, value: string): void => {
    if (value !== '') block.write(value, FIELDS[field][0], 'latin1');
  };
  text('name', fields.name);
  text('mode', octal(fields.mode & 0o7777, 'mode'));
  for (const field of NUMBERS) text(field, octal(fitsOctal(fields[field], field) ? fields[field] : 0, field));
  text('type', fields.type);
  text('linkName', inAscii(fields.target, 'linkName'));
  text('magic', USTAR_MAGIC);
  text('prefix', fields.prefix);
  text('checksum', `${checksumOf(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** The PAX extended header that carries `records` for the block after it (POSIX.1-2017 pax, "pax Extended Header"). */
function paxHeader(records: Buffer): Buffer {
  const block = ustarBlock({
    name: '././@PaxHeader',
    prefix: '',
    type: 'x',
    size: records.byteLength,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    target: '',
  });
  return Buffer.concat([block, records, tarPadding(records.byteLength)]);
}

/** `<length> <key>=<value>\n`, the length counting itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.byteLength;
  while (length !== rest.byteLength + String(length).length) length = rest.byteLength + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Name and prefix of a ustar header, split as early as it fits; undefined where it does not. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (!isAscii(path)) return undefined;
  if (path.length <= FIELDS.name[1]) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - FIELDS.name[1] - 1);
  if (slash < 1 || slash > FIELDS.prefix[1] || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

function fitsText(value: string, field: FieldName): boolean {
  return isAscii(value) && value.length <= FIELDS[field][1];
}

function fitsOctal(value: number, field: FieldName): boolean {
  return value >= 0 && value < 8 ** (FIELDS[field][1] - 1);
}

function octal(value: number, field: FieldName): string {
  return `${value.toString(8).padStart(FIELDS[field][1] - 1, '0')}\0`;
}

/** What a reader without PAX gets to see. */
function inAscii(text: string, field: FieldName): string {
  return text.replace(/[^\x20-\x7e]/g, '_').slice(0, FIELDS[field][1]);
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
