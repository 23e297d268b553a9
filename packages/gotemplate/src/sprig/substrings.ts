/** Parts of strings, cut by bytes or by what stands at their ends. */

import { byteLength, sliceBytes } from '../go-string.ts';
import { GoError } from '../value.ts';
import { abbreviate } from './wrap.ts';

/** strings.SplitN: at most `limit` parts, all of them where it is negative; an empty separator splits into characters. */
export function splitText(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  if (limit === 1) return [text];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

export function trimAll(cutset: string, text: string): string {
  const cut = new Set(cutset);
  const runes = Array.from(text);
  let start = 0;
  let end = runes.length;
  while (start < end && cut.has(runes[start] ?? '')) start += 1;
  while (end > start && cut.has(runes[end - 1] ?? '')) end -= 1;
  return runes.slice(start, end).join('');
}

export function truncate(bytes: number, text: string): string {
  const length = byteLength(text);
  if (bytes < 0 && length + bytes > 0) return sliceBytes(text, length + bytes, length);
  return bytes >= 0 && length > bytes ? sliceBytes(text, 0, bytes) : text;
}

export function substring(start: number, end: number, text: string): string {
  const length = byteLength(text);
  if (start < 0) return sliceBytes(text, 0, bounded(end, length));
  if (end < 0 || end > length) {
    if (start > length) throw outOfRange(`[${start}:${length}]`);
    return sliceBytes(text, start, length);
  }
  if (start > end) throw outOfRange(`[${start}:${end}]`);
  return sliceBytes(text, start, end);
}

function bounded(end: number, length: number): number {
  if (end < 0) throw outOfRange(`[:${end}]`);
  if (end > length) throw outOfRange(`[:${end}] with length ${length}`);
  return end;
}

function outOfRange(what: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${what}`);
}

export function abbrev(left: number, width: number, text: string): string {
  if (width < 4 || (left > 0 && width < 7)) return text;
  return abbreviate(text, left, width);
}
