/** Which of the authentication entries belongs to a repository. */

import type { KubecrateError } from '@kubecrate/errors';
import type { Repository, Rule, RuleSet } from './rule.ts';

/** One entry of an authentication file. */
export interface AuthEntry {
  /** The registry as references name it, and the namespace or repository behind it, if the key has one. */
  readonly domain: string;
  readonly path: string;
  /** Absent for an entry that only says how the registry is reached. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Plain http and unverified TLS are allowed. */
  readonly security: 'verified' | 'insecure';
  readonly file: string;
  readonly line: number;
  /** Why its credentials are not known; rules that need them fail. */
  readonly fault?: KubecrateError;
}

/** The rules whose credentials are known; those that would use an entry with a fault have failed. */
export function withKnownCredentials({ rules, failed }: RuleSet, auth: readonly AuthEntry[]): RuleSet {
  const faultOf = ({ source, destination }: Rule): KubecrateError | undefined =>
    entryFor(auth, source.repository)?.fault ?? entryFor(auth, destination.repository)?.fault;
  const unknown = rules.flatMap((rule) => {
    const error = faultOf(rule);
    return error === undefined ? [] : [{ rule, error }];
  });
  return { rules: rules.filter((rule) => faultOf(rule) === undefined), failed: [...failed, ...unknown] };
}

/** The entry with the longest key that is the registry, a namespace of it, or the repository itself. */
export function entryFor(entries: readonly AuthEntry[], { domain, repository }: Repository): AuthEntry | undefined {
  return entries
    .filter((entry) => entry.domain === domain && holds(entry.path, repository))
    .reduce<AuthEntry | undefined>(
      (best, entry) => (best === undefined || entry.path.length > best.path.length ? entry : best),
      undefined,
    );
}

/** Docker Hub under each of its names is `docker.io`. */
export function registryOf(host: string): string {
  const name = host.toLowerCase();
  return HUB_NAMES.has(name) ? 'docker.io' : name;
}

const HUB_NAMES = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

function holds(path: string, repository: string): boolean {
  return path === '' || repository === path || repository.startsWith(`${path}/`);
}
