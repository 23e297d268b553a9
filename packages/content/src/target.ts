/**
 * The seams: what everything that holds images can do.
 *
 * Laws, checked for every implementation by the compliance suite (`@kubecrate/content/testing`):
 *  1. `push` is idempotent: it resolves if and only if the content is stored, whoever stored it.
 *  2. `push` verifies size and digest while it writes. On failure or abort nothing becomes visible and no temporary file stays.
 *  3. `push` never reads past `descriptor.size` (one byte more is a SIZE_MISMATCH).
 *  4. Absent content is a `NotFoundError`, never an empty stream; every other failure is not a `NotFoundError`.
 *  5. `exists` speaks of presence only; an I/O error rejects.
 *  6. `tag` then `resolve` gives the same media type, digest and size; a reader sees the old or the new tag, never neither.
 *  7. An aborted signal rejects with `signal.reason`.
 *  8. `fetch` gives its stream to the caller, who reads or destroys it; `push` owns the stream it is given, and destroys it on failure.
 *  9. `fetch` with a `start` begins at that byte; a start at or past the end is an INVALID_ARGUMENT.
 */

import type { Readable } from 'node:stream';
import type { Descriptor } from '@kubecrate/oci';

/** What every operation that waits takes. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ResolveOptions extends OperationOptions {
  /** `expected`: nobody has to be told in a registry's words why something is not there, which costs one more request. */
  readonly absence?: 'expected' | 'surprising';
  /** `fetch`: the manifest is read next, so that whoever has to ask for it may as well ask for its bytes. */
  readonly next?: 'fetch' | 'unknown';
}

export interface FetchOptions extends OperationOptions {
  /** The first byte wanted, from 0; the stream ends where the content ends. */
  readonly start?: number | undefined;
}

export interface Fetcher {
  /** The content of a descriptor, as bytes; not verified: whoever stores it verifies it. @throws NotFoundError */
  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable>;
}

export interface ReadOnlyStore extends Fetcher {
  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean>;
}

export interface Store extends ReadOnlyStore {
  /** Stores content. @throws KubecrateError SIZE_MISMATCH, DIGEST_MISMATCH */
  push(descriptor: Descriptor, content: Readable, options?: OperationOptions): Promise<void>;
}

export interface Resolver {
  /** The descriptor of the manifest behind a tag or a digest. @throws NotFoundError */
  resolve(tagOrDigest: string, options?: ResolveOptions): Promise<Descriptor>;
}

export interface Tagger {
  /** Gives a stored manifest a tag, in place of whatever had it. @throws NotFoundError where the manifest is not stored */
  tag(descriptor: Descriptor, tag: string, options?: OperationOptions): Promise<void>;
}

export interface ReadOnlyTarget extends ReadOnlyStore, Resolver {}

/** One repository. */
export interface Target extends Store, Resolver, Tagger {}

/** Several repositories by name: a registry, a registry directory. */
export interface Namespace<T extends ReadOnlyTarget = ReadOnlyTarget> {
  repository(name: string): T;
  /** The names in ascending order of their UTF-16 code units. */
  repositories(options?: OperationOptions): AsyncIterable<string>;
}
