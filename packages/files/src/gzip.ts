/** gzip whose bytes are the same every time. */

import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { createGzip } from 'node:zlib';

/**
 * Content packed with gzip: no name, no time, no mark of the operating system, always the same level.
 * Equal input gives equal bytes wherever zlib is the same; another version of Node, or another kind of processor, may pack otherwise.
 * Errors of `content` come out of the stream; when it is destroyed, so is `content`.
 */
export function gzipReproducible(content: Readable): Readable {
  return pipeline(content, createGzip({ level: 6, chunkSize: 64 * 1024 }), unmarked(), () => {});
}

/** Where a gzip header names the operating system, and what it says where that is unknown (RFC 1952, 2.3.1). */
const SYSTEM_OFFSET = 9;
const UNKNOWN_SYSTEM = 255;

function unmarked(): Transform {
  let offset = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback: TransformCallback): void {
      const at = SYSTEM_OFFSET - offset;
      offset += chunk.byteLength;
      if (at >= 0 && at < chunk.byteLength) chunk[at] = UNKNOWN_SYSTEM;
      callback(null, chunk);
    },
  });
}
