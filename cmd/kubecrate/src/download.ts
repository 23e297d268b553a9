/** Downloading a file by its URL, for ADD and APP, through the proxies of the environment. */

import type { Readable } from 'node:stream';
import type { Context } from './context.ts';

/** The content behind an http or https URL. @throws NotFoundError; KubecrateError NETWORK */
export async function downloadFile(
  url: string,
  { env, home }: Context,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  const { download, loadRegistryConfig } = await import('@kubecrate/registry');
  const { proxy } = await loadRegistryConfig({ env, home });
  return download(url, { proxy, signal });
}
