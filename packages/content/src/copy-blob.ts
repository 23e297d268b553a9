/** Moving one blob: by whichever way costs least. */

import { Transform, type TransformCallback } from 'node:stream';
import { hasCode, messageOf } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import { type Arrival, BULK_THRESHOLD, type CopyRun, type Found } from './copy-run.ts';
import {
  type BlobSink,
  type Hosted,
  isBulkFetcher,
  isBulkReceiver,
  isHosted,
  isLinker,
  isLocator,
  isMounter,
  isPourer,
  isPourReceiver,
} from './powers.ts';
import { retrying } from './retry.ts';
import type { ReadOnlyTarget, Target } from './target.ts';
import { isWrongContent, wrongContent } from './verify.ts';

/** One blob on its way from `source` to `destination`, for `image`. */
export interface BlobCopy {
  readonly image: string;
  readonly source: ReadOnlyTarget;
  readonly destination: Target;
  readonly descriptor: Descriptor;
  /** A repository in the storage of the destination that may have it. */
  readonly mountFrom?: string | undefined;
}

/**
 * Brings a blob to the destination, once a run: a blob that is there, or that this run brings to the same storage anyway,
 * is not moved again.
 */
export async function copyBlob(run: CopyRun, copy: BlobCopy): Promise<Found> {
  const { source, destination, descriptor } = copy;
  const here = run.arrivals(destination);
  const before = here.get(descriptor.digest);
  const found = before === undefined ? undefined : await outcomeOf(before, source);
  if (found !== undefined) return found;
  const done = bring(run, copy);
  here.set(descriptor.digest, { source, destination, done });
  return await done;
}

async function bring(run: CopyRun, copy: BlobCopy): Promise<Found> {
  const { source, destination, descriptor } = copy;
  const near = run.arrivalsNear(destination);
  const before = near.get(descriptor.digest);
  // What another repository refuses says nothing of this one.
  if (before !== undefined && (await hasArrived(before)) && (await mountBlob(run, before.destination, copy)))
    return 'unknown';
  const done = findOrMove(run, copy);
  near.set(descriptor.digest, { source, destination, done });
  return await done;
}

async function hasArrived({ done }: Arrival): Promise<boolean> {
  return await done.then(
    () => true,
    () => false,
  );
}

/** Undefined where it failed and another source may do better. */
async function outcomeOf(arrival: Arrival, source: ReadOnlyTarget): Promise<Found | undefined> {
  try {
    return await arrival.done;
  } catch (error) {
    if (arrival.source === source) throw error;
    return undefined;
  }
}

async function findOrMove(run: CopyRun, copy: BlobCopy): Promise<Found> {
  const { source, destination, descriptor } = copy;
  const { signal, onEvent } = run.options;
  if (await run.request([destination], () => destination.exists(descriptor, { signal }))) {
    onEvent?.({ type: 'exists', descriptor });
    return 'present';
  }
  if (!(await mountBlob(run, source, copy)) && !(await mountOffered(run, copy))) await move(run, copy);
  return 'absent';
}

/** True where the blob was taken over inside the destination's storage: from the repository it is in, or wherever it is. */
async function mountBlob(run: CopyRun, from: ReadOnlyTarget, { destination, descriptor }: BlobCopy): Promise<boolean> {
  const { signal, onEvent } = run.options;
  if (!isMounter(destination)) return false;
  const sharing = isMounter(from) && from.space === destination.space && from.repository !== destination.repository;
  const repository = sharing ? from.repository : undefined;
  const outcome = await run.request([destination], () => destination.mount(descriptor, repository, { signal }));
  if (outcome === 'mounted') onEvent?.({ type: 'mounted', descriptor });
  return outcome === 'mounted';
}

/** The same from a repository that may have it. Who may not read there can still push. */
async function mountOffered(run: CopyRun, { destination, descriptor, mountFrom: from }: BlobCopy): Promise<boolean> {
  const { signal, onEvent } = run.options;
  if (from === undefined || !isMounter(destination) || from === destination.repository) return false;
  try {
    const outcome = await run.request([destination], () => destination.mount(descriptor, from, { signal }));
    if (outcome === 'mounted') onEvent?.({ type: 'mounted', descriptor });
    return outcome === 'mounted';
  } catch (error) {
    if (hasCode(error, 'UNAUTHORIZED') || hasCode(error, 'DENIED')) return false;
    throw error;
  }
}

async function move(run: CopyRun, copy: BlobCopy): Promise<void> {
  const { image, source, destination, descriptor } = copy;
  const { signal, onEvent } = run.options;
  onEvent?.({ type: 'planned', digest: descriptor.digest, size: descriptor.size });
  await run.transfer([source, destination], descriptor.size, async () => {
    onEvent?.({ type: 'copying', descriptor, image });
    const attempt = async (): Promise<void> => {
      if (await link(copy, signal)) return;
      if (await receive(run, copy)) return;
      if (await pour(run, copy)) return;
      await stream(run, copy);
    };
    const what = `${image}: blob ${descriptor.digest}`;
    const fetch = (): Promise<void> => retrying(what, attempt, { policy: run.retry, onEvent, signal });
    try {
      await fetch().catch(async (error: unknown) => {
        // What arrives damaged may be whole where it comes from: it is fetched a second time, and not a third.
        if (!isHosted(source) || run.retry.attempts < 2 || !isWrongContent(error)) throw error;
        onEvent?.({ type: 'retrying', what, attempt: 2, delayMs: 0, reason: messageOf(error) });
        await fetch();
      });
    } catch (error) {
      throw isHosted(source) ? wrongContent(`read blob ${descriptor.digest} of ${placeOf(source)}`, error) : error;
    }
  });
  onEvent?.({ type: 'copied', descriptor });
}

/** The repository of a registry, for messages. */
export function placeOf(source: ReadOnlyTarget & Hosted): string {
  return isMounter(source) ? `${source.host}/${source.repository}` : source.host;
}

/** A blob that is a whole file on this machine is linked. */
async function link({ source, destination, descriptor }: BlobCopy, signal: AbortSignal | undefined): Promise<boolean> {
  if (!isLocator(source) || !isLinker(destination) || isHosted(destination)) return false;
  const segments = await source.locate(descriptor, { signal });
  const [whole, ...others] = segments ?? [];
  if (whole?.kind !== 'file' || others.length > 0 || whole.offset !== 0) return false;
  if (whole.length !== descriptor.size) return false;
  return (await destination.link(descriptor, whole.path, { signal })) === 'linked';
}

/** A large blob of a registry goes straight from the socket into the store's file. */
async function receive(run: CopyRun, { source, destination, descriptor }: BlobCopy): Promise<boolean> {
  if (descriptor.size < BULK_THRESHOLD || !isBulkFetcher(source) || !isBulkReceiver(destination)) return false;
  const { signal, onEvent, framingOf, onFramed } = run.options;
  const framing = framingOf?.(descriptor);
  const onProgress = (bytes: number): void => onEvent?.({ type: 'progress', digest: descriptor.digest, bytes });
  const outcome = await destination.receive(
    descriptor,
    async (file) => {
      const filled = await source.fetchToFile(
        descriptor,
        { ...file, ...(framing === undefined ? {} : { framing }) },
        { signal, onProgress },
      );
      if (filled !== 'declined' && filled.framed !== undefined) onFramed?.(descriptor, filled.framed);
      return filled;
    },
    { signal },
  );
  return outcome === 'received';
}

/** A large blob goes from the socket of one registry into that of the other. */
async function pour(run: CopyRun, { source, destination, descriptor }: BlobCopy): Promise<boolean> {
  if (descriptor.size < BULK_THRESHOLD || !isPourer(source) || !isPourReceiver(destination)) return false;
  const { signal, onEvent } = run.options;
  let bytes = 0;
  const outcome = await destination.receivePoured(
    descriptor,
    (sink, options) => {
      const counting: BlobSink = {
        write(chunk) {
          bytes += chunk.byteLength;
          onEvent?.({ type: 'progress', digest: descriptor.digest, bytes });
          return sink.write(chunk);
        },
      };
      return source.pour(descriptor, counting, options);
    },
    { signal },
  );
  return outcome === 'received';
}

async function stream(run: CopyRun, { source, destination, descriptor }: BlobCopy): Promise<void> {
  const { signal, onEvent } = run.options;
  const content = await source.fetch(descriptor, { signal });
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, callback: TransformCallback): void {
      bytes += chunk.byteLength;
      onEvent?.({ type: 'progress', digest: descriptor.digest, bytes });
      callback(null, chunk);
    },
  });
  content.once('error', (error) => counting.destroy(error));
  counting.once('close', () => content.destroy());
  await destination.push(descriptor, content.pipe(counting), { signal });
}
