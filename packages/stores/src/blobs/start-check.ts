/** The first byte that a reader asks for, held against what is there (law 9 of a store). */

import { KubecrateError } from '@kubecrate/errors';
import type { Descriptor } from '@kubecrate/oci';

/** @throws KubecrateError INVALID_ARGUMENT where `start` is at or past the end; content may always be read from 0 */
export function startCheck(descriptor: Descriptor, start: number, size: number): void {
  if (start === 0 || (Number.isSafeInteger(start) && start > 0 && start < size)) return;
  throw new KubecrateError(
    'INVALID_ARGUMENT',
    `cannot read ${descriptor.digest} from byte ${start}: it has ${size} bytes`,
  );
}
