/** Go's builtins html, js and urlquery: text made safe for another language. */

import { isPrint } from '../format/quote.ts';
import { encodeString } from '../go-string.ts';

/** Text for HTML: as Go's HTMLEscapeString. */
export function escapeHtml(text: string): string {
  return text.replace(/['"&<>\0]/g, (char) => HTML.get(char) ?? char);
}

/** Text for a JavaScript string: as Go's JSEscapeString. */
export function escapeJavaScript(text: string): string {
  let escaped = '';
  for (const rune of text) escaped += escapeRune(rune);
  return escaped;
}

/** Text for the query of a URL: as Go's url.QueryEscape, a space is a plus sign. */
export function escapeQuery(text: string): string {
  return escapeBytes(text, /[A-Za-z0-9_.~-]/).replaceAll('%20', '+');
}

/** Percent-escapes each byte whose character does not match. */
export function escapeBytes(text: string, kept: RegExp): string {
  let escaped = '';
  for (const byte of encodeString(text)) {
    const char = String.fromCharCode(byte);
    escaped += byte < 0x80 && kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

const HTML: ReadonlyMap<string, string> = new Map([
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\0', '\ufffd'],
]);

const JAVASCRIPT: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
  ['=', '\\u003D'],
]);

function escapeRune(rune: string): string {
  const named = JAVASCRIPT.get(rune);
  if (named !== undefined) return named;
  const code = rune.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x80 && !isPrint(rune))) {
    return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return rune;
}
