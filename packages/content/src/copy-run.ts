/** What the copies of one run share: the scheduler, what was asked already, what is on its way. */

import type { Descriptor, Digest, Platform } from '@kubecrate/oci';
import type { Beside } from './beside.ts';
import type { OnEvent } from './events.ts';
import { type Framing, isHosted, isMounter } from './powers.ts';
import type { LoadedManifest } from './read-content.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts';
import { DEFAULT_LIMITS, type Limits, Scheduler, type Turn } from './scheduler.ts';
import type { ReadOnlyTarget, Target } from './target.ts';

export interface CopyOptions {
  /** The platforms wanted of images that have several; all of them where it is absent. */
  readonly platforms?: readonly Platform[] | undefined;
  /** What an image that lacks a wanted platform is: an error, or a warning event and one image less. */
  readonly onMissingPlatform?: 'error' | 'warn';
  /** Whether signatures, SBOMs and what else refers to an image travel along. */
  readonly referrers?: 'copy' | 'skip';
  /** Whether a tag that is at the destination already, with the same digest, is left alone. Default `trust`. */
  readonly existing?: 'trust' | 'rewrite';
  readonly limits?: Limits;
  readonly retry?: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
  /** Asks for the digest of a blob between two pieces of bytes, computed while the blob passes. */
  readonly framingOf?: (descriptor: Descriptor) => Framing | undefined;
  readonly onFramed?: (descriptor: Descriptor, framed: Digest) => void;
}

/** Blobs below this stay on the main thread: handing them to a worker costs more than moving them. Bytes. */
export const BULK_THRESHOLD: number = 64 * 1024;

/** What the destination said of a blob before this run brought it. */
export type Found = 'present' | 'absent' | 'unknown';

/** Where a blob of this run is, or will be when its promise resolves. */
export interface Arrival {
  readonly source: ReadOnlyTarget;
  readonly destination: Target;
  readonly done: Promise<Found>;
}

/** The state of one run over many images. */
export class CopyRun {
  readonly options: CopyOptions;
  readonly retry: RetryPolicy;
  /** Hosts that could not be asked for what is beside their images, and are not asked again. */
  readonly mute: Set<string> = new Set();
  readonly #scheduler: Scheduler;
  readonly #end = new AbortController();
  readonly #ended: AbortSignal;
  readonly #resolved = new Map<ReadOnlyTarget, Map<string, Promise<Descriptor>>>();
  readonly #manifests = new Map<Digest, Promise<LoadedManifest>>();
  readonly #pushed = new Map<Target, Map<Digest, Promise<boolean>>>();
  readonly #arrivals = new Map<Target, Map<Digest, Arrival>>();
  readonly #arrivalsNear = new Map<object, Map<Digest, Arrival>>();
  readonly #beside = new Map<ReadOnlyTarget, Map<Digest, Promise<Beside>>>();
  readonly #tags = new Map<object, Promise<ReadonlySet<string> | undefined>>();

  constructor(options: CopyOptions) {
    this.options = options;
    this.retry = options.retry ?? DEFAULT_RETRY;
    this.#scheduler = new Scheduler(options.limits ?? DEFAULT_LIMITS);
    this.#ended = options.signal === undefined ? this.#end.signal : AbortSignal.any([options.signal, this.#end.signal]);
  }

  /** A small request: its turn comes before all large transfers. Work on this machine alone does not wait. */
  request<T>(targets: readonly object[], work: () => Promise<T>): Promise<T> {
    const hosts = hostsOf(targets);
    if (hosts.length === 0) return work();
    return this.#scheduler.run({ lane: 'request', hosts, weight: 0, signal: this.options.signal }, work);
  }

  /** A request that nothing waits for yet: its turn comes after all others, and not after the end of the run. */
  aside<T>(targets: readonly object[], work: () => Promise<T>): Promise<T> {
    const hosts = hostsOf(targets);
    if (hosts.length === 0) return work();
    return this.#scheduler.run({ lane: 'request', hosts, weight: -2, signal: this.#ended }, work);
  }

  /** Gives up what nothing waited for. */
  end(): void {
    this.#end.abort(new Error('the run has ended'));
  }

  /**
   * A transfer of `size` bytes: the largest waiting one goes first. Small ones of a registry travel with the requests, and after
   * them: behind the large ones they would be left for the end, when nothing else is left to do meanwhile.
   */
  transfer<T>(targets: readonly object[], size: number, work: () => Promise<T>): Promise<T> {
    const hosts = hostsOf(targets);
    const { signal } = this.options;
    const turn: Turn =
      size < BULK_THRESHOLD && hosts.length > 0
        ? { lane: 'request', hosts, weight: -1, signal }
        : { lane: 'blob', hosts, weight: size, signal };
    return this.#scheduler.run(turn, work);
  }

  /** Resolves a reference once a run. */
  resolve(source: ReadOnlyTarget, reference: string, resolve: () => Promise<Descriptor>): Promise<Descriptor> {
    return once(inner(this.#resolved, source), reference, resolve);
  }

  /** Loads a manifest once a run, whoever needs it; a failed load may be tried again from another source. */
  manifest(digest: Digest, load: () => Promise<LoadedManifest>): Promise<LoadedManifest> {
    return once(this.#manifests, digest, load);
  }

  /** Lists the tags of a source once a run; undefined where that is no use. */
  tags(
    source: ReadOnlyTarget,
    list: () => Promise<ReadonlySet<string> | undefined>,
  ): Promise<ReadonlySet<string> | undefined> {
    return once(this.#tags, source, list);
  }

  /** Looks once a run for what is beside a manifest. */
  beside(source: ReadOnlyTarget, digest: Digest, look: () => Promise<Beside>): Promise<Beside> {
    return once(inner(this.#beside, source), digest, look);
  }

  /** Pushes a manifest once a run: registries do not take well to two writers of one link. */
  push(destination: Target, digest: Digest, push: () => Promise<boolean>): Promise<boolean> {
    return once(inner(this.#pushed, destination), digest, push);
  }

  /** The blobs that this run brought, or is bringing, to `destination`. */
  arrivals(destination: Target): Map<Digest, Arrival> {
    return inner(this.#arrivals, destination);
  }

  /** The same for everything that shares storage with `destination`, each blob once. */
  arrivalsNear(destination: Target): Map<Digest, Arrival> {
    return inner(this.#arrivalsNear, isMounter(destination) ? destination.space : destination);
  }
}

function hostsOf(targets: readonly object[]): readonly string[] {
  return [...new Set(targets.flatMap((target) => (isHosted(target) ? [target.host] : [])))];
}

function inner<K, A, B>(map: Map<K, Map<A, B>>, key: K): Map<A, B> {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = new Map<A, B>();
  map.set(key, made);
  return made;
}

function once<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}
