/** The diagnostic of an instruction that lacks an argument. */

import type { Finding } from './diagnostic.ts';
import { rangeOf } from './logical-line.ts';
import type { Statement } from './statement.ts';

/** `usage` is the whole form: `COPY SOURCE... DESTINATION`. The place is the whole instruction. */
export function missingArgument(statement: Statement, what: string, usage: string): Finding {
  const { keyword, line } = statement;
  return {
    code: 'missing-argument',
    message: `${keyword} needs ${what}`,
    range: rangeOf(line, 0, line.text.length),
    hint: `write ${usage}`,
  };
}
