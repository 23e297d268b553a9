/** The bulk door, seen from the main thread: files that workers fill. It asks what it is told to ask and decides nothing. */

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { BlobSink, BulkDestination, OnEvent } from '@kubecrate/content';
import { messageOf } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';
import type { TlsOptions } from '../config/certificates.ts';
import { proxyFor } from '../config/proxy.ts';
import type { ProxyConfig, Timeouts } from '../config/registry-config.ts';
import type { ClientChoice, ShowingOptions } from '../http/client-choice.ts';
import { addressOf } from '../http/connections.ts';
import type { WireRequest } from '../http/wire.ts';
import { FilledFile } from './filled-file.ts';
import type { WorkerOrigin, WorkerTls } from './messages.ts';
import { PouredBlob } from './poured-blob.ts';
import { Pourers } from './pourers.ts';
import { WorkerLink } from './worker-link.ts';

export interface BulkDoorOptions {
  readonly proxy: ProxyConfig;
  readonly timeouts: Timeouts;
  readonly tlsOf: (host: string) => Promise<TlsOptions>;
  readonly clients: ClientChoice;
  readonly onEvent?: OnEvent | undefined;
}

/** A host to dial, under a key that requests share which may share connections. */
export interface DialledOrigin {
  readonly key: string;
  readonly origin: WorkerOrigin;
  readonly tls?: TlsOptions;
}

/** More threads than this only take turns at the same sockets. */
const MAX_WORKERS = 4;

/** Worker threads of one client; started when the first blob comes, ended with the client. */
export class BulkDoor {
  readonly #options: BulkDoorOptions;
  readonly #workers: WorkerLink[] = [];
  /** TLS options by the number that stands for them in the key of an origin. */
  readonly #tlsNumbers = new Map<TlsOptions, number>();
  readonly #pourers = new Pourers();
  #script: string | 'unknown' | 'missing' = 'unknown';

  constructor(options: BulkDoorOptions) {
    this.#options = options;
  }

  /**
   * Opens a file to be filled; the first bytes of the blob that it has are taken over. The caller closes it.
   * Undefined where there are no workers to be had.
   */
  async open(
    descriptor: Descriptor,
    destination: BulkDestination,
    onProgress: ((bytes: number) => void) | undefined,
  ): Promise<FilledFile | undefined> {
    const script = this.#findScript();
    if (script === undefined) return undefined;
    return FilledFile.open(this.#leastBusy(script), { descriptor, destination, onProgress, door: this });
  }

  /** A blob that is poured through sockets of this thread. */
  pour(descriptor: Descriptor, sink: BlobSink): PouredBlob {
    return new PouredBlob({ descriptor, sink, door: this, pourers: this.#pourers });
  }

  /**
   * What a worker needs to dial the host of a request: undefined where only the ordinary door can, through a proxy.
   */
  async originOf({ url, tls }: WireRequest): Promise<DialledOrigin | undefined> {
    if (proxyFor(url, this.#options.proxy) !== undefined) return undefined;
    const address = { ...addressOf(url), authority: url.host };
    if (url.protocol === 'http:') return { key: url.origin, origin: address };
    const options = tls ?? (await this.#options.tlsOf(url.host));
    const number = this.#tlsNumbers.get(options) ?? this.#tlsNumbers.size;
    this.#tlsNumbers.set(options, number);
    return {
      key: `${url.origin} ${number}`,
      origin: { ...address, tls: workerTls(options, address.host) },
      tls: options,
    };
  }

  /** What {@link showingEach} needs. */
  get showing(): ShowingOptions {
    return this.#options;
  }

  get timeouts(): Timeouts {
    return this.#options.timeouts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pourers[Symbol.dispose]();
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()));
  }

  /** A second worker is started when the first has something to do, and so on. */
  #leastBusy(script: string): WorkerLink {
    const alive = this.#workers.filter((worker) => worker.isAlive);
    this.#workers.splice(0, this.#workers.length, ...alive);
    const [idlest] = alive.sort((a, b) => a.load - b.load);
    const most = Math.min(MAX_WORKERS, availableParallelism());
    if (idlest !== undefined && (idlest.load === 0 || alive.length >= most)) return idlest;
    const started = new WorkerLink(script);
    this.#workers.push(started);
    return started;
  }

  /** Workers run the built file: Node loads no TypeScript. Where it was not built the ordinary door does the work, and says so. */
  #findScript(): string | undefined {
    if (this.#script === 'unknown') {
      try {
        this.#script = createRequire(import.meta.url).resolve('@kubecrate/registry/bulk-worker');
      } catch (error) {
        this.#script = 'missing';
        const message = `blobs are fetched without worker threads, which is slower: ${messageOf(error)}`;
        this.#options.onEvent?.({ type: 'warning', message });
      }
    }
    return this.#script === 'missing' ? undefined : this.#script;
  }
}

function workerTls({ verification, ca, client }: TlsOptions, host: string): WorkerTls {
  return {
    verification,
    // A name of an address is no server name (RFC 6066).
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
    ...(client?.passphrase === undefined ? {} : { passphrase: client.passphrase }),
  };
}
