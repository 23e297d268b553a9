/**
 * Go strings are bytes; here they are JavaScript strings in which a byte that is not valid UTF-8 is a lone surrogate
 * U+DC80..U+DCFF. This file converts, counts, cuts and orders them as Go does.
 */

/** The bytes of a Go string. */
export function encodeString(text: string): Buffer {
  if (!SURROGATE.test(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const part of text.split(/([\udc80-\udcff])/u)) {
    const unit = part.charCodeAt(0);
    parts.push(part.length === 1 && isRawByte(unit) ? Buffer.of(unit & 0xff) : Buffer.from(part, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** The Go string that holds these bytes, valid UTF-8 or not. */
export function decodeString(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  let result = '';
  let start = 0;
  for (let at = 0; at < buffer.length; ) {
    const size = sequenceLength(buffer, at);
    if (size === 0) {
      result += buffer.toString('utf8', start, at) + String.fromCharCode(0xdc00 + (buffer[at] ?? 0));
      start = at + 1;
    }
    at += size === 0 ? 1 : size;
  }
  return result + buffer.toString('utf8', start);
}

/** `len(text)` of Go: the number of bytes. */
export function byteLength(text: string): number {
  return SURROGATE.test(text) ? encodeString(text).length : Buffer.byteLength(text, 'utf8');
}

/** `text[start:end]` of Go, in bytes; the bounds lie inside the string. */
export function sliceBytes(text: string, start: number, end: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return decodeString(encodeString(text).subarray(start, end));
}

/** Orders strings by their bytes: less than zero, zero, more than zero. JavaScript's own order differs above U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    if (left >= 0xd800 && right >= 0xd800) return Buffer.compare(encodeString(a), encodeString(b));
    return left - right;
  }
  return a.length - b.length;
}

/** The keys of a map in Go's order. */
export function sortedKeys(entries: ReadonlyMap<string, unknown>): string[] {
  return [...entries.keys()].sort(compareStrings);
}

/** The runes of a Go string, each as a string; a raw byte is one rune, as U+FFFD is to Go. */
export function runesOf(text: string): string[] {
  return Array.from(text);
}

/** True for one character that stands for a byte outside UTF-8. */
export function isRawByte(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff;
}

/** True where every character is one byte. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** In Unicode mode a pair is one character, so this finds lone surrogates only. */
const SURROGATE = /[\ud800-\udfff]/u;

/** The length of the valid UTF-8 sequence at `at`, or 0. */
function sequenceLength(buffer: Buffer, at: number): number {
  const lead = buffer[at] ?? 0;
  if (lead < 0x80) return 1;
  const second = buffer[at + 1] ?? 0;
  if (lead >= 0xc2 && lead <= 0xdf) return isTail(second) ? 2 : 0;
  const third = buffer[at + 2] ?? 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (lead === 0xe0 && second < 0xa0) return 0;
    if (lead === 0xed && second > 0x9f) return 0;
    return isTail(second) && isTail(third) ? 3 : 0;
  }
  if (lead < 0xf0 || lead > 0xf4) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xf4 && second > 0x8f) return 0;
  return isTail(second) && isTail(third) && isTail(buffer[at + 3] ?? 0) ? 4 : 0;
}

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
