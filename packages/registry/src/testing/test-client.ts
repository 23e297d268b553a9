/** A client for tests: it waits for nothing longer than it has to. */

import type { CopyEvent } from '@kubecrate/content';
import { openRegistryClient, type RegistryClient } from '../client.ts';
import type { RegistryConfig } from '../config/registry-config.ts';

export interface TestClient extends AsyncDisposable {
  readonly client: RegistryClient;
  readonly events: readonly CopyEvent[];
}

/** Retries come at once, four attempts in all. */
export function testClient(config: RegistryConfig = {}, now?: () => number): TestClient {
  const events: CopyEvent[] = [];
  const retry = { attempts: 4, delayMs: 1, maximumDelayMs: 1, random: () => 1 };
  const client = openRegistryClient({ retry, ...config }, { onEvent: (event) => events.push(event), now });
  return { client, events, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

/** What a promise was rejected with. */
export async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => Promise.reject(new Error(`it resolved, with ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}
