/** Repositories over one content store: the content is shared, the tags live as long as the view. */

import type { Readable } from 'node:stream';
import {
  type BulkReceiver,
  type CompanionKeeper,
  type Companions,
  companionKey,
  type FetchOptions,
  type Fill,
  formatCompanions,
  type GraphContent,
  isBulkReceiver,
  isLinker,
  type Linker,
  type Mounter,
  type Namespace,
  type OperationOptions,
  parseCompanions,
  type Store,
  type Target,
} from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';

/** A store whose content is found by digest alone, such as the local image store. */
export type ContentStore = Store & Pick<Target, 'resolve'> & Partial<NoteKeeper>;

/** A store that remembers small texts by name. */
export interface NoteKeeper {
  note(name: string): Promise<Buffer | undefined>;
  keepNote(name: string, text: string): Promise<void>;
}

/** Any repository name is there; each remembers the tags it is given, and nothing is written but content. */
export function viewStore(store: ContentStore): Namespace<Target> {
  const repositories = new Map<string, Target>();
  return {
    repository(name) {
      const found = repositories.get(name);
      if (found !== undefined) return found;
      const made = isBulkReceiver(store) && isLinker(store) ? new DirectView(store, name) : new View(store, name);
      repositories.set(name, made);
      return made;
    },
    async *repositories(options = {}) {
      options.signal?.throwIfAborted();
      yield* [...repositories.keys()].sort();
    },
  };
}

class View implements Target, Mounter, CompanionKeeper {
  readonly repository: string;
  readonly #store: ContentStore;
  readonly #tags = new Map<string, Descriptor>();

  constructor(store: ContentStore, repository: string) {
    this.#store = store;
    this.repository = repository;
  }

  /** Views of one store share all their content. */
  get space(): object {
    return this.#store;
  }

  async companionsOf(content: GraphContent, options?: OperationOptions): Promise<Companions | undefined> {
    const bytes = await this.#store.note?.(companionKey(this.repository, content));
    if (bytes === undefined) return undefined;
    const companions = parseCompanions(bytes);
    const stored = [...companions.manifests, ...companions.blobs].map((part) => this.#store.exists(part, options));
    return (await Promise.all(stored)).every(Boolean) ? companions : undefined;
  }

  async keepCompanions(content: GraphContent, companions: Companions): Promise<void> {
    await this.#store.keepNote?.(companionKey(this.repository, content), formatCompanions(companions));
  }

  async mount(
    descriptor: Descriptor,
    _from: string | undefined,
    options?: OperationOptions,
  ): Promise<'mounted' | 'declined'> {
    return (await this.#store.exists(descriptor, options)) ? 'mounted' : 'declined';
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#store.fetch(descriptor, options);
  }

  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return this.#store.exists(descriptor, options);
  }

  push(descriptor: Descriptor, content: Readable, options?: OperationOptions): Promise<void> {
    return this.#store.push(descriptor, content, options);
  }

  async resolve(tagOrDigest: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const tagged = this.#tags.get(tagOrDigest);
    if (tagged !== undefined) return tagged;
    throw new NotFoundError(`tag ${JSON.stringify(tagOrDigest)} is not there`);
  }

  async tag(descriptor: Descriptor, tag: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#tags.set(tag, descriptor);
  }
}

/** The same over a store that takes files directly. */
class DirectView extends View implements BulkReceiver, Linker {
  readonly #direct: BulkReceiver & Linker;

  constructor(store: ContentStore & BulkReceiver & Linker, repository: string) {
    super(store, repository);
    this.#direct = store;
  }

  receive(descriptor: Descriptor, fill: Fill, options?: OperationOptions): Promise<'received' | 'declined'> {
    return this.#direct.receive(descriptor, fill, options);
  }

  link(descriptor: Descriptor, path: string, options?: OperationOptions): Promise<'linked' | 'declined'> {
    return this.#direct.link(descriptor, path, options);
  }
}
