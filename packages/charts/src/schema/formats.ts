/** The formats of texts that Helm's schema library knows; a format that is not here fits everything. */

import { isIPv4, isIPv6 } from 'node:net';

/** True where the text has the format. */
export function fitsFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}

const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map<string, (text: string) => boolean>([
  ['date', (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text)],
  ['time', (text) => /^\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?$/.test(text)],
  [
    'date-time',
    (text) =>
      /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[-+]\d{2}:\d{2}))?$/.test(text) && isDate(text.slice(0, 10)),
  ],
  ['hostname', isHostname],
  ['idn-hostname', isHostname],
  ['email', isEmail],
  ['idn-email', isEmail],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['uri', (text) => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && !text.includes('\\')],
  ['iri', (text) => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && !text.includes('\\')],
  ['uuid', (text) => /^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/i.test(text)],
  ['json-pointer', (text) => /^(\/([^~/]|~[01])*)*$/.test(text)],
  ['relative-json-pointer', (text) => /^(0|[1-9]\d*)(#|(\/([^~/]|~[01])*)*)$/.test(text)],
]);

function isDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isHostname(text: string): boolean {
  return (
    text.length < 256 && text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
  );
}

function isEmail(text: string): boolean {
  return /^[^\s@<>]+@[^\s@<>]+$/.test(text) || /^[^<>]*<[^\s@<>]+@[^\s@<>]+>$/.test(text);
}
