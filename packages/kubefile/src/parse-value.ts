/** Reading a value of a Kubefile with a parser that throws. */

import { KubecrateError } from '@kubecrate/errors';
import type { Finding } from './diagnostic.ts';
import type { Range } from './position.ts';

/** What `parse` makes of `text`, or what it throws as a finding at `range`. */
export function parseValue<Value>(
  { text, range }: { readonly text: string; readonly range: Range },
  code: Finding['code'],
  parse: (text: string) => Value,
): { readonly value: Value } | { readonly finding: Finding } {
  try {
    return { value: parse(text) };
  } catch (error) {
    if (!(error instanceof KubecrateError)) throw error;
    const { message, hint } = error;
    return { finding: { code, message, range, ...(hint === undefined ? {} : { hint }) } };
  }
}
