/** Scalars without a tag. */

import type { ScalarNode } from './node.ts';

/** One whose text decides its type. */
export function plainScalar(value: string): ScalarNode {
  return { kind: 'scalar', value, tag: '', implicit: true };
}

/** Text, whatever it looks like. */
export function quotedScalar(value: string): ScalarNode {
  return { kind: 'scalar', value, tag: '', implicit: false };
}
