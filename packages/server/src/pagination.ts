/** Pages of a listing (distribution-spec, "Listing Tags"): `n` entries after `last`. */

import { Refusal } from './refusal.ts';

/** Which page is wanted. */
export interface PageRequest {
  /** At most so many entries; undefined for all. */
  readonly n: number | undefined;
  /** Only entries that come after this one. */
  readonly last: string;
}

export interface Page {
  readonly entries: readonly string[];
  /** True where entries follow. */
  readonly more: boolean;
}

/** @throws Refusal where `n` is no number */
export function pageRequestOf(query: URLSearchParams): PageRequest {
  const n = query.get('n');
  if (n !== null && !/^\d{1,9}$/.test(n)) {
    throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', 'invalid number of results requested');
  }
  return { n: n === null ? undefined : Number(n), last: query.get('last') ?? '' };
}

/** Takes a page out of entries that come in ascending order. */
export async function pageOf(entries: AsyncIterable<string>, { n, last }: PageRequest): Promise<Page> {
  const taken: string[] = [];
  if (n === 0) return { entries: taken, more: false };
  for await (const entry of entries) {
    if (entry <= last) continue;
    if (taken.length === n) return { entries: taken, more: true };
    taken.push(entry);
  }
  return { entries: taken, more: false };
}

/** The Link header to the page after this one; none where it is the last. */
export function linkTo(path: string, { entries, more }: Page, { n }: PageRequest): Readonly<Record<string, string>> {
  const last = entries.at(-1);
  if (!more || last === undefined) return {};
  return { link: `<${path}?n=${n}&last=${encodeURIComponent(last)}>; rel="next"` };
}
