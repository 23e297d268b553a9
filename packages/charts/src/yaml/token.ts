/** What the scanner of YAML hands to its parser. */

import type { Mark } from './yaml-error.ts';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export type TokenType =
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token {
  readonly type: TokenType;
  readonly start: Mark;
  /** Text of a scalar, name of an anchor, handle of a tag, version of a directive. */
  readonly value?: string;
  /** What follows the handle of a tag; the prefix of a tag directive. */
  readonly suffix?: string;
  readonly style?: ScalarStyle;
}
