/** From a name to the places it is asked at: rules, mirrors and the registry itself. */

import { KubecrateError } from '@kubecrate/errors';
import { DOCKER_HUB } from '@kubecrate/oci';
import type { HostCapability, HostEntry, HostsToml } from './config/hosts-toml.ts';
import type { RegistryRule } from './config/registries-conf.ts';
import type { RegistryConfig } from './config/registry-config.ts';

/** One place that has, or may have, a repository. */
export interface Place {
  readonly role: 'mirror' | 'registry';
  /** `host[:port]` */
  readonly host: string;
  /** What the place calls the repository. */
  readonly repository: string;
  /** Decided by whoever named the place; absent where the general rules decide. */
  readonly scheme?: 'http' | 'https' | 'probe';
  readonly capabilities: ReadonlySet<HostCapability>;
  /** Which pulls a mirror is asked for. */
  readonly pulls: 'all' | 'digest-only' | 'tag-only';
  /** From hosts.toml: its certificates, its headers, its path. */
  readonly entry?: HostEntry;
  /** The registry that a mirror stands for, for the `ns` parameter of containerd's mirrors. */
  readonly mirrorOf?: string;
}

/** Where Docker Hub answers. */
export const DOCKER_HUB_HOST = 'registry-1.docker.io';

/** The host that a registry's API is at. */
export function hostOfDomain(domain: string): string {
  return domain === DOCKER_HUB ? DOCKER_HUB_HOST : domain;
}

/**
 * The places of a repository: mirrors in their order, the registry last.
 * @throws KubecrateError DENIED where registries.conf blocks it
 */
export function placesOf(
  domain: string,
  repository: string,
  config: RegistryConfig,
  hostsToml: HostsToml | undefined,
): readonly Place[] {
  const rule = ruleFor(`${domain}/${repository}`, config.registries ?? []);
  if (rule?.blocked === true) {
    throw new KubecrateError(
      'DENIED',
      `cannot ask for ${domain}/${repository}: registries.conf blocks ${JSON.stringify(rule.prefix)}`,
    );
  }
  const hub =
    domain === DOCKER_HUB ? (config.registryMirrors ?? []).map((mirror) => placeOfMirror(mirror, repository)) : [];
  if (hostsToml !== undefined && (hostsToml.hosts.length > 0 || hostsToml.server !== undefined)) {
    const mirrors = hostsToml.hosts.map((entry) => placeOfEntry(entry, repository, 'mirror', domain));
    const server =
      hostsToml.server === undefined
        ? plainPlace('registry', hostOfDomain(domain), repository)
        : placeOfEntry(hostsToml.server, repository, 'registry', domain);
    return [...hub, ...mirrors, server];
  }
  return [...hub, ...placesOfRule(domain, repository, rule)];
}

/** The rule with the longest prefix that a name falls under. */
export function ruleFor(name: string, rules: readonly RegistryRule[]): RegistryRule | undefined {
  return rules
    .filter(({ prefix }) => fallsUnder(name, prefix))
    .reduce<RegistryRule | undefined>(
      (best, rule) => (best === undefined || rule.prefix.length > best.prefix.length ? rule : best),
      undefined,
    );
}

function placesOfRule(domain: string, repository: string, rule: RegistryRule | undefined): readonly Place[] {
  if (rule === undefined) return [plainPlace('registry', hostOfDomain(domain), repository)];
  const place = (role: Place['role'], location: string, insecure: boolean): Place => {
    const [host, path] = rewritten(domain, repository, rule.prefix, location);
    return { ...plainPlace(role, hostOfDomain(host), path), ...(insecure ? { scheme: 'probe' as const } : {}) };
  };
  return [
    ...rule.mirrors.map((mirror) => ({ ...place('mirror', mirror.location, mirror.insecure), pulls: mirror.pulls })),
    place('registry', rule.location, rule.insecure),
  ];
}

/** A name with its prefix replaced; a wildcard stands for the host. */
function rewritten(domain: string, repository: string, prefix: string, location: string): readonly [string, string] {
  if (location === '') return [domain, repository];
  const name = `${domain}/${repository}`;
  const rest = prefix.startsWith('*.') ? `/${repository}` : name.slice(prefix.length);
  const whole = `${location}${rest}`;
  const slash = whole.indexOf('/');
  return [whole.slice(0, slash), whole.slice(slash + 1)];
}

function fallsUnder(name: string, prefix: string): boolean {
  if (prefix.startsWith('*.')) return (name.split('/', 1)[0] ?? '').endsWith(prefix.slice(1));
  return name === prefix || name.startsWith(`${prefix}/`);
}

function plainPlace(role: Place['role'], host: string, repository: string): Place {
  return { role, host, repository, capabilities: ALL, pulls: 'all' };
}

function placeOfMirror(mirror: string, repository: string): Place {
  const url = URL.canParse(mirror.includes('://') ? mirror : `https://${mirror}`)
    ? new URL(mirror.includes('://') ? mirror : `https://${mirror}`)
    : undefined;
  if (url === undefined) {
    throw new KubecrateError(
      'INVALID_CONFIG',
      `registry-mirrors: ${JSON.stringify(mirror)} is no address of a registry`,
    );
  }
  const path = url.pathname.replace(/^\/+|\/+$/g, '').replace(/^v2(\/|$)/, '');
  return {
    ...plainPlace('mirror', url.host, path === '' ? repository : `${path}/${repository}`),
    ...(mirror.startsWith('http://') ? { scheme: 'http' as const } : {}),
  };
}

function placeOfEntry(entry: HostEntry, repository: string, role: Place['role'], domain: string): Place {
  const { url, capabilities } = entry;
  return {
    ...plainPlace(role, url.host, repository),
    scheme: url.protocol === 'http:' ? 'http' : 'https',
    capabilities,
    entry,
    ...(role === 'mirror' ? { mirrorOf: domain } : {}),
  };
}

const ALL: ReadonlySet<HostCapability> = new Set<HostCapability>(['pull', 'resolve', 'push']);
