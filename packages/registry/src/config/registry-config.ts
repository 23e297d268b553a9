/** How registries are reached, as data. {@link loadRegistryConfig} reads it from the files people have; tests write it by hand. */

import type { RetryPolicy } from '@kubecrate/content';
import type { CredentialFile } from './docker-config.ts';
import type { RegistryRule } from './registries-conf.ts';

/** Everything a registry client can be told. An empty object is a valid configuration. */
export interface RegistryConfig {
  /**
   * Registries whose certificate is not checked, or that speak plain http: `host`, `host:port`, an address range
   * (`10.0.0.0/8`), or one of them with a scheme. Without a scheme https is tried first, without verification, and http where
   * the host does not speak TLS (as in Docker); `http://host:port` means http only, `https://host:port` unverified TLS only.
   */
  readonly insecureRegistries?: readonly string[];
  /** Tried in order before Docker Hub, for pulls only: `mirror.example.com`, `http://10.0.0.1:5000`. */
  readonly registryMirrors?: readonly string[];
  /** Rules of registries.conf, version 2. */
  readonly registries?: readonly RegistryRule[];
  /** Registries that a name without one may mean: see {@link searchedRegistry}. */
  readonly unqualifiedSearch?: readonly string[];
  /** Directories laid out as Docker's certs.d, in order: the first that has a directory for the host is the one that counts. */
  readonly certificateDirectories?: readonly string[];
  /** Files of trusted authorities; the first that exists replaces the ones Node was built with. */
  readonly authorityFiles?: readonly string[];
  /** Files of authorities that are trusted beside those. */
  readonly extraAuthorityFiles?: readonly string[];
  /** Where credentials are, in order: the first source that has some for a registry is the one that counts. */
  readonly credentials?: readonly CredentialFile[];
  /** The environment that credential helpers are run with; `PATH` says where they are. */
  readonly helperEnvironment?: Readonly<Record<string, string | undefined>>;
  readonly proxy?: ProxyConfig;
  /** 'skip' checks no certificate of any registry. */
  readonly verification?: 'strict' | 'skip';
  /** For encrypted client keys that have no `X.pass` beside them. */
  readonly keyPassphrase?: string;
  /** How often a request is tried, and how long it waits in between. */
  readonly retry?: RetryPolicy;
  readonly timeouts?: Partial<Timeouts>;
  readonly userAgent?: string;
  readonly limits?: Partial<RegistryLimits>;
}

/** Proxies as the usual environment variables give them. */
export interface ProxyConfig {
  readonly http?: string;
  readonly https?: string;
  /** Host names, domains (`.example.com`), addresses and ranges that are reached directly, separated by commas. */
  readonly except?: string;
  /** The variables that the proxies were named in, for messages. Default: HTTP_PROXY and HTTPS_PROXY. */
  readonly variables?: { readonly http?: string; readonly https?: string };
}

export interface Timeouts {
  /** Until a connection stands, with its TLS; milliseconds. */
  readonly connectMs: number;
  /** Without a single byte in either direction; milliseconds. */
  readonly stallMs: number;
}

export interface RegistryLimits {
  /** Connections to one host that this client holds at once. */
  readonly connectionsPerHost: number;
  /** Pages of one listing (tags, catalog, referrers). */
  readonly pages: number;
  /** Bytes of a listing or of a token answer. */
  readonly answerBytes: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 30_000, stallMs: 30_000 };

export const DEFAULT_LIMITS: RegistryLimits = {
  connectionsPerHost: 48,
  pages: 10_000,
  answerBytes: 4 * 1024 * 1024,
};

export const DEFAULT_USER_AGENT = 'kubecrate';
