/** Content that is checked before its last piece is let go: a receiver of all of it has the right content. */

import { Readable } from 'node:stream';
import { ContentCheck } from '@kubecrate/content';
import type { Descriptor } from '@kubecrate/oci';

/** The same bytes; fails with SIZE_MISMATCH or DIGEST_MISMATCH while the last piece is still held back. */
export function checkedStream(content: Readable, descriptor: Descriptor): Readable {
  return Readable.from(checked(content, descriptor), { objectMode: false });
}

async function* checked(content: Readable, descriptor: Descriptor): AsyncGenerator<Buffer> {
  const check = new ContentCheck(descriptor);
  let held: Buffer | undefined;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    check.update(chunk);
    if (chunk.byteLength === 0) continue;
    if (held !== undefined) yield held;
    held = chunk;
  }
  check.finish();
  if (held !== undefined) yield held;
}
