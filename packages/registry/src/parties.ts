/** From the places of a repository to parties that can be asked: scheme, certificates, authentication. */

import { KubecrateError } from '@kubecrate/errors';
import { Authorizer } from './auth/authorizer.ts';
import { getFromHelper } from './auth/credential-helper.ts';
import { findCredential } from './auth/credentials.ts';
import { requestToken } from './auth/token.ts';
import { realmUrl } from './auth/token-policy.ts';
import type { TlsOptions } from './config/certificates.ts';
import type { Credential } from './config/docker-config.ts';
import type { HostCapability } from './config/hosts-toml.ts';
import { schemeOf } from './config/insecure-registries.ts';
import { DEFAULT_USER_AGENT, type RegistryConfig } from './config/registry-config.ts';
import { DOCKER_HUB_HOST, hostOfDomain, type Place, placesOf } from './endpoints.ts';
import type { HostSettings } from './host-settings.ts';
import { discard } from './http/body.ts';
import { Patience, patiently } from './http/patience.ts';
import { kept } from './kept.ts';
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
  readonly #settings: HostSettings;
  readonly #session: Session;
  readonly #origins = new Map<string, Promise<string>>();
  readonly #authorizers = new Map<string, Authorizer>();
  readonly #answers = new Map<string, Promise<Credential | undefined>>();

  constructor(config: RegistryConfig, settings: HostSettings, session: Session) {
    this.#config = config;
    this.#settings = settings;
    this.#session = session;
  }

  /** The parties of a repository: mirrors in their order, the registry last. */
  async of(domain: string, repository: string): Promise<readonly RepositoryParty[]> {
    const places = placesOf(domain, repository, this.#config, await this.#settings.hostsToml(domain));
    return Promise.all(places.map((place) => this.#party(place, domain)));
  }

  async #party(place: Place, domain: string): Promise<RepositoryParty> {
    const { role, entry, host } = place;
    const name =
      role === 'registry' && entry === undefined && host === hostOfDomain(domain) ? domain : nameOfHost(host);
    const base = await this.#base(place);
    const own = entry === undefined ? undefined : await this.#settings.tlsOfEntry(entry);
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
      if (!URL.canParse(`https://${host}`)) {
        throw new KubecrateError('INVALID_CONFIG', `${JSON.stringify(host)} is no address of a registry`, {
          hint: 'check its name and its port, in registries.conf too',
        });
      }
      const scheme = given ?? (await this.#settings.schemeOf(host));
      if (scheme === 'probe') return (await this.#speaksTls(host)) ? `https://${host}` : `http://${host}`;
      return `${scheme === 'http' ? 'http' : 'https'}://${host}`;
    });
  }

  /** True where a host that is configured as insecure answers over TLS, whatever certificate it shows. */
  async #speaksTls(host: string): Promise<boolean> {
    const { connections } = this.#session;
    const tls: TlsOptions = { ...(await this.#settings.tlsOf(host)), verification: 'skip' };
    try {
      discard(await connections.exchange({ method: 'GET', url: new URL(`https://${host}/v2/`), headers: {}, tls }));
      this.#settings.trustBlindly(host, tls);
      return true;
    } catch (error) {
      if (error instanceof KubecrateError && (error.code === 'TLS' || error.code === 'NETWORK')) return false;
      throw error;
    }
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
    const allowsHttp = (host: string): boolean =>
      ['http', 'probe'].includes(schemeOf(host, insecureRegistries, { certificates: 'absent' }));
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
