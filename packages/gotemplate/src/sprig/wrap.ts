/** Lines and abbreviations by width in bytes, by the rules of the library goutils. */

import { decodeString, encodeString } from '../go-string.ts';

/** What becomes of a word longer than the line. */
export type LongWords = 'keep' | 'break';

/** Breaks text at spaces so that no line is longer than `width`; spaces at a break are dropped. */
export function wrapText(text: string, width: number, newLine: string, longWords: LongWords): string {
  const bytes = encodeString(text).toString('latin1');
  const separator = newLine === '' ? '\n' : encodeString(newLine).toString('latin1');
  const length = Math.max(width, 1);
  let wrapped = '';
  let at = 0;
  while (bytes.length - at > length) {
    if (bytes[at] === ' ') {
      at += 1;
      continue;
    }
    const space = bytes.lastIndexOf(' ', at + length);
    if (space >= at) {
      wrapped += bytes.slice(at, space) + separator;
      at = space + 1;
    } else if (longWords === 'break') {
      wrapped += bytes.slice(at, at + length) + separator;
      at += length;
    } else {
      const end = bytes.indexOf(' ', at + length);
      if (end < 0) break;
      wrapped += bytes.slice(at, end) + separator;
      at = end + 1;
    }
  }
  return decodeString(Buffer.from(wrapped + bytes.slice(at), 'latin1'));
}

/** Cuts text to `width` bytes with three dots at the end, and at the beginning where `left` is beyond the first bytes. */
export function abbreviate(text: string, left: number, width: number): string {
  const bytes = encodeString(text).toString('latin1');
  return decodeString(Buffer.from(abbreviateBytes(bytes, left, width), 'latin1'));
}

function abbreviateBytes(bytes: string, left: number, width: number): string {
  if (bytes === '' || width < 4) return '';
  if (bytes.length <= width) return bytes;
  let offset = Math.min(left, bytes.length);
  if (bytes.length - offset < width - 3) offset = bytes.length - (width - 3);
  if (offset <= 4) return `${bytes.slice(0, width - 3)}...`;
  if (width < 7) return '';
  if (offset + width - 3 < bytes.length) return `...${abbreviateBytes(bytes.slice(offset), 0, width - 3)}`;
  return `...${bytes.slice(bytes.length - (width - 3))}`;
}
