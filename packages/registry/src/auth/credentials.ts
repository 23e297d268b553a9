/** Finding the credentials that belong to a registry. */

import { DOCKER_HUB } from '@kubecrate/oci';
import type { Credential, CredentialFile } from '../config/docker-config.ts';

/** The key under which Docker keeps the credentials of Docker Hub. */
export const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** Asks a credential helper for a server; helpers are slow, so whoever passes this remembers what they said. */
export type AskHelper = (helper: string, server: string) => Promise<Credential | undefined>;

/**
 * The credential for a repository of a registry: from the first source that has one. Within a source a namespace goes before
 * its registry, and a helper for the registry goes before the helper for all, which goes before what is written in the file.
 */
export async function findCredential(
  sources: readonly CredentialFile[],
  registry: { readonly host: string; readonly repository?: string | undefined },
  askHelper: AskHelper,
): Promise<Credential | undefined> {
  for (const source of sources) {
    const credential = await findInSource(source, registry, askHelper);
    if (credential !== undefined) return credential;
  }
  return undefined;
}

async function findInSource(
  { auths, helpers, store }: CredentialFile,
  { host, repository }: { readonly host: string; readonly repository?: string | undefined },
  askHelper: AskHelper,
): Promise<Credential | undefined> {
  const byKey = new Map(Object.entries(auths).map(([key, credential]) => [normalKey(key), credential]));
  for (const namespace of namespacesOf(host, repository)) {
    const credential = byKey.get(namespace);
    if (credential !== undefined) return credential;
  }
  const helper = Object.entries(helpers).find(([key]) => normalKey(key) === normalKey(host))?.[1] ?? store;
  if (helper !== undefined) {
    const credential = await askHelper(helper, credentialKey(host));
    if (credential !== undefined) return credential;
  }
  return byKey.get(normalKey(host));
}

/** The key of a registry in Docker's files and helpers. */
export function credentialKey(host: string): string {
  return normalKey(host) === DOCKER_HUB ? DOCKER_HUB_KEY : host;
}

/** `host/a/b/c`, `host/a/b`, `host/a`: without the host alone, which a helper goes before. */
function namespacesOf(host: string, repository: string | undefined): readonly string[] {
  const parts = repository === undefined || repository === '' ? [] : repository.split('/');
  return parts.map((_, index) => [normalKey(host), ...parts.slice(0, parts.length - index)].join('/'));
}

/** A host, or a host with a namespace: without the scheme and the `/v1/` or `/v2/` that old clients wrote. */
export function normalKey(key: string): string {
  const bare = key
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  const slash = bare.indexOf('/');
  const host = (slash === -1 ? bare : bare.slice(0, slash)).toLowerCase();
  const name = HUB_NAMES.has(host) ? DOCKER_HUB : host;
  return slash === -1 ? name : `${name}${bare.slice(slash)}`;
}

const HUB_NAMES = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
