/** Freeing what nobody references: removing an image, and pruning the store. */

import type { OperationOptions } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { imageEntriesNamed, isImageEntry, isUnnamedImage, refersTo } from './entries.ts';
import { findImage } from './find-image.ts';
import { reachOf } from './graph.ts';
import { type LeftoverParts, makingRoom, removeLeftovers } from './leftovers.ts';
import type { Reserve } from './reserve.ts';
import { rootsOf } from './roots.ts';
import type { StoreIndex } from './store-index.ts';
import type { StoredImage } from './stored-image.ts';

/** What was freed. */
export interface Freed {
  readonly digests: readonly Digest[];
  readonly bytes: number;
}

/** What {@link removeImage} did. */
export interface RemovedImage {
  /** The names that are gone. */
  readonly untagged: readonly string[];
  /** The image, where its last name went. */
  readonly removed?: Digest;
  readonly freed: Freed;
}

export interface PruneOptions extends OperationOptions {
  /** What becomes of images that lost their names to others. Default: they are removed. */
  readonly unnamed?: 'remove' | 'keep';
}

/** The parts of a store that freeing needs. */
export interface StoreParts extends LeftoverParts {
  readonly index: StoreIndex;
  readonly reserve: Reserve;
  images(): Promise<readonly StoredImage[]>;
}

/**
 * By an id, or by the only name: the image goes, with all its content that nothing else needs. By one of several names: that name goes.
 * Where another image is damaged, so that what it needs is not known, nothing but the names goes.
 */
export async function removeImage(store: StoreParts, text: string, options: OperationOptions): Promise<RemovedImage> {
  return await store.index.update(
    async (entries, write) => {
      const found = await findImage(text, store.images, options);
      const { descriptor, names } = found.image;
      if (found.by === 'name' && names.length > 1) {
        const gone = imageEntriesNamed(entries, found.name);
        await write(entries.filter((entry) => !gone.includes(entry)));
        return { untagged: [found.name], freed: NOTHING };
      }
      const others = entries.filter((entry) => !isImageEntry(entry) || entry.digest !== descriptor.digest);
      const before = await reachOf(
        store.content,
        await rootsOf(store.content, [descriptor, ...referrersIn(entries)], options),
      );
      const needed = await reachOf(store.content, await rootsOf(store.content, others, options), options);
      await write(
        others.filter(
          (entry) => isImageEntry(entry) || refersTo(entry, needed.digests) || !before.digests.has(entry.digest),
        ),
      );
      if (needed.unreadable.length > 0) return { untagged: names, removed: descriptor.digest, freed: NOTHING };
      // Layers that a broken-off build described may be made of the blobs that go.
      const candidates = new Set([...before.digests, ...(await store.content.described())]);
      const freed = await free(store, candidates, needed.digests, options);
      return { untagged: names, removed: descriptor.digest, freed };
    },
    { ...options, makeRoom: makingRoom(store) },
  );
}

/**
 * Frees everything that no image and no lease refers to, and what dead processes left.
 * @throws KubecrateError INVALID_MANIFEST where an image is damaged, so that what it needs is not known; no content is removed then
 */
export async function pruneStore(store: StoreParts, options: PruneOptions): Promise<Freed> {
  const left = await removeLeftovers(store);
  return await store.index.update(
    async (entries, write) => {
      const kept = options.unnamed === 'keep' ? entries : entries.filter((entry) => !isUnnamedImage(entry));
      const needed = await reachOf(store.content, await rootsOf(store.content, kept, options), options);
      const [unreadable] = needed.unreadable;
      if (unreadable !== undefined) {
        throw new KubecrateError(
          'INVALID_MANIFEST',
          `cannot free anything: ${unreadable}, which an image needs, is damaged`,
          {
            hint: 'run: kubecrate verify; then pull or build that image again, or remove it',
          },
        );
      }
      const held = await store.leases.held();
      const isWanted = (entry: Descriptor): boolean =>
        isImageEntry(entry) || refersTo(entry, needed.digests) || held.has(entry.digest);
      const wanted = kept.filter(isWanted);
      if (wanted.length < entries.length) await write(wanted);
      const freed = await free(store, await store.content.digests(), needed.digests, options);
      return { ...freed, bytes: freed.bytes + left };
    },
    { ...options, makeRoom: makingRoom(store) },
  );
}

async function free(
  store: StoreParts,
  candidates: ReadonlySet<Digest>,
  needed: ReadonlySet<Digest>,
  { signal }: OperationOptions,
): Promise<Freed> {
  const { content, leases } = store;
  return await leases.whileFreeing(makingRoom(store), async () => {
    const held = await leases.held();
    const digests: Digest[] = [];
    let bytes = 0;
    for (const digest of candidates) {
      if (needed.has(digest) || held.has(digest)) continue;
      signal?.throwIfAborted();
      bytes += await content.remove(digest);
      digests.push(digest);
    }
    return { digests, bytes };
  });
}

function referrersIn(entries: readonly Descriptor[]): readonly Descriptor[] {
  return entries.filter((entry) => !isImageEntry(entry));
}

const NOTHING: Freed = { digests: [], bytes: 0 };
