/** The bodies of requests. A body is never destroyed with the stream that reads it: its connection has to carry the answer. */

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Refusal } from './refusal.ts';

/** The body as a stream that may be given away. */
export function bodyOf(incoming: IncomingMessage): Readable {
  return Readable.from(incoming.iterator({ destroyOnReturn: false }), { objectMode: false });
}

/** The body in memory. @throws Refusal where it has more than `limit` bytes */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = new Refusal(413, 'SIZE_INVALID', `the body has more than ${limit} bytes`);
  if (Number(incoming.headers['content-length'] ?? 0) > limit) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(incoming)) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The Content-Length, or undefined where the body comes in chunks. */
export function lengthOf(incoming: IncomingMessage): number | undefined {
  const length = incoming.headers['content-length'];
  if (length !== undefined) return Number(length);
  return incoming.headers['transfer-encoding'] === undefined ? 0 : undefined;
}
