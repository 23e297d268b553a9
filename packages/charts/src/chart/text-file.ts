/** The marks that editors leave at the start of text files. */

/** The bytes without the UTF-8 byte order mark at their start. */
export function withoutByteOrderMark(data: Buffer): Buffer {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
