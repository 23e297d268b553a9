/** The configuration of a registry client that an action asks for. */

import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, systemCode } from '@kubecrate/errors';
import { givenCredentials, isLoopback, type RegistryConfig } from '@kubecrate/registry';
import type { RegistryAccess } from './action.ts';

/**
 * `config` with the access of an action before it. Each password goes to its own registry.
 * `certificateDirectory` is an empty directory into which certificates are laid as clients look for them.
 */
export async function withAccess(
  config: RegistryConfig,
  access: readonly RegistryAccess[],
  options: { readonly security: RegistryAccess['security']; readonly certificateDirectory: string },
): Promise<RegistryConfig> {
  const logins = access.flatMap(({ registry, login }) =>
    login === undefined ? [] : [[registry, { kind: 'password' as const, ...login }] as const],
  );
  const insecure = access.flatMap(({ registry, security }) => {
    if (security === 'verified') return [];
    const host = hostOf(registry);
    // On this machine registries are mostly without TLS: it is tried first there, and elsewhere nothing else.
    if (security === 'unverified' && isLoopback(host)) return [host];
    return [`${security === 'plain-http' ? 'http' : 'https'}://${host}`];
  });
  for (const entry of access) await layCertificates(entry, options.certificateDirectory);
  return {
    ...config,
    // The first of two entries for one registry counts, as in a list that is read from its top.
    credentials: [givenCredentials(Object.fromEntries([...logins].reverse())), ...(config.credentials ?? [])],
    insecureRegistries: [...insecure, ...(config.insecureRegistries ?? [])],
    certificateDirectories: [options.certificateDirectory, ...(config.certificateDirectories ?? [])],
    ...(options.security === 'unverified' ? { verification: 'skip' } : {}),
  };
}

async function layCertificates(entry: RegistryAccess, directory: string): Promise<void> {
  const files = [
    [entry.authorityFile, 'ca.crt'],
    [entry.certificateFile, 'client.cert'],
    [entry.keyFile, 'client.key'],
  ] as const;
  for (const [file, name] of files) {
    if (file === undefined) continue;
    const place = join(directory, hostOf(entry.registry));
    try {
      await makeDirectory(place);
      await copyFile(file, join(place, name));
    } catch (error) {
      throw fileError(`cannot read ${JSON.stringify(file)}`, error);
    }
  }
}

function hostOf(registry: string): string {
  const slash = registry.indexOf('/');
  return slash === -1 ? registry : registry.slice(0, slash);
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}
