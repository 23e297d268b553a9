/** Reading content anew and holding it against its digests. */

import {
  ContentCheck,
  type OperationOptions,
  type ReadOnlyStore,
  readManifest,
  successorsOf,
} from '@kubecrate/content';
import { KubecrateError, messageOf } from '@kubecrate/errors';
import { type Descriptor, type Digest, isManifestMediaType } from '@kubecrate/oci';

/** What is wrong with some content. */
export interface Problem {
  readonly kind: 'missing' | 'corrupt' | 'conflict' | 'unreferenced' | 'broken-link';
  /** The content, or the path where there is no digest. */
  readonly subject: string;
  /** The image that needs it, or where it was found. */
  readonly where: string;
  readonly message: string;
}

/** What was read, and every problem found. */
export interface VerifyReport {
  /** Pieces of content that were read whole. */
  readonly checked: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

/** A manifest to begin from, with a name for people. */
export interface VerifyRoot {
  readonly descriptor: Descriptor;
  readonly name: string;
}

/** What a verification remembers: content is read once, whatever needs it. */
export class Verification {
  readonly #source: ReadOnlyStore;
  readonly #options: OperationOptions;
  readonly #seen = new Map<Digest, 'good' | 'bad'>();
  readonly #problems: Problem[] = [];
  #checked = 0;
  #bytes = 0;

  constructor(source: ReadOnlyStore, options: OperationOptions = {}) {
    this.#source = source;
    this.#options = options;
  }

  /** Digests that were looked at so far. */
  get seen(): ReadonlySet<Digest> {
    return new Set(this.#seen.keys());
  }

  add(problem: Problem): void {
    this.#problems.push(problem);
  }

  report(): VerifyReport {
    return { checked: this.#checked, bytes: this.#bytes, problems: this.#problems };
  }

  /** Checks a manifest and everything under it. An index may lack children (platforms that were not wanted), but not all of them. */
  async image({ descriptor, name }: VerifyRoot): Promise<void> {
    if (!isManifestMediaType(descriptor.mediaType)) {
      await this.content(descriptor, name);
      return;
    }
    const first = !this.#seen.has(descriptor.digest);
    if ((await this.content(descriptor, name)) === 'bad' || !first) return;
    const loaded = await this.#manifest(descriptor, name);
    if (loaded === undefined) return;
    const { manifests, blobs } = successorsOf(loaded);
    for (const blob of blobs) await this.content(blob, name);
    const present: Descriptor[] = [];
    for (const child of manifests) if (await this.#source.exists(child, this.#options)) present.push(child);
    if (present.length === 0 && manifests.length > 0) {
      const message = `none of the ${manifests.length} manifests of the index ${descriptor.digest} is there`;
      this.add({ kind: 'missing', subject: descriptor.digest, where: name, message });
    }
    for (const child of present) await this.image({ descriptor: child, name });
  }

  /** Reads one piece of content, once, and checks its size and digest. */
  async content(descriptor: Descriptor, where: string): Promise<'good' | 'bad'> {
    const before = this.#seen.get(descriptor.digest);
    if (before !== undefined) return before;
    const outcome = await this.#read(descriptor, where);
    this.#seen.set(descriptor.digest, outcome);
    return outcome;
  }

  async #read(descriptor: Descriptor, where: string): Promise<'good' | 'bad'> {
    this.#options.signal?.throwIfAborted();
    const check = new ContentCheck(descriptor);
    try {
      for await (const chunk of await this.#source.fetch(descriptor, this.#options)) {
        check.update(chunk);
        this.#bytes += chunk.byteLength;
      }
      this.#options.signal?.throwIfAborted();
      check.finish();
      this.#checked += 1;
      return 'good';
    } catch (error) {
      if (!(error instanceof KubecrateError)) throw error;
      if (error.code !== 'NOT_FOUND' && !WRONG_CONTENT.has(error.code)) throw error;
      const kind = error.code === 'NOT_FOUND' ? 'missing' : 'corrupt';
      this.add({ kind, subject: descriptor.digest, where, message: messageOf(error) });
      return 'bad';
    }
  }

  async #manifest(descriptor: Descriptor, where: string): Promise<Parameters<typeof successorsOf>[0] | undefined> {
    try {
      return (await readManifest(this.#source, descriptor, this.#options)).manifest;
    } catch (error) {
      if (!(error instanceof KubecrateError) || !WRONG_CONTENT.has(error.code)) throw error;
      this.add({ kind: 'corrupt', subject: descriptor.digest, where, message: messageOf(error) });
      return undefined;
    }
  }
}

const WRONG_CONTENT = new Set([
  'SIZE_MISMATCH',
  'DIGEST_MISMATCH',
  'INVALID_MANIFEST',
  'INVALID_DIGEST',
  'INVALID_ARCHIVE',
  'LIMIT_EXCEEDED',
  'UNSUPPORTED',
]);

/** Checks images and everything under them in any store. */
export async function verifyImages(
  source: ReadOnlyStore,
  roots: Iterable<VerifyRoot>,
  options: OperationOptions = {},
): Promise<VerifyReport> {
  const verification = new Verification(source, options);
  for (const root of roots) await verification.image(root);
  return verification.report();
}
