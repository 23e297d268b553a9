/** The tokens of a template. */

import { quote } from '../format/quote.ts';

export type TokenType =
  | 'error'
  | 'eof'
  | 'text'
  | 'leftDelim'
  | 'rightDelim'
  | 'space'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'number'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'dot'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'string'
  | 'rawString'
  | 'leftParen'
  | 'rightParen'
  | 'nil'
  | Keyword;

export type Keyword = 'block' | 'break' | 'continue' | 'define' | 'else' | 'end' | 'if' | 'range' | 'template' | 'with';

export interface Token {
  readonly type: TokenType;
  readonly pos: number;
  /** The text of the token; for an error its message. */
  readonly text: string;
  /** The line on which the token begins, from 1. */
  readonly line: number;
}

export const KEYWORDS: ReadonlySet<string> = new Set<Keyword | 'nil'>([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'nil',
  'template',
  'with',
]);

/** A token as Go's messages show it. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'EOF';
  if (token.type === 'error') return token.text;
  if (token.type === 'dot' || KEYWORDS.has(token.type)) return `<${token.text}>`;
  const runes = Array.from(token.text);
  if (Buffer.byteLength(token.text) > 10) return `${quote(runes.slice(0, 10).join(''))}...`;
  return quote(token.text);
}
