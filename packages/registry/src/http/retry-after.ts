/** How long a busy server asks to be left alone. */

import { KubecrateError, TransientError } from '@kubecrate/errors';
import { type Answer, headerOf } from './wire.ts';

/**
 * `Retry-After` in milliseconds, in both its forms; a date is held against the server's own clock where it sent one.
 * Undefined where the header is absent or says nothing sensible.
 */
export function retryAfterOf(answer: Answer, now: number): number | undefined {
  const text = headerOf(answer, 'retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const until = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const said = Date.parse(headerOf(answer, 'date') ?? '');
  return Math.max(0, until - (Number.isNaN(said) ? now : said));
}

/** The error for a refusal that may pass: a `TransientError`, unless the server asks for more time than anybody waits. */
export function passingFailure(
  code: 'RATE_LIMITED' | 'REGISTRY',
  message: string,
  { hint, retryAfterMs }: { readonly hint?: string; readonly retryAfterMs: number | undefined },
): KubecrateError {
  if (retryAfterMs !== undefined && retryAfterMs > LONGEST_MS) {
    const wanted = `it asks to be left alone for ${Math.ceil(retryAfterMs / 1000)} s, and at most ${LONGEST_MS / 1000} s are waited`;
    const later = 'run the same command again after that';
    return new KubecrateError(code, `${message}; ${wanted}`, {
      hint: hint === undefined ? later : `${later}; ${hint}`,
    });
  }
  return new TransientError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Nobody sits before a command for longer than this without a word; milliseconds. */
const LONGEST_MS = 5 * 60 * 1000;
