/** Files that ADD and APP name by URL. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KubecrateError, redactUrl } from '@kubecrate/errors';
import { algorithmOf, parseDigest } from '@kubecrate/oci';
import type { BuildTools } from './build-options.ts';

export interface Download {
  readonly url: string;
  /** The digest that the file has to have. */
  readonly checksum: string | undefined;
  readonly path: string;
}

/** Downloads a file and holds it against its checksum. @throws KubecrateError DIGEST_MISMATCH; what the download fails with */
export async function downloadFile(
  tools: Pick<BuildTools, 'download' | 'signal'>,
  { url, checksum, path }: Download,
): Promise<void> {
  const wanted = checksum === undefined ? undefined : parseDigest(checksum);
  const hash = createHash(wanted === undefined ? 'sha256' : algorithmOf(wanted));
  const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const { signal } = tools;
  await pipeline(await tools.download(url, { signal }), hashed, createWriteStream(path), { signal });
  const actual = `${wanted === undefined ? 'sha256' : algorithmOf(wanted)}:${hash.digest('hex')}`;
  if (wanted === undefined || actual === wanted) return;
  throw new KubecrateError(
    'DIGEST_MISMATCH',
    `${redactUrl(url)} has the digest ${actual}, not ${wanted} as --checksum says`,
    {
      hint: 'the file changed, or the checksum is of another one',
    },
  );
}

/** The name that a file from a URL gets: the last part of its path. @throws KubecrateError INVALID_ARGUMENT where it has none */
export function fileNameOf(url: string): string {
  const name = basename(decodeURIComponent(new URL(url).pathname));
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)) return name;
  throw new KubecrateError('INVALID_ARGUMENT', `${redactUrl(url)} has no file name at its end`, {
    hint: 'give a URL that ends in the name of the file',
  });
}
