/** What a location may need of this machine, each opened when it is asked for and closed with all of them. */

import type { OnEvent } from '@kubecrate/content';
import type { ImageStore } from '@kubecrate/image-store';
import type { Platform } from '@kubecrate/oci';
import type { RegistryClient } from '@kubecrate/registry';
import type { DockerEngine } from '@kubecrate/stores';
import { machinePlatform } from '../arguments.ts';
import type { Context } from '../context.ts';
import { openEngine } from '../engine.ts';
import { openRegistries, openStore, type RegistryOptions, type StoreOptions } from '../options.ts';

export interface Places extends AsyncDisposable {
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Of this machine. */
  readonly platform: Platform;
  registries(): Promise<RegistryClient>;
  store(): Promise<ImageStore>;
  engine(): Promise<DockerEngine>;
}

export function openPlaces(
  options: RegistryOptions & StoreOptions,
  context: Context,
  { signal, onEvent }: Pick<Places, 'signal' | 'onEvent'>,
): Places {
  let registries: Promise<RegistryClient> | undefined;
  return {
    signal,
    onEvent,
    platform: machinePlatform(context.arch),
    registries() {
      registries ??= openRegistries(options, context, onEvent);
      return registries;
    },
    store: () => openStore(options, context),
    engine: () => openEngine({ ...context, signal }),
    async [Symbol.asyncDispose]() {
      const client = await registries?.catch(() => undefined);
      await client?.[Symbol.asyncDispose]();
    },
  };
}
