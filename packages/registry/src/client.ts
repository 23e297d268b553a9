/** The client of registries: one for a run, so that connections, tokens and what was learned about hosts are shared. */

import { DEFAULT_RETRY, type Namespace, type OnEvent, type OperationOptions } from '@kubecrate/content';
import { UNQUALIFIED } from '@kubecrate/oci';
import { BulkDoor } from './bulk/door.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, DEFAULT_USER_AGENT, type RegistryConfig } from './config/registry-config.ts';
import { searchedRegistry, searchedRepository } from './config/searched-registry.ts';
import { hostOfDomain } from './endpoints.ts';
import { HostSettings } from './host-settings.ts';
import { ClientChoice } from './http/client-choice.ts';
import { Connections } from './http/connections.ts';
import { HostGate } from './http/host-gate.ts';
import { MirrorHealth } from './http/mirror-health.ts';
import { listRepositories } from './operations/listings.ts';
import { ManifestCache } from './operations/manifest-cache.ts';
import { type PingResult, pingRegistry } from './operations/ping.ts';
import { type RepositoryContext, withoutMirrors } from './operations/repository-context.ts';
import { Parties, type RepositoryParty } from './parties.ts';
import { RegistryRepository } from './repository.ts';
import type { Session } from './session.ts';

export interface RegistryClientOptions {
  /** Told of retries, and of mirrors that were passed over. */
  readonly onEvent?: OnEvent | undefined;
  /** The clock: milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** Manifests kept for a second reader; bytes. */
const MANIFEST_CACHE = 16 * 1024 * 1024;

/** Opens a client. Nothing is asked of any registry yet, and no file is read. */
export function openRegistryClient(config: RegistryConfig, options: RegistryClientOptions = {}): RegistryClient {
  return new RegistryClient(config, options);
}

/** One repository, as what it may be to a copy. */
interface Ends {
  readonly source: RegistryRepository;
  readonly destination: RegistryRepository;
}

/** A client of any number of registries. Disposing it closes all connections and ends the worker threads. */
export class RegistryClient implements AsyncDisposable {
  readonly #session: Session;
  readonly #parties: Parties;
  /** Whose a name without a registry is. */
  readonly #searched: string;
  readonly #bulk: BulkDoor;
  readonly #userAgent: string;
  readonly #manifests = new ManifestCache(MANIFEST_CACHE);
  readonly #spaces = new Map<string, object>();
  readonly #repositories = new Map<string, Ends>();

  constructor(config: RegistryConfig, { onEvent, now = Date.now }: RegistryClientOptions) {
    const timeouts = { ...DEFAULT_TIMEOUTS, ...config.timeouts };
    const limits = { ...DEFAULT_LIMITS, ...config.limits };
    const proxy = config.proxy ?? {};
    const { connectionsPerHost } = limits;
    const settings = new HostSettings(config, now);
    const tlsOf = settings.tlsOf.bind(settings);
    const clients = new ClientChoice();
    this.#session = {
      connections: new Connections({ proxy, timeouts, connectionsPerHost, tlsOf, clients }),
      gate: new HostGate(now),
      mirrors: new MirrorHealth(now),
      chunked: new Map(),
      referrers: new Map(),
      retry: config.retry ?? DEFAULT_RETRY,
      timeouts,
      limits,
      now,
      onEvent,
    };
    this.#parties = new Parties(config, settings, this.#session);
    this.#bulk = new BulkDoor({ proxy, timeouts, tlsOf, clients, onEvent });
    this.#searched = searchedRegistry(config);
    this.#userAgent = config.userAgent ?? DEFAULT_USER_AGENT;
  }

  /**
   * A repository to read from: its mirrors are asked first. `repository('docker.io', 'library/mysql')`,
   * `repository(UNQUALIFIED, 'mysql')`; the same object every time.
   */
  repository(domain: string, repository: string): RegistryRepository {
    return this.#ends(domain, repository).source;
  }

  /**
   * The same repository as the destination of a copy: the registry itself, and no mirror, is asked what it has already.
   * The same object every time.
   */
  destination(domain: string, repository: string): RegistryRepository {
    return this.#ends(domain, repository).destination;
  }

  /** The repositories of one registry. Listing them needs its catalog, which many registries keep to themselves. */
  namespace(domain: string): Namespace<RegistryRepository> {
    return {
      repository: (name) => this.repository(domain, name),
      repositories: (options) => this.#repositoriesOf(domain, options ?? {}),
    };
  }

  /**
   * Asks a registry whether it is one and lets this client in; what `login` checks a password with.
   * @throws KubecrateError UNAUTHORIZED, DENIED, NETWORK, TLS, REGISTRY
   */
  async ping(domain: string, { signal }: OperationOptions = {}): Promise<PingResult> {
    return pingRegistry(this.#session, await this.#registry(domain), { signal, userAgent: this.#userAgent });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.connections[Symbol.dispose]();
    await this.#bulk[Symbol.asyncDispose]();
  }

  async *#repositoriesOf(domain: string, { signal }: OperationOptions): AsyncGenerator<string> {
    yield* listRepositories(this.#session, await this.#registry(domain), { signal, userAgent: this.#userAgent });
  }

  #ends(domain: string, repository: string): Ends {
    if (domain === UNQUALIFIED) return this.#ends(this.#searched, searchedRepository(this.#searched, repository));
    const name = `${domain}/${repository}`;
    const found = this.#repositories.get(name);
    if (found !== undefined) return found;
    const host = hostOfDomain(domain);
    const place = { host, space: this.#space(host), bulk: this.#bulk };
    const context = this.#context(domain, repository);
    const made = {
      source: new RegistryRepository(context, place),
      destination: new RegistryRepository(withoutMirrors(context), place),
    };
    this.#repositories.set(name, made);
    return made;
  }

  #context(domain: string, repository: string): RepositoryContext {
    let parties: Promise<readonly RepositoryParty[]> | undefined;
    return {
      session: this.#session,
      domain,
      repository,
      name: `${domain}/${repository}`,
      userAgent: this.#userAgent,
      aim: 'read',
      manifests: this.#manifests,
      written: { value: 'nothing' },
      uploads: new Map(),
      turns: new Map(),
      parties: () => {
        parties ??= this.#parties.of(domain, repository).catch((error: unknown) => {
          parties = undefined;
          throw error;
        });
        return parties;
      },
    };
  }

  /** The registry as such, without any repository: it is always the last party. */
  async #registry(domain: string): Promise<RepositoryParty> {
    const found = (await this.#parties.of(domain, '')).slice(-1);
    return found[0] as RepositoryParty;
  }

  #space(host: string): object {
    const found = this.#spaces.get(host);
    if (found !== undefined) return found;
    const made = {};
    this.#spaces.set(host, made);
    return made;
  }
}
