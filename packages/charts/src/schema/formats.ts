/** The formats of texts that Helm's schema library knows; a format that is not here fits everything. */

import { isIPv4, isIPv6 } from 'node:net';
import type { GoTests } from './go-tests.ts';

/** True where the value has the format; what is no text has none of those that are known. */
export function fitsFormat(format: string, value: unknown, go: GoTests): boolean {
  const fits = FORMATS.get(format);
  return fits === undefined || (typeof value === 'string' && fits(value, go));
}

type Format = (text: string, go: GoTests) => boolean;

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['date', (text, go) => go.isTime(DATE, text)],
  ['time', (text, go) => go.isTime(TIME_WITH_ZONE, text) || (text.length === TIME.length && go.isTime(TIME, text))],
  ['date-time', (text, go) => [TIME, TIME_WITH_ZONE, DATE, DATE_TIME].some((layout) => go.isTime(layout, text))],
  ['hostname', isHostname],
  ['email', isEmail],
  ['idn-email', isEmail],
  ['ipv4', (text) => isIPv4(text) || (isIPv6(text) && text.includes('.') && !text.includes('%'))],
  ['ipv6', (text) => isIPv6(text) && !text.includes('%')],
  ['uri', isAbsolute],
  ['iri', isAbsolute],
  ['uri-reference', isReference],
  ['iri-reference', isReference],
  ['uri-template', (text, go) => isReference(text, go) && /^([^{]*(\{[^}]*\})?)*$/.test(go.parseUrl(text)?.path ?? '')],
  ['uuid', (text) => /^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/.test(text)],
  ['regex', (text, go) => text === '' || go.isRegex(text)],
  ['json-pointer', (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text)],
  ['relative-json-pointer', (text) => /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(text)],
]);

const DATE = '2006-01-02';
const TIME = '15:04:05';
const TIME_WITH_ZONE = '15:04:05Z07:00';
const DATE_TIME = '2006-01-02T15:04:05Z07:00';

function isReference(text: string, go: GoTests): boolean {
  return !text.includes('\\') && go.parseUrl(text) !== undefined;
}

function isAbsolute(text: string, go: GoTests): boolean {
  return isReference(text, go) && go.parseUrl(text)?.scheme !== '';
}

function isHostname(text: string): boolean {
  return (
    text.length < 256 && text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
  );
}

/** An address of RFC 5322, with or without a name before it. */
function isEmail(text: string): boolean {
  const address = /^[^<>]*<([^<>]*)>\s*$/.exec(text)?.[1] ?? text.trim();
  return /^(?:[^\s@<>()[\]:;,."\\]+(?:\.[^\s@<>()[\]:;,."\\]+)*|"(?:[^"\\]|\\.)*")@[^\s@<>()[\]:;,"\\]+$/.test(address);
}
