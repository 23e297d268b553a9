/** What is fixed in a tar (POSIX.1-2017 pax, "ustar Interchange Format"): the block, its fields, the end. */

/** Everything in a tar is a multiple of this. Bytes. */
export const TAR_BLOCK = 512;

/** The two blocks of zeros that end an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * TAR_BLOCK);

/** The zeros that fill the last block of `size` bytes of content. */
export function tarPadding(size: number): Buffer {
  return TAR_END.subarray(0, paddingSize(size));
}

/** How many of them. */
export function paddingSize(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

export type FieldName =
  | 'name'
  | 'mode'
  | 'uid'
  | 'gid'
  | 'size'
  | 'mtime'
  | 'checksum'
  | 'type'
  | 'linkName'
  | 'magic'
  | 'prefix';

/** Offset and length of each field of a header block. */
export const FIELDS: Readonly<Record<FieldName, readonly [offset: number, length: number]>> = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
};

/** Magic and version together. */
export const USTAR_MAGIC = 'ustar\u000000';

/** The sum of all bytes of a header with the checksum itself read as blanks. */
export function checksumOf(block: Uint8Array): number {
  const [start, length] = FIELDS.checksum;
  let sum = 0x20 * length;
  for (let i = 0; i < TAR_BLOCK; i++) sum += block[i] ?? 0;
  for (let i = start; i < start + length; i++) sum -= block[i] ?? 0;
  return sum;
}
