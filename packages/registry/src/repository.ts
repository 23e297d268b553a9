/** One repository of a registry, as a target. */

import { Readable } from 'node:stream';
import type {
  BlobResolver,
  BlobSink,
  BulkDestination,
  BulkFetcher,
  BulkOptions,
  BulkResult,
  Deleter,
  FetchOptions,
  Hosted,
  Mounter,
  OperationOptions,
  Pour,
  Pourer,
  PourReceiver,
  ReferrerLister,
  ReferrerOptions,
  ResolveOptions,
  TagLister,
  TagOptions,
  Target,
} from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, type Digest, isManifestMediaType, MAX_MANIFEST_SIZE } from '@kubecrate/oci';
import type { BulkDoor } from './bulk/door.ts';
import { deleteContent, deleteTag } from './operations/delete-content.ts';
import { fetchToFile } from './operations/fetch-to-file.ts';
import { contentExists, resolveBlob } from './operations/find-content.ts';
import { listReferrers, listTags } from './operations/listings.ts';
import { pourBlob } from './operations/pour-blob.ts';
import { pushBlob, readChecked } from './operations/push-blob.ts';
import { pushManifest, tagManifest } from './operations/push-manifest.ts';
import { pushPoured } from './operations/push-poured.ts';
import { fetchBlob } from './operations/read-blob.ts';
import { fetchManifest, resolveManifest } from './operations/read-manifest.ts';
import type { RepositoryContext } from './operations/repository-context.ts';
import { mountBlob } from './operations/upload-session.ts';

/**
 * Reads come from mirrors first, where some are configured, unless the repository is the destination of a copy; writes, and `exists`,
 * which is asked before writing, concern the registry itself.
 */
export class RegistryRepository
  implements
    Target,
    TagLister,
    ReferrerLister,
    Mounter,
    Deleter,
    Hosted,
    BlobResolver,
    BulkFetcher,
    Pourer,
    PourReceiver
{
  /** `docker.io` */
  readonly domain: string;
  /** `library/mysql` */
  readonly repository: string;
  readonly host: string;
  readonly space: object;
  readonly #context: RepositoryContext;
  readonly #bulk: BulkDoor;

  constructor(
    context: RepositoryContext,
    place: { readonly host: string; readonly space: object; readonly bulk: BulkDoor },
  ) {
    this.domain = context.domain;
    this.repository = context.repository;
    this.host = place.host;
    this.space = place.space;
    this.#context = context;
    this.#bulk = place.bulk;
  }

  resolve(tagOrDigest: string, options: ResolveOptions = {}): Promise<Descriptor> {
    return resolveManifest(this.#context, tagOrDigest, options);
  }

  async fetch(descriptor: Descriptor, options: FetchOptions = {}): Promise<Readable> {
    if (!isManifestMediaType(descriptor.mediaType)) return fetchBlob(this.#context, descriptor, options);
    options.signal?.throwIfAborted();
    const { start = 0 } = options;
    const { name, manifests } = this.#context;
    const kept = manifests.get(name, descriptor.digest);
    const { bytes } = kept ?? (await fetchManifest(this.#context, descriptor.digest, options));
    if (start > 0 && start >= bytes.byteLength) {
      throw new KubecrateError(
        'INVALID_ARGUMENT',
        `cannot read ${descriptor.digest} from byte ${start}: it has ${bytes.byteLength}`,
      );
    }
    return Readable.from([bytes.subarray(start)], { objectMode: false });
  }

  exists(descriptor: Descriptor, options: OperationOptions = {}): Promise<boolean> {
    return contentExists(this.#context, descriptor, options);
  }

  async push(descriptor: Descriptor, content: Readable, options: OperationOptions = {}): Promise<void> {
    if (!isManifestMediaType(descriptor.mediaType)) return pushBlob(this.#context, descriptor, content, options);
    try {
      options.signal?.throwIfAborted();
      if (descriptor.size > MAX_MANIFEST_SIZE) {
        throw new KubecrateError(
          'LIMIT_EXCEEDED',
          `cannot push manifest ${descriptor.digest}: ${descriptor.size} bytes, the limit is ${MAX_MANIFEST_SIZE}`,
        );
      }
      const bytes = await readChecked(content, descriptor, options.signal);
      await pushManifest(this.#context, descriptor, bytes, options);
    } finally {
      content.destroy();
    }
  }

  resolveBlob(digest: Digest, options: OperationOptions = {}): Promise<Descriptor> {
    return resolveBlob(this.#context, digest, options);
  }

  tag(descriptor: Descriptor, tag: string, options: OperationOptions = {}): Promise<void> {
    return tagManifest(this.#context, descriptor, tag, options);
  }

  tags(options: TagOptions = {}): AsyncGenerator<string> {
    return listTags(this.#context, options);
  }

  referrers(descriptor: Descriptor, options: ReferrerOptions = {}): AsyncGenerator<Descriptor> {
    return listReferrers(this.#context, descriptor.digest, options);
  }

  mount(
    descriptor: Descriptor,
    fromRepository: string | undefined,
    options: OperationOptions = {},
  ): Promise<'mounted' | 'declined'> {
    return mountBlob(this.#context, descriptor, fromRepository, options.signal);
  }

  delete(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    return deleteContent(this.#context, descriptor, options);
  }

  untag(tag: string, options: OperationOptions = {}): Promise<void> {
    return deleteTag(this.#context, tag, options);
  }

  fetchToFile(
    descriptor: Descriptor,
    destination: BulkDestination,
    options: BulkOptions = {},
  ): Promise<BulkResult | 'declined'> {
    return fetchToFile(this.#context, this.#bulk, { descriptor, destination, ...options });
  }

  pour(descriptor: Descriptor, sink: BlobSink, options: OperationOptions = {}): Promise<'poured' | 'declined'> {
    return pourBlob(this.#context, this.#bulk, { descriptor, sink, ...options });
  }

  receivePoured(descriptor: Descriptor, pour: Pour, options: OperationOptions = {}): Promise<'received' | 'declined'> {
    return pushPoured(this.#context, descriptor, pour, options);
  }
}
