/** What the parsers of the instructions share. */

import type { Report } from './diagnostic.ts';
import type { EscapeToken } from './directives.ts';

export interface ParseContext {
  readonly escapeToken: EscapeToken;
  readonly report: Report;
}
