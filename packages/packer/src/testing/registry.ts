/** Files of a registry directory made in a test, and the blobs they are, pushed into a store. */

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Store } from '@kubecrate/content';
import { descriptorOf, hexOf } from '@kubecrate/oci';
import type { RegistryEntry } from '../registry-entry.ts';

/** A blob of `size` bytes that depend on `seed` alone, where a registry directory has it. */
export async function pushBlob(store: Store, seed: string, size: number): Promise<RegistryEntry> {
  const block = createHash('sha512').update(seed).digest();
  const bytes = Buffer.alloc(size, block);
  const { digest, ...rest } = descriptorOf('application/octet-stream', bytes);
  await store.push({ digest, ...rest }, Readable.from([bytes], { objectMode: false }));
  const hex = hexOf(digest);
  return {
    path: `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`,
    content: { kind: 'blob', digest, size },
  };
}

export function link(path: string, text: string): RegistryEntry {
  return {
    path: `docker/registry/v2/repositories/${path}/link`,
    content: { kind: 'literal', bytes: Buffer.from(text) },
  };
}
