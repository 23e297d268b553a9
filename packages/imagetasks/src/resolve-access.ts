/** Renders the `auths` of an action. */

import type { MapNode } from '@kubecrate/documents';
import { redactName } from '@kubecrate/errors';
import type { RegistryAccess } from './action.ts';
import { Arguments } from './arguments.ts';

/** The entries of `auths`, in their order. An entry without a registry is Docker Hub's. @throws KubecrateError INVALID_CONFIG */
export async function resolveAccess(given: Arguments): Promise<readonly RegistryAccess[]> {
  const items = await given.items('auths');
  const access = items.map((item) => {
    if (item.kind !== 'map') throw given.refuse('auths', 'should hold maps of registry, username and password');
    return accessOf(item, given);
  });
  const names = access.map(({ registry }) => registry);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw given.refuse('auths', `has two entries for ${twice}`, 'take out one of them');
  return access;
}

/** How registries without an entry of their own are reached. */
export function securityOf(given: Arguments): RegistryAccess['security'] {
  return given.flag('skip_tls_verify', 'skipTLSVerify') ? 'unverified' : 'verified';
}

function accessOf(item: MapNode, given: Arguments): RegistryAccess {
  const entry = new Arguments(item, 'auths', given.context);
  const username = entry.text('username');
  const password = entry.text('password');
  if ((username === undefined) !== (password === undefined)) {
    throw entry.refuse(username === undefined ? 'username' : 'password', 'is missing');
  }
  const isUnverified = entry.flag('skip_tls_verify', 'skipTLSVerify', 'insecure') || securityOf(given) === 'unverified';
  const files = {
    authorityFile: entry.text('ca_file'),
    certificateFile: entry.text('cert_file'),
    keyFile: entry.text('key_file'),
  };
  if ((files.certificateFile === undefined) !== (files.keyFile === undefined)) {
    throw entry.refuse(
      files.keyFile === undefined ? 'key_file' : 'cert_file',
      'is missing: a certificate and its key go together',
    );
  }
  const key = entry.raw('registry') === undefined ? 'repo' : 'registry';
  const registry = registryOf(entry.text(key) ?? 'docker.io');
  if (!HOST.test(registry.split('/', 1)[0] ?? '')) {
    throw entry.refuse(
      key,
      `is no registry: ${JSON.stringify(redactName(registry))}`,
      'write it as it begins a reference: hub.example.com:5000',
    );
  }
  return {
    registry,
    ...(username === undefined || password === undefined ? {} : { login: { username, password } }),
    security: entry.flag('plain_http') ? 'plain-http' : isUnverified ? 'unverified' : 'verified',
    ...Object.fromEntries(Object.entries(files).filter(([, file]) => file !== undefined)),
  };
}

/** Without scheme and without a slash at its end; Docker Hub under each of its names is `docker.io`. */
function registryOf(text: string): string {
  const bare = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  const [host = '', ...path] = bare.split('/');
  const name = HUB_NAMES.has(host.toLowerCase()) ? 'docker.io' : host.toLowerCase();
  return [name, ...path].join('/');
}

const HUB_NAMES = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/;
