/** Base64 and base32 as Go's encoding packages read and write them, with their error texts. */

import { decodeString, encodeString } from '../go-string.ts';

export function encodeBase64(text: string): string {
  return encodeString(text).toString('base64');
}

/** The decoded text, or Go's error where it is not base64. Line ends are skipped. */
export function decodeBase64(text: string): string {
  const bad = firstBad(text, BASE64, 4, [2, 3]);
  if (bad !== undefined) return `illegal base64 data at input byte ${bad}`;
  return decodeString(Buffer.from(text, 'base64'));
}

export function encodeBase32(text: string): string {
  let bits = 0n;
  let encoded = '';
  const bytes = encodeString(text);
  for (let at = 0; at < bytes.length; at += 5) {
    const group = bytes.subarray(at, at + 5);
    bits = 0n;
    for (let index = 0; index < 5; index += 1) bits = (bits << 8n) | BigInt(group[index] ?? 0);
    const characters = Math.ceil((group.length * 8) / 5);
    for (let index = 0; index < 8; index += 1) {
      encoded += index < characters ? BASE32[Number((bits >> BigInt(35 - 5 * index)) & 31n)] : '=';
    }
  }
  return encoded;
}

/** The decoded text, or Go's error where it is not base32. Line ends are skipped. */
export function decodeBase32(text: string): string {
  const bad = firstBad(text, BASE32, 8, [2, 4, 5, 7]);
  if (bad !== undefined) return `illegal base32 data at input byte ${bad}`;
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const char of text.replace(/[\r\n=]/g, '')) {
    bits = ((bits << 5) | BASE32.indexOf(char)) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return decodeString(Uint8Array.from(bytes));
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The byte at which Go's decoder stops, or undefined for a valid text. Padding may stand after `paddable` characters of a group. */
function firstBad(text: string, alphabet: string, group: number, paddable: readonly number[]): number | undefined {
  const bytes = encodeString(text).toString('latin1');
  let inGroup = 0;
  let at = 0;
  for (; at < bytes.length; at += 1) {
    const char = bytes[at] ?? '';
    if (char === '\r' || char === '\n') continue;
    if (char === '=') return badPadding(bytes, at, group - inGroup, paddable.includes(inGroup));
    if (!alphabet.includes(char)) return at;
    inGroup = (inGroup + 1) % group;
  }
  return inGroup === 0 ? undefined : at - inGroup;
}

function badPadding(bytes: string, start: number, needed: number, allowed: boolean): number | undefined {
  if (!allowed) return start;
  let missing = needed;
  for (let at = start; at < bytes.length; at += 1) {
    const char = bytes[at] ?? '';
    if (char === '\r' || char === '\n') continue;
    if (missing === 0) return at;
    if (char !== '=') return at - 1;
    missing -= 1;
  }
  return missing === 0 ? undefined : bytes.length;
}
