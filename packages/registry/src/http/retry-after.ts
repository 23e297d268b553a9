/** How long a busy server asks to be left alone. */

import { type Answer, headerOf } from './wire.ts';

/**
 * `Retry-After` in milliseconds, in both its forms; a date is held against the server's own clock where it sent one.
 * Undefined where the header is absent or says nothing sensible.
 */
export function retryAfterOf(answer: Answer, now: number): number | undefined {
  const text = headerOf(answer, 'retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  const until = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const said = Date.parse(headerOf(answer, 'date') ?? '');
  return Math.min(Math.max(0, until - (Number.isNaN(said) ? now : said)), LONGEST_MS);
}

/** A server that asks for more gets asked again after this; milliseconds. */
const LONGEST_MS = 15 * 60 * 1000;
