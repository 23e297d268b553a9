/** The registries of a run, each reached as its authentication entry says. */

import {
  givenCredentials,
  openRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryConfig,
  type RegistryRepository,
} from '@kubecrate/registry';
import { type AuthEntry, entryFor } from './credentials.ts';
import type { Repository } from './rule.ts';

/**
 * Opens clients of the registries. Entries of `auth` go before the credentials that `config` has. Plain http and unverified TLS are
 * allowed for the repositories of an `insecure` entry and for no other of its registry.
 */
export function openSyncRegistries(
  auth: readonly AuthEntry[],
  config: RegistryConfig,
  options: RegistryClientOptions = {},
): SyncRegistries {
  const given = givenCredentials(
    Object.fromEntries(
      auth.flatMap(({ domain, path, login }) =>
        login === undefined
          ? []
          : [[path === '' ? domain : `${domain}/${path}`, { kind: 'password' as const, ...login }]],
      ),
    ),
  );
  const common: RegistryConfig = { ...config, credentials: [given, ...(config.credentials ?? [])] };
  const insecure = auth.filter(({ security }) => security === 'insecure').map(({ domain }) => domain);
  const verified = openRegistryClient(common, options);
  const unverified =
    insecure.length === 0
      ? verified
      : openRegistryClient(
          { ...common, insecureRegistries: [...insecure, ...(config.insecureRegistries ?? [])] },
          options,
        );
  return new SyncRegistries(auth, verified, unverified);
}

export class SyncRegistries implements AsyncDisposable {
  readonly #auth: readonly AuthEntry[];
  readonly #verified: RegistryClient;
  readonly #unverified: RegistryClient;

  constructor(auth: readonly AuthEntry[], verified: RegistryClient, unverified: RegistryClient) {
    this.#auth = auth;
    this.#verified = verified;
    this.#unverified = unverified;
  }

  /** The same object every time. */
  repository(repository: Repository): RegistryRepository {
    return this.#clientFor(repository).repository(repository.domain, repository.repository);
  }

  /** The same repository as what is written to: no mirror is asked what it has. */
  destination(repository: Repository): RegistryRepository {
    return this.#clientFor(repository).destination(repository.domain, repository.repository);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#verified[Symbol.asyncDispose]();
    if (this.#unverified !== this.#verified) await this.#unverified[Symbol.asyncDispose]();
  }

  #clientFor(repository: Repository): RegistryClient {
    const isInsecure = entryFor(this.#auth, repository)?.security === 'insecure';
    return isInsecure ? this.#unverified : this.#verified;
  }
}
