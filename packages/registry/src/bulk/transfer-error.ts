/** Why a transfer ended early, as an error for people. */

import { digestMismatch } from '@kubecrate/content';
import { algorithmOf, type Descriptor } from '@kubecrate/oci';
import type { Timeouts } from '../config/registry-config.ts';
import { connectionFailure, connectTimeout, type Destination, stallFailure } from '../http/failure.ts';
import type { WorkerFailure } from './messages.ts';

export function transferError(
  failure: WorkerFailure,
  { url, tls }: Destination,
  { descriptor, timeouts }: { readonly descriptor: Descriptor; readonly timeouts: Timeouts },
): unknown {
  if (failure.kind === 'stalled') return stallFailure(url, timeouts.stallMs);
  if (failure.kind === 'not-connected') return connectTimeout(url, timeouts.connectMs);
  if (failure.kind === 'wrong-digest')
    return digestMismatch(descriptor, `${algorithmOf(descriptor.digest)}:${failure.actual}`);
  const cause = Object.assign(new Error(failure.message), 'code' in failure ? { code: failure.code } : {});
  if (failure.kind === 'connection' && failure.names !== undefined)
    Object.assign(cause, { cert: { subjectaltname: failure.names } });
  return connectionFailure(cause, { url, tls });
}
