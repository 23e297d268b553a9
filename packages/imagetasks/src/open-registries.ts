/** Opens a client of registries as an action asks for it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnEvent } from '@kubecrate/content';
import { openRegistryClient, type RegistryClient, type RegistryConfig } from '@kubecrate/registry';
import type { RegistryAccess } from './action.ts';
import { withAccess } from './registry-access.ts';

/** A client, and the copies of certificates that it reads, removed with it. */
export interface Registries extends AsyncDisposable {
  readonly client: RegistryClient;
}

/** @throws KubecrateError where a certificate file of `access` cannot be read */
export async function openRegistries(
  config: RegistryConfig,
  access: readonly RegistryAccess[],
  options: { readonly security: RegistryAccess['security']; readonly onEvent: OnEvent | undefined },
): Promise<Registries> {
  const certificateDirectory = await mkdtemp(join(tmpdir(), 'kubecrate-certificates-'));
  const remove = () => rm(certificateDirectory, { recursive: true, force: true });
  try {
    const own = await withAccess(config, access, { security: options.security, certificateDirectory });
    const client = openRegistryClient(own, { onEvent: options.onEvent });
    return {
      client,
      async [Symbol.asyncDispose](): Promise<void> {
        await client[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
