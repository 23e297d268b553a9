/** Layers made in a test: entries by their paths, pushed into a store as they are, hostile or not. */

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Store } from '@kubecrate/content';
import { TAR_END, type TreeEntry, tarHeader, tarPadding } from '@kubecrate/files';
import { type Descriptor, descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';

/**
 * Paths and contents. A path that ends with `/` is a directory; a content that begins with `-> ` is a symbolic link, with `=> ` a
 * hard link, with `!` and one character an entry of that type.
 */
export type LayerFiles = readonly (readonly [path: string, content: string])[];

export async function pushLayer(
  store: Store,
  files: LayerFiles,
  compression: 'gzip' | 'none' = 'none',
): Promise<Descriptor> {
  const tar = Buffer.concat([...files.map(([path, content]) => entryBytes(path, content)), TAR_END]);
  return pushBytes(store, compression === 'gzip' ? gzipSync(tar) : tar);
}

export async function pushBytes(store: Store, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = descriptorOf(MEDIA_TYPES.ociLayer, bytes);
  await store.push(descriptor, Readable.from([bytes], { objectMode: false }));
  return descriptor;
}

function entryBytes(path: string, content: string): Buffer {
  const entry: TreeEntry = { path, type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, mtime: 0 };
  if (path.endsWith('/')) return tarHeader({ ...entry, path: path.slice(0, -1), type: 'directory', mode: 0o755 });
  if (content.startsWith('!')) return retyped(tarHeader(entry), content.slice(1, 2));
  const link = tarHeader({ ...entry, type: 'symlink', mode: 0o777, linkTarget: content.slice(3) });
  if (content.startsWith('-> ')) return link;
  if (content.startsWith('=> ')) return retyped(link, '1');
  const bytes = Buffer.from(content);
  return Buffer.concat([tarHeader({ ...entry, size: bytes.byteLength }), bytes, tarPadding(bytes.byteLength)]);
}

/** A header that says another type, with the checksum that goes with it. */
function retyped(header: Buffer, type: string): Buffer {
  const block = Buffer.from(header);
  block.write(type, 156);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
