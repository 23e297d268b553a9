/** What is known of a host before it is spoken to: its scheme, its certificates, its hosts.toml. */

import path from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  findCertificateDirectory,
  readAuthority,
  readCertificateDirectory,
  readClientCertificates,
  type TlsOptions,
  withSystemAuthorities,
} from './config/certificates.ts';
import { type HostEntry, type HostsToml, parseHostsToml } from './config/hosts-toml.ts';
import { type Scheme, schemeOf } from './config/insecure-registries.ts';
import { readIfThere } from './config/read-if-there.ts';
import type { RegistryConfig } from './config/registry-config.ts';
import { DOCKER_HUB_HOST, hostOfDomain } from './endpoints.ts';
import { kept } from './kept.ts';

/** Reads the files of each host once. */
export class HostSettings {
  readonly #config: RegistryConfig;
  readonly #now: () => number;
  readonly #tls = new Map<string, Promise<TlsOptions>>();
  readonly #entries = new Map<string, Promise<TlsOptions>>();
  readonly #hosts = new Map<string, Promise<HostsToml | undefined>>();
  readonly #directories = new Map<string, Promise<{ path: string; files: readonly string[] } | undefined>>();
  #authorities: Promise<string | undefined> | undefined;

  constructor(config: RegistryConfig, now: () => number) {
    this.#config = config;
    this.#now = now;
  }

  /** How TLS is spoken to a host, by the certificates there are for it. */
  tlsOf(host: string): Promise<TlsOptions> {
    return kept(this.#tls, host, () => this.#readTls(host));
  }

  /** From now on TLS with this host is spoken without checks: a rule calls it insecure. */
  trustBlindly(host: string, tls: TlsOptions): void {
    this.#tls.set(host, Promise.resolve({ ...tls, verification: 'skip' }));
  }

  /** How a host is spoken to where no rule says so. */
  async schemeOf(host: string): Promise<Scheme> {
    const certificates = (await this.#directory(host)) === undefined ? 'absent' : 'configured';
    const { insecureRegistries = [], verification } = this.#config;
    return schemeOf(host, insecureRegistries, { certificates, verification });
  }

  /** TLS as an entry of hosts.toml has it. */
  tlsOfEntry(entry: HostEntry): Promise<TlsOptions> {
    return kept(this.#entries, JSON.stringify([entry.url, entry.ca, entry.client, entry.verification]), () =>
      this.#readEntryTls(entry),
    );
  }

  /** containerd's file stands in the directory of the registry as it is named; `_default` is for all that have none. */
  hostsToml(domain: string): Promise<HostsToml | undefined> {
    return kept(this.#hosts, domain, () => this.#readHostsToml(domain));
  }

  async #readTls(host: string): Promise<TlsOptions> {
    const { certificateDirectories = [], verification = 'strict', keyPassphrase } = this.#config;
    const authorities = await this.#systemAuthorities();
    const directory = await this.#directory(host);
    const scheme = await this.schemeOf(host);
    const found =
      directory === undefined
        ? {}
        : await readCertificateDirectory(directory, { authorities, keyPassphrase, now: this.#now });
    return {
      ...(authorities === undefined ? {} : { ca: [authorities] }),
      ...found,
      verification: verification === 'skip' || scheme === 'unverified' || scheme === 'probe' ? 'skip' : 'strict',
      // Where there is one it is the one that counts: another one before it would take it away.
      lookedIn:
        directory === undefined ? certificateDirectories.map((root) => path.join(root, host)) : [directory.path],
    };
  }

  async #readEntryTls(entry: HostEntry): Promise<TlsOptions> {
    const general = await this.tlsOf(entry.url.host);
    const authorities = await this.#systemAuthorities();
    const ca = await Promise.all(entry.ca.map(readAuthority));
    const options = { keyPassphrase: this.#config.keyPassphrase, now: this.#now };
    const { client: _client, otherClients: _others, ...unshown } = general;
    return {
      ...(entry.client.length === 0
        ? general
        : { ...unshown, ...(await readClientCertificates(entry.client, options)) }),
      ...(ca.length === 0 ? {} : { ca: withSystemAuthorities(ca, authorities) }),
      ...(entry.verification === 'skip' ? { verification: 'skip' as const } : {}),
    };
  }

  async #readHostsToml(domain: string): Promise<HostsToml | undefined> {
    const directory = await this.#directory(hostOfDomain(domain));
    const files =
      directory === undefined
        ? (this.#config.certificateDirectories ?? []).map((root) => path.join(root, '_default', 'hosts.toml'))
        : [path.join(directory.path, 'hosts.toml')];
    for (const file of files) {
      const text = await readIfThere(file);
      if (text !== undefined) return parseHostsToml(text, file);
    }
    return undefined;
  }

  #systemAuthorities(): Promise<string | undefined> {
    this.#authorities ??= readAuthorities(this.#config);
    return this.#authorities;
  }

  #directory(host: string): Promise<{ path: string; files: readonly string[] } | undefined> {
    const names = host === DOCKER_HUB_HOST ? [host, 'docker.io'] : [host];
    return kept(this.#directories, host, () =>
      findCertificateDirectory(this.#config.certificateDirectories ?? [], names),
    );
  }
}

/** The first file of authorities that exists, with the extra ones behind it; undefined where Node's own are all there are. */
async function readAuthorities({
  authorityFiles = [],
  extraAuthorityFiles = [],
}: RegistryConfig): Promise<string | undefined> {
  const extra = await Promise.all(extraAuthorityFiles.map(readAuthority));
  for (const file of authorityFiles) {
    const text = await readIfThere(file);
    if (text !== undefined) return [text, ...extra].join('\n');
  }
  return extra.length === 0 ? undefined : [...rootCertificates, ...extra].join('\n');
}
