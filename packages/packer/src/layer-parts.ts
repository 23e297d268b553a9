/** The bytes of a layer of blobs as parts: headers and padding as they are, blobs by their digest. */

import type { Framing, RecipePart } from '@kubecrate/content';
import { TAR_END, tarHeader, tarPadding } from '@kubecrate/files';
import type { Descriptor } from '@kubecrate/oci';
import { layerEntries, type RegistryEntry } from './registry-entry.ts';

/**
 * The parts of a plain tar that holds these files. `directories` are headers by path, filled on the way: the layers of a registry
 * directory have most of their directories in common.
 */
export function layerParts(
  files: readonly RegistryEntry[],
  directories: Map<string, Buffer> = new Map(),
): readonly RecipePart[] {
  const parts: RecipePart[] = [];
  let literals: Uint8Array[] = [];
  for (const { entry, content } of layerEntries(files)) {
    const header = directories.get(entry.path) ?? tarHeader(entry);
    if (entry.type === 'directory') directories.set(entry.path, header);
    literals.push(header);
    if (content?.kind === 'literal') literals.push(content.bytes);
    if (content?.kind === 'blob') {
      parts.push({ kind: 'literal', bytes: Buffer.concat(literals) }, content);
      literals = [];
    }
    literals.push(tarPadding(entry.size));
  }
  return [...parts, { kind: 'literal', bytes: Buffer.concat([...literals, TAR_END]) }];
}

/**
 * What is around a blob in a layer that holds it alone, as the file `path` of the registry directory: a digest over both and the
 * blob, computed while the blob is fetched, is the digest of that layer.
 */
export function framingOf(path: string, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): Framing {
  const parts = layerParts([{ path, content: { kind: 'blob', digest, size } }]);
  const [before, after] = parts.filter((part) => part.kind === 'literal').map(({ bytes }) => bytes);
  return { before: before ?? new Uint8Array(), after: after ?? new Uint8Array() };
}
