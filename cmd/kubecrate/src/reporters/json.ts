/** Every event as one line of JSON, for machines; the progress of a blob at most ten times a second. */

import type { CopyEvent } from '@kubecrate/content';
import { KubecrateError, messageOf, redact } from '@kubecrate/errors';
import type { Digest } from '@kubecrate/oci';
import type { Context } from '../context.ts';
import type { Reporter } from './reporter.ts';

const INTERVAL_MS = 100;

export function openJson({ stderr, now }: Context): Reporter {
  const shown = new Map<Digest, number>();
  return {
    onEvent(event: CopyEvent): void {
      if (event.type === 'progress') {
        const at = now();
        if (at - (shown.get(event.digest) ?? 0) < INTERVAL_MS) return;
        shown.set(event.digest, at);
      }
      stderr.write(`${JSON.stringify(withoutSecrets(event))}\n`);
    },
    write: (text) => void stderr.write(`${JSON.stringify({ type: 'output', text: redact(text) })}\n`),
    [Symbol.dispose]: () => shown.clear(),
  };
}

/** What others said (a registry, a credential helper) is in these texts. */
function withoutSecrets(event: CopyEvent): object {
  switch (event.type) {
    case 'failed':
      return { ...event, error: errorFields(event.error) };
    case 'retrying':
      return { ...event, reason: redact(event.reason) };
    case 'warning':
      return { ...event, message: redact(event.message) };
    default:
      return event;
  }
}

/** What a machine needs to know of an error. */
export function errorFields(error: unknown): Readonly<Record<string, string>> {
  const message = redact(messageOf(error));
  if (!(error instanceof KubecrateError)) return { code: 'UNKNOWN', message };
  return { code: error.code, message, ...(error.hint === undefined ? {} : { hint: redact(error.hint) }) };
}
