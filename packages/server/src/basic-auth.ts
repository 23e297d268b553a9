/** Basic authentication (RFC 7617). */

import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { Credentials } from './server-options.ts';

/** @throws Refusal where the Authorization header names none of `users`; nobody is asked for one where there are none. */
export function authenticate(header: string | undefined, users: readonly Credentials[] | undefined): void {
  if (users === undefined) return;
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  const given = digestOf(Buffer.from(encoded, 'base64').toString());
  // Every user is compared, in constant time: an answer tells nothing by when it comes.
  const matches = users.filter(({ username, password }) => timingSafeEqual(given, digestOf(`${username}:${password}`)));
  if (encoded !== '' && matches.length > 0) return;
  throw new Refusal(401, 'UNAUTHORIZED', 'authentication required', {
    'www-authenticate': 'Basic realm="kubecrate", charset="UTF-8"',
  });
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
