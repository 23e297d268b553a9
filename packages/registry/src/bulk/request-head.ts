/** The head of a request, as it goes over the wire. */

import { ProtocolError } from './response-head.ts';

/** GET of `path`. @throws ProtocolError for a header that would end its line */
export function requestHead(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = [`GET ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new ProtocolError('a header of the request holds a line end');
  return `${lines.join('\r\n')}\r\nconnection: keep-alive\r\n\r\n`;
}
