/** The `Link` header of paged listings (RFC 8288; distribution-spec, "Listing Tags"). */

import { type Answer, headerOf } from './wire.ts';

/** The next page, always on the origin of this one, or undefined on the last. */
export function nextPage(answer: Answer, url: URL): URL | undefined {
  for (const [, target = '', parameters = ''] of (headerOf(answer, 'link') ?? '').matchAll(LINK)) {
    if (!/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(parameters)) continue;
    if (!URL.canParse(target, url.href)) return undefined;
    const next = new URL(target, url);
    // Registries behind proxies write their inner address: only the path is believed.
    return new URL(`${next.pathname}${next.search}`, url.origin);
  }
  return undefined;
}

const LINK = /<([^>]*)>((?:\s*;\s*[^;,"]+(?:"[^"]*")?)*)/g;
