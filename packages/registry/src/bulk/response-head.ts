/** The head of an HTTP/1.1 response, read strictly: what is ambiguous is refused, not repaired (RFC 9112). */

export interface ResponseHead {
  readonly status: number;
  /** Names in lower case; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly version: '1.0' | '1.1';
}

/** What came is not HTTP as this side reads it. */
export class ProtocolError extends Error {}

/** How the bytes that follow a head end. */
export type BodyLength = number | 'unknown';

/** A head larger than this is refused; bytes. */
export const MAX_HEAD: number = 64 * 1024;

/** The position after the blank line that ends a head, or -1. */
export function endOfHead(bytes: Buffer): number {
  const end = bytes.indexOf('\r\n\r\n');
  return end === -1 ? -1 : end + 4;
}

/** Reads a head that ends with its blank line. @throws ProtocolError that says what is wrong with it */
export function parseHead(bytes: Buffer): ResponseHead {
  const lines = bytes.toString('latin1').split('\r\n');
  const [, minor, code] = STATUS_LINE.exec(lines[0] ?? '') ?? [];
  if (minor === undefined || code === undefined) throw new ProtocolError('the first line is no HTTP/1 status line');
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines.slice(1, -2)) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    if (name === '') throw new ProtocolError('a header line is malformed');
    const key = name.toLowerCase();
    const before = headers[key];
    if (key === 'content-length' && before !== undefined && before !== value)
      throw new ProtocolError('two lengths are given');
    headers[key] = before === undefined || key === 'content-length' ? value : `${before}, ${value}`;
  }
  if (headers['content-length'] !== undefined && headers['transfer-encoding'] !== undefined) {
    throw new ProtocolError('a length and a transfer encoding are given');
  }
  return { status: Number(code), headers, version: minor === '0' ? '1.0' : '1.1' };
}

/** How long the body of a response to GET is. @throws ProtocolError for a length that is no number */
export function bodyLength({ status, headers }: ResponseHead): BodyLength {
  if (status === 204 || status === 304 || (status >= 100 && status < 200)) return 0;
  if (headers['transfer-encoding'] !== undefined) return 'unknown';
  const length = headers['content-length'];
  if (length === undefined) return 'unknown';
  if (!/^\d{1,15}$/.test(length)) throw new ProtocolError('the length is no number');
  return Number(length);
}

/** True where the connection serves another request after this answer. */
export function staysOpen({ version, headers }: ResponseHead): boolean {
  const tokens = (headers['connection'] ?? '').toLowerCase().split(/[\s,]+/);
  return version === '1.1' ? !tokens.includes('close') : tokens.includes('keep-alive');
}

/**
 * Where in the content of `size` bytes a plain answer begins: 0 for the whole, `have` for the rest that was asked for.
 * Undefined where the answer is anything else: another status, another length, an encoding, a web page.
 */
export function contentStart(head: ResponseHead, { size, have }: { size: number; have: number }): number | undefined {
  const { status, headers } = head;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity' || /^\s*text\/html\b/i.test(headers['content-type'] ?? ''))
    return undefined;
  const length = bodyLength(head);
  if (status === 200) return length === size ? 0 : undefined;
  if (status !== 206 || length !== size - have) return undefined;
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  if (Number(first) !== have || Number(last) !== size - 1) return undefined;
  return total === '*' || Number(total) === size ? have : undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;
