/** From the places of a repository to parties that can be asked: scheme, certificates, authentication. */

import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { KubecrateError } from '@kubecrate/errors';
import { Authorizer } from './auth/authorizer.ts';
import { getFromHelper } from './auth/credential-helper.ts';
import { findCredential } from './auth/credentials.ts';
import { requestToken } from './auth/token.ts';
import { realmUrl } from './auth/token-policy.ts';
import {
  candidateDirectories,
  findCertificateDirectory,
  readAuthority,
  readCertificateDirectory,
  readClientCertificate,
  type TlsOptions,
  withSystemAuthorities,
} from './config/certificates.ts';
import type { Credential } from './config/docker-config.ts';
import type { HostCapability, HostEntry, HostsToml } from './config/hosts-toml.ts';
import { parseHostsToml } from './config/hosts-toml.ts';
import { type Scheme, schemeOf } from './config/insecure-registries.ts';
import { readIfThere } from './config/read-if-there.ts';
import type { RegistryConfig } from './config/registry-config.ts';
import { DEFAULT_USER_AGENT } from './config/registry-config.ts';
import { DOCKER_HUB_HOST, hostOfDomain, type Place, placesOf } from './endpoints.ts';
import { discard } from './http/body.ts';
import { Patience, patiently } from './http/patience.ts';
import type { NamedParty, Session } from './session.ts';

/** A registry or a mirror that can be asked for one repository. */
export interface RepositoryParty extends NamedParty {
  readonly role: 'mirror' | 'registry';
  readonly repository: string;
  readonly capabilities: ReadonlySet<HostCapability>;
  readonly pulls: 'all' | 'digest-only' | 'tag-only';
  /** Query parameters of every read. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds out, once a host, how it is spoken to; keeps what it learned as long as the client lives. */
export class Parties {
  readonly #config: RegistryConfig;
  readonly #session: Session;
  readonly #tls = new Map<string, Promise<TlsOptions>>();
  readonly #origins = new Map<string, Promise<string>>();
  readonly #directories = new Map<string, Promise<{ path: string; files: readonly string[] } | undefined>>();
  readonly #authorizers = new Map<string, Authorizer>();
  readonly #answers = new Map<string, Promise<Credential | undefined>>();
  #authorities: Promise<string | undefined> | undefined;

  constructor(config: RegistryConfig, session: Session) {
    this.#config = config;
    this.#session = session;
  }

  /** The parties of a repository: mirrors in their order, the registry last. */
  async of(domain: string, repository: string): Promise<readonly RepositoryParty[]> {
    const places = placesOf(domain, repository, this.#config, await this.#hostsToml(domain));
    return Promise.all(places.map((place) => this.#party(place, domain)));
  }

  /** How TLS is spoken to a host, by the certificates there are for it. */
  tlsOf(host: string): Promise<TlsOptions> {
    return kept(this.#tls, host, () => this.#readTls(host));
  }

  async #party(place: Place, domain: string): Promise<RepositoryParty> {
    const { role, entry, host } = place;
    const name =
      role === 'registry' && entry === undefined && host === hostOfDomain(domain) ? domain : nameOfHost(host);
    const base = await this.#base(place);
    const own = entry === undefined ? undefined : await this.#entryTls(entry);
    return {
      role,
      registry: name,
      repository: place.repository,
      base,
      authorizer: this.#authorizer(name, base),
      headers: entry?.headers ?? {},
      capabilities: place.capabilities,
      pulls: place.pulls,
      parameters: place.mirrorOf === undefined ? {} : { ns: place.mirrorOf },
      ...(own === undefined ? {} : { tls: own }),
    };
  }

  async #base({ host, scheme, entry }: Place): Promise<URL> {
    const origin = entry === undefined ? await this.#originOf(host, scheme) : entry.url.origin;
    const prefix = entry === undefined ? '' : entry.url.pathname.replace(/\/+$/, '');
    if (entry?.path === 'replace' && prefix !== '') return new URL(`${prefix}/`, origin);
    return new URL(`${prefix.replace(/\/v2$/, '')}/v2/`, origin);
  }

  #originOf(host: string, given: Place['scheme']): Promise<string> {
    return kept(this.#origins, `${given ?? ''} ${host}`, async () => {
      const scheme = given ?? (await this.#schemeOf(host));
      if (scheme === 'probe') return (await this.#speaksTls(host)) ? `https://${host}` : `http://${host}`;
      return `${scheme === 'http' ? 'http' : 'https'}://${host}`;
    });
  }

  async #schemeOf(host: string): Promise<Scheme> {
    const certificates = (await this.#directory(host)) === undefined ? 'absent' : 'configured';
    return schemeOf(host, this.#config.insecureRegistries ?? [], certificates);
  }

  /** True where a host that is configured as insecure answers over TLS, whatever certificate it shows. */
  async #speaksTls(host: string): Promise<boolean> {
    const { connections } = this.#session;
    const tls: TlsOptions = { ...(await this.tlsOf(host)), verification: 'skip' };
    try {
      discard(await connections.exchange({ method: 'GET', url: new URL(`https://${host}/v2/`), headers: {}, tls }));
      this.#tls.set(host, Promise.resolve(tls));
      return true;
    } catch (error) {
      if (error instanceof KubecrateError && (error.code === 'TLS' || error.code === 'NETWORK')) return false;
      throw error;
    }
  }

  async #readTls(host: string): Promise<TlsOptions> {
    const { certificateDirectories = [], verification = 'strict', keyPassphrase } = this.#config;
    const authorities = await this.#systemAuthorities();
    const directory = await this.#directory(host);
    const scheme = await this.#schemeOf(host);
    const found =
      directory === undefined
        ? {}
        : await readCertificateDirectory(directory, { authorities, keyPassphrase, now: this.#session.now });
    return {
      ...(authorities === undefined ? {} : { ca: [authorities] }),
      ...found,
      verification: verification === 'skip' || scheme === 'unverified' || scheme === 'probe' ? 'skip' : 'strict',
      lookedIn: candidateDirectories(certificateDirectories, [host]),
    };
  }

  async #entryTls(entry: HostEntry): Promise<TlsOptions> {
    const general = await this.tlsOf(entry.url.host);
    const authorities = await this.#systemAuthorities();
    const ca = await Promise.all(entry.ca.map(readAuthority));
    const [pair] = entry.client;
    const options = { keyPassphrase: this.#config.keyPassphrase, now: this.#session.now };
    const client = pair === undefined ? undefined : await readClientCertificate(pair[0], pair[1], options);
    return {
      ...general,
      ...(ca.length === 0 ? {} : { ca: withSystemAuthorities(ca, authorities) }),
      ...(client === undefined ? {} : { client }),
      ...(entry.verification === 'skip' ? { verification: 'skip' as const } : {}),
    };
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

  /** containerd's file stands in the directory of the registry as it is named; `_default` is for all that have none. */
  async #hostsToml(domain: string): Promise<HostsToml | undefined> {
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

  #authorizer(registry: string, base: URL): Authorizer {
    const key = `${registry} ${base.origin}`;
    const found = this.#authorizers.get(key);
    if (found !== undefined) return found;
    const made = this.#makeAuthorizer(registry, base);
    this.#authorizers.set(key, made);
    return made;
  }

  #makeAuthorizer(registry: string, base: URL): Authorizer {
    const { insecureRegistries = [], userAgent = DEFAULT_USER_AGENT } = this.#config;
    const { now, retry, gate, onEvent, connections, timeouts, limits } = this.#session;
    const allowsHttp = (host: string): boolean => schemeOf(host, insecureRegistries, 'absent') !== 'https';
    const options = {
      exchange: connections.exchange.bind(connections),
      now,
      userAgent,
      stallMs: timeouts.stallMs,
      limit: limits.answerBytes,
    };
    return new Authorizer({
      registry,
      now,
      credential: (repository) => this.#credential(registry, repository),
      realm: (realm) => realmUrl(realm, { registry: base, allowsHttp }),
      requestToken: (asked) => {
        const what = `get a token for ${registry}`;
        const patience = new Patience({ policy: retry, gate, host: asked.realm.host, what, onEvent });
        return patiently(patience, () => requestToken(asked, options));
      },
    });
  }

  /** Each helper is asked once a registry. */
  #credential(host: string, repository: string | undefined): Promise<Credential | undefined> {
    const { credentials = [], helperEnvironment: env = {} } = this.#config;
    return findCredential(credentials, { host, repository }, (helper, server) =>
      kept(this.#answers, `${helper} ${server}`, () => getFromHelper(helper, server, { env })),
    );
  }
}

function nameOfHost(host: string): string {
  return host === DOCKER_HUB_HOST ? 'docker.io' : host;
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

/** Made once a key; a failure may be tried again. */
function kept<V>(map: Map<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}
