/** An archive as a stream, for whoever reads it at once: an engine, a pipe. */

import { Readable } from 'node:stream';
import { ContentCheck, isLocator, type OperationOptions, type ReadOnlyStore, type Segment } from '@kubecrate/content';
import { TAR_END, tarHeader, tarPadding } from '@kubecrate/files';
import type { NamedImage } from '../layout/layout-index.ts';
import { readSegments } from '../segments/read-segments.ts';
import { type ArchivePlan, planArchive, type WrittenFormat } from './archive-plan.ts';

export interface ArchiveStreamOptions extends OperationOptions {
  readonly format: WrittenFormat;
}

/** The bytes that `writeArchive` writes. What is missing or unreadable at the start is an error here, what breaks off later one of the stream. */
export async function archiveStream(
  store: ReadOnlyStore,
  images: readonly NamedImage[],
  options: ArchiveStreamOptions,
): Promise<Readable> {
  const plan = await planArchive(store, images, options);
  return Readable.from(bytesOf(store, plan, options), { objectMode: false });
}

async function* bytesOf(
  store: ReadOnlyStore,
  { documents, contents }: ArchivePlan,
  options: OperationOptions,
): AsyncGenerator<Uint8Array> {
  const header = (path: string, size: number): Buffer =>
    tarHeader({ path, type: 'file', size, mode: 0o644, uid: 0, gid: 0, mtime: 0 });
  for (const { path, bytes } of documents) {
    yield Buffer.concat([header(path, bytes.byteLength), bytes, tarPadding(bytes.byteLength)]);
  }
  for (const { path, descriptor } of contents) {
    yield header(path, descriptor.size);
    const segments: readonly Segment[] | undefined = isLocator(store)
      ? await store.locate(descriptor, options)
      : undefined;
    const content = segments === undefined ? await store.fetch(descriptor, options) : readSegments(segments, options);
    const check = new ContentCheck(descriptor);
    for await (const chunk of content) {
      check.update(chunk);
      yield chunk;
    }
    check.finish();
    const padding = tarPadding(descriptor.size);
    if (padding.byteLength > 0) yield padding;
  }
  yield TAR_END;
}
