/** Writing images into one tar: an OCI layout with `manifest.json` beside it, or what `docker load` alone needs. */

import type { FileHandle } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { ContentCheck, isLocator, type OnEvent, type ReadOnlyStore, type Segment } from '@kubecrate/content';
import { fileError, KubecrateError } from '@kubecrate/errors';
import { openAtomicFile, TAR_END, tarHeader, tarPadding } from '@kubecrate/files';
import type { Descriptor } from '@kubecrate/oci';
import type { NamedImage } from '../layout/layout-index.ts';
import { sizeOfSegments } from '../segments/read-segments.ts';
import {
  type PlacedSegment,
  placeSegments,
  type WriteSegmentsOptions,
  writeAt,
  writeSegments,
} from '../segments/write-segments.ts';
import { type PlanOptions, planArchive } from './archive-plan.ts';

export interface WriteArchiveOptions extends PlanOptions {
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Writes the archive beside `file` and gives it the name when it is whole; what had the name stays until then.
 * The same images, in the same order, make the same bytes. Content of a {@link Locator} is copied from where it lies, other content is verified.
 * @throws NotFoundError where content is missing; KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH, UNSUPPORTED, NO_SPACE
 */
export async function writeArchive(
  store: ReadOnlyStore,
  images: readonly NamedImage[],
  file: string,
  options: WriteArchiveOptions,
): Promise<void> {
  const { signal } = options;
  const plan = await planArchive(store, images, options);
  await using archive = await openAtomicFile(file, signal === undefined ? {} : { signal });
  const placed = place([
    ...plan.documents.map(
      ({ path, bytes }): Entry => ({ path, size: bytes.byteLength, source: { kind: 'literal', bytes } }),
    ),
    ...plan.contents.map(({ path, descriptor }): Entry => ({ path, size: descriptor.size, source: descriptor })),
  ]);
  try {
    await writeSegments(archive.handle, placed.literals, { signal });
    await inParallel(placed.contents, (content) => writeContent(archive.handle, store, content, options));
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(`cannot write ${JSON.stringify(file)}`, error);
  }
  await archive.commit();
}

interface Entry {
  readonly path: string;
  readonly size: number;
  readonly source: Descriptor | Extract<Segment, { kind: 'literal' }>;
}

interface PlacedContent {
  readonly descriptor: Descriptor;
  readonly offset: number;
}

/** Where everything goes. Headers and padding are known before any content is read. */
function place(entries: readonly Entry[]): {
  readonly literals: readonly PlacedSegment[];
  readonly contents: readonly PlacedContent[];
} {
  const literals: PlacedSegment[] = [];
  const contents: PlacedContent[] = [];
  let offset = 0;
  const literal = (bytes: Uint8Array): void => {
    if (bytes.byteLength > 0) literals.push({ segment: { kind: 'literal', bytes }, offset });
    offset += bytes.byteLength;
  };
  for (const { path, size, source } of entries) {
    literal(tarHeader({ path, type: 'file', size, mode: 0o644, uid: 0, gid: 0, mtime: 0 }));
    if ('kind' in source) {
      literal(source.bytes);
    } else {
      contents.push({ descriptor: source, offset });
      offset += size;
    }
    literal(tarPadding(size));
  }
  literal(TAR_END);
  return { literals, contents };
}

/** Largest first, so that the end is not one large content alone. */
async function inParallel<T extends PlacedContent>(
  contents: readonly T[],
  write: (content: T) => Promise<void>,
): Promise<void> {
  const queue = [...contents].sort((a, b) => a.descriptor.size - b.descriptor.size);
  const lane = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await write(next);
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: LANES }, () =>
      lane().catch((error: unknown) => {
        queue.length = 0;
        throw error;
      }),
    ),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function writeContent(
  handle: FileHandle,
  store: ReadOnlyStore,
  { descriptor, offset }: PlacedContent,
  { signal, onEvent }: WriteArchiveOptions,
): Promise<void> {
  const { digest, size } = descriptor;
  onEvent?.({ type: 'planned', digest, size });
  let bytes = 0;
  const onBytes = (written: number): void => {
    bytes += written;
    onEvent?.({ type: 'progress', digest, bytes });
  };
  const segments = isLocator(store) ? await store.locate(descriptor, { signal }) : undefined;
  if (segments === undefined) {
    await writeStream(handle, await store.fetch(descriptor, { signal }), { descriptor, offset }, { signal, onBytes });
  } else {
    if (sizeOfSegments(segments) !== size) throw wrongSize(descriptor, sizeOfSegments(segments));
    await writeSegments(handle, placeSegments(segments, offset), { signal, onBytes });
  }
  onEvent?.({ type: 'copied', descriptor });
}

async function writeStream(
  handle: FileHandle,
  content: Readable,
  { descriptor, offset }: PlacedContent,
  options: WriteSegmentsOptions,
): Promise<void> {
  const check = new ContentCheck(descriptor);
  let at = offset;
  for await (const chunk of options.signal === undefined ? content : addAbortSignal(options.signal, content)) {
    check.update(chunk);
    await writeAt(handle, chunk, at, options);
    at += chunk.byteLength;
  }
  check.finish();
}

function wrongSize({ digest, size }: Descriptor, actual: number): KubecrateError {
  return new KubecrateError('SIZE_MISMATCH', `content ${digest} should have ${size} bytes but has ${actual}`, {
    hint: 'run: kubecrate verify; then pull or build the image again',
  });
}

/** As many as Node has threads for files. */
const LANES = 4;
