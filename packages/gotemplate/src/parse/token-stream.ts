/** The tokens of a template with as much look-ahead as the parser needs, and the errors that tell their place. */

import { unquote } from '../format/quote.ts';
import { TemplateError } from '../template-error.ts';
import { Lexer, type LexerOptions } from './lexer.ts';
import type { Source } from './node.ts';
import { describeToken, type Token, type TokenType } from './token.ts';

export class TokenStream {
  readonly source: Source;
  /** The line on which the action at work begins; 0 outside actions. */
  actionLine = 0;
  private readonly lexer: Lexer;
  /** Tokens read ahead; the last is the next. */
  private readonly pending: Token[] = [];
  /** The line of the token read last, which is where Go puts its errors. */
  private line = 1;

  constructor(source: Source, options: LexerOptions) {
    this.source = source;
    this.lexer = new Lexer(source.text, options);
  }

  next(): Token {
    const token = this.pending.pop();
    if (token !== undefined) return token;
    const fresh = this.lexer.next();
    this.line = fresh.line;
    return fresh;
  }

  peek(): Token {
    const token = this.next();
    this.pending.push(token);
    return token;
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.type === 'space') token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.pending.push(token);
    return token;
  }

  /** Gives tokens back; the last of them is the next. */
  back(...tokens: readonly Token[]): void {
    this.pending.push(...tokens);
  }

  expect(type: TokenType, context: string): Token {
    const token = this.nextNonSpace();
    return token.type === type ? token : this.unexpected(token, context);
  }

  /** The text of a string token. */
  literal(token: Token, context: string): string {
    if (token.type !== 'string' && token.type !== 'rawString') return this.unexpected(token, context);
    return unquote(token.text) ?? this.fail('invalid syntax');
  }

  /** Throws what Go says of a token that does not belong here. */
  unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return this.fail(`unexpected ${describeToken(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) return this.fail(token.text);
    const subject = token.text.endsWith(' action') ? '' : ' in action';
    return this.fail(`${token.text}${subject} started at ${this.source.parseName}:${this.actionLine}`);
  }

  fail(reason: string): never {
    throw new TemplateError('INVALID_TEMPLATE', {
      stage: 'parse',
      file: this.source.parseName,
      line: this.line,
      reason,
    });
  }
}
