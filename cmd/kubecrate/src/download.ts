/** Downloading a file by its URL, for ADD and APP. */

import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { KubecrateError, messageOf, NotFoundError, redactUrl } from '@kubecrate/errors';

const MAX_REDIRECTS = 10;

/**
 * The content behind an http or https URL. Redirects are followed, but never from https to http.
 * @throws NotFoundError for a 404; KubecrateError NETWORK for anything else that is no success
 */
export async function download(
  url: string,
  { signal }: { readonly signal: AbortSignal | undefined },
): Promise<Readable> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await request(at, signal);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      const next = new URL(location, at);
      if (next.protocol !== at.protocol && next.protocol !== 'https:') {
        throw new KubecrateError(
          'NETWORK',
          `cannot download ${redactUrl(url)}: it redirects to ${redactUrl(next)}, which is not https`,
        );
      }
      at = next;
      continue;
    }
    if (response.ok && response.body !== null) return Readable.fromWeb(response.body as ReadableStream);
    await response.body?.cancel();
    const message =
      `cannot download ${redactUrl(url)}: the server answered ${response.status} ${response.statusText}`.trim();
    if (response.status === 404) throw new NotFoundError(message, { hint: 'check the URL' });
    throw new KubecrateError('NETWORK', message);
  }
  throw new KubecrateError('NETWORK', `cannot download ${redactUrl(url)}: more than ${MAX_REDIRECTS} redirects`);
}

async function request(url: URL, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'manual', signal: signal ?? null });
  } catch (error) {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new KubecrateError('NETWORK', `cannot download ${redactUrl(url)}: ${messageOf(cause)}`, {
      cause: error,
      hint: 'check the host name and the network, or put the file into the context and COPY it',
    });
  }
}
