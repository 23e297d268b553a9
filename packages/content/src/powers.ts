/** Optional powers of a target, each asked for with a type guard, never with a flag. */

import type { Descriptor, Digest } from '@kubecrate/oci';
import type { OperationOptions } from './target.ts';

export interface TagOptions extends OperationOptions {
  /** More pages than this of a registry's listing are not asked for: the listing then fails with LIMIT_EXCEEDED. */
  readonly pages?: number;
  /** 'never': only a listing of the registry itself says which tags there are not. Default: mirrors are asked first, where there are some. */
  readonly mirrors?: 'first' | 'never';
}

/** Lists the tags of a repository, in ascending order. */
export interface TagLister {
  tags(options?: TagOptions): AsyncIterable<string>;
}

export interface ReferrerOptions extends OperationOptions {
  /** All tags of the repository, where they are known: a tag that is not among them is not asked for. */
  readonly tags?: ReadonlySet<string> | undefined;
}

/** Lists what says that `descriptor` is its subject: signatures, SBOMs (distribution-spec, "Listing Referrers"). */
export interface ReferrerLister {
  referrers(descriptor: Descriptor, options?: ReferrerOptions): AsyncIterable<Descriptor>;
}

/**
 * Targets of one `space` share their storage: a blob that one of them has, another takes over without a transfer
 * (cross-repository mount; one more link in a registry directory).
 */
export interface Mounter {
  /** Equal for targets that can mount from each other. */
  readonly space: object;
  /** The name that {@link Mounter.mount} of another target of this space takes. */
  readonly repository: string;
  /** Without `fromRepository`: from whichever repository has the blob; a space where finding out costs a transfer declines. */
  mount(
    descriptor: Descriptor,
    fromRepository: string | undefined,
    options?: OperationOptions,
  ): Promise<'mounted' | 'declined'>;
}

/** Removes content, or the tag alone. */
export interface Deleter {
  delete(descriptor: Descriptor, options?: OperationOptions): Promise<void>;
  untag(tag: string, options?: OperationOptions): Promise<void>;
}

/** A target behind a network, with the host that limits count (`registry.example.com:5000`). */
export interface Hosted {
  readonly host: string;
}

/** A run of the bytes of some content: in memory, or `length` bytes of a file from `offset`. */
export type Segment =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly length: number };

/** Knows where content lies on this machine's disks, so that it need not be streamed through memory. */
export interface Locator {
  /** The segments that make up the content, in order; undefined where it is not on a disk. @throws NotFoundError */
  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[] | undefined>;
}

/** Knows blobs by their digest alone, as a registry is asked for them: without their size. */
export interface BlobResolver {
  /** The descriptor of a blob, of media type `application/octet-stream` where nothing better is known. @throws NotFoundError */
  resolveBlob(digest: Digest, options?: OperationOptions): Promise<Descriptor>;
}

/** Takes a blob that is a whole file on this machine by hard link or reflink. */
export interface Linker {
  /** 'declined' where the file systems do not allow it; the caller then pushes. The file is trusted: it came out of a store. */
  link(descriptor: Descriptor, path: string, options?: OperationOptions): Promise<'linked' | 'declined'>;
}

/** Bytes around a blob whose digest is wanted together with the blob's own: a tar header before it, padding after it. */
export interface Framing {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** A file to fill with a blob. It may hold the blob's first bytes already, from an attempt that was broken off. */
export interface BulkDestination {
  readonly path: string;
  readonly framing?: Framing;
}

export interface BulkOptions extends OperationOptions {
  /** Called now and then with the number of bytes of the blob that are on disk. */
  readonly onProgress?: (bytes: number) => void;
}

/** What a filled file holds, and the digest of `before + blob + after` where a framing was given. */
export interface BulkResult {
  readonly framed?: Digest;
}

/**
 * A source that fetches, verifies and writes a blob in one place, without a `Readable` in between.
 * On return the file holds the blob and nothing else, size and digest verified. After a broken transfer the good bytes
 * stay in the file for the next attempt; after a wrong digest the file is emptied.
 */
export interface BulkFetcher {
  /** 'declined' where this blob has to go through `fetch`; the file is then as it was. */
  fetchToFile(
    descriptor: Descriptor,
    destination: BulkDestination,
    options?: BulkOptions,
  ): Promise<BulkResult | 'declined'>;
}

/** Fills one file; what {@link BulkReceiver.receive} is given. */
export type Fill = (destination: BulkDestination) => Promise<BulkResult | 'declined'>;

/** A store that lets a {@link BulkFetcher} fill its file and then makes it visible. */
export interface BulkReceiver {
  receive(descriptor: Descriptor, fill: Fill, options?: OperationOptions): Promise<'received' | 'declined'>;
}

/** Where a {@link Pourer} puts the bytes of a blob, in their order. */
export interface BlobSink {
  /** Undefined: the bytes are taken, the memory is the caller's again. A promise: until it resolves the memory stays as it is, and no more may come. */
  write(bytes: Buffer): Promise<void> | undefined;
}

/** A source that gives the bytes of a blob as they come out of the socket, without a `Readable` in between; not verified. */
export interface Pourer {
  /** 'declined' where this blob has to go through `fetch`; nothing of it is in the sink then. */
  pour(descriptor: Descriptor, sink: BlobSink, options?: OperationOptions): Promise<'poured' | 'declined'>;
}

/** What {@link PourReceiver.receivePoured} is given. The signal tells that the receiver wants no more. */
export type Pour = (sink: BlobSink, options: OperationOptions) => Promise<'poured' | 'declined'>;

/** A store that takes a blob from a {@link Pourer}, with the laws of `push`. */
export interface PourReceiver {
  receivePoured(descriptor: Descriptor, pour: Pour, options?: OperationOptions): Promise<'received' | 'declined'>;
}

export function isTagLister<T extends object>(target: T): target is T & TagLister {
  return 'tags' in target;
}

export function isReferrerLister<T extends object>(target: T): target is T & ReferrerLister {
  return 'referrers' in target;
}

export function isMounter<T extends object>(target: T): target is T & Mounter {
  return 'mount' in target;
}

export function isDeleter<T extends object>(target: T): target is T & Deleter {
  return 'delete' in target && 'untag' in target;
}

export function isHosted<T extends object>(target: T): target is T & Hosted {
  return 'host' in target;
}

export function isLocator<T extends object>(target: T): target is T & Locator {
  return 'locate' in target;
}

export function isBlobResolver<T extends object>(target: T): target is T & BlobResolver {
  return 'resolveBlob' in target;
}

export function isLinker<T extends object>(target: T): target is T & Linker {
  return 'link' in target;
}

export function isBulkFetcher<T extends object>(target: T): target is T & BulkFetcher {
  return 'fetchToFile' in target;
}

export function isBulkReceiver<T extends object>(target: T): target is T & BulkReceiver {
  return 'receive' in target;
}

export function isPourer<T extends object>(target: T): target is T & Pourer {
  return 'pour' in target;
}

export function isPourReceiver<T extends object>(target: T): target is T & PourReceiver {
  return 'receivePoured' in target;
}
