/** Cuts the text of a template into tokens, one at a time, by the rules of Go's text/template/parse. */

import { isPrint, quote } from '../format/quote.ts';
import { describeRune, isDigit, isSpace, wordCharacterLength } from './character.ts';
import { KEYWORDS, type Token, type TokenType } from './token.ts';

/** What opens and closes an action: `{{` and `}}` unless a host chose others. */
export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

export interface LexerOptions {
  readonly delimiters: Delimiters;
  /** Words that are functions here, though they are keywords elsewhere (`break`, `continue`). */
  readonly isFunction: (name: string) => boolean;
}

export class Lexer {
  private text: string;
  private readonly options: LexerOptions;
  private at = 0;
  private start = 0;
  private line = 1;
  private startLine = 1;
  private insideAction = false;
  private parenDepth = 0;

  constructor(text: string, options: LexerOptions) {
    this.text = text;
    this.options = options;
  }

  /** The next token; after an error or the end, only further errors or ends. */
  next(): Token {
    for (;;) {
      const token = this.insideAction ? this.lexInsideAction() : this.lexText();
      if (token !== undefined) return token;
    }
  }

  private lexText(): Token | undefined {
    const { left } = this.options.delimiters;
    const open = this.text.indexOf(left, this.at);
    if (open < 0) {
      this.at = this.text.length;
      return this.emit(this.at > this.start ? 'text' : 'eof');
    }
    if (open > this.at) {
      const trimmed = hasLeftTrimMarker(this.text, open + left.length);
      this.at = trimmed ? this.start + trimEndLength(this.text.slice(this.start, open)) : open;
      const token = this.at > this.start ? this.emit('text') : undefined;
      this.at = open;
      this.ignore();
      if (token !== undefined) return token;
    }
    return this.lexLeftDelimiter();
  }

  private lexLeftDelimiter(): Token | undefined {
    this.at += this.options.delimiters.left.length;
    const marker = hasLeftTrimMarker(this.text, this.at) ? TRIM_MARKER_LENGTH : 0;
    if (this.text.startsWith('/*', this.at + marker)) {
      this.at += marker;
      this.ignore();
      return this.lexComment();
    }
    const token = this.emit('leftDelim');
    this.insideAction = true;
    this.at += marker;
    this.ignore();
    this.parenDepth = 0;
    return token;
  }

  private lexComment(): Token | undefined {
    const end = this.text.indexOf('*/', this.at + 2);
    if (end < 0) return this.error('unclosed comment');
    this.at = end + 2;
    const close = this.rightDelimiter();
    if (close === undefined) return this.error('comment ends before closing delimiter');
    // Go up to 1.23 does not count the lines of a comment.
    this.start = this.at;
    this.at += (close === 'trim' ? TRIM_MARKER_LENGTH : 0) + this.options.delimiters.right.length;
    if (close === 'trim') this.skipSpace();
    this.ignore();
    return undefined;
  }

  private lexRightDelimiter(trim: 'trim' | 'keep'): Token {
    if (trim === 'trim') {
      this.at += TRIM_MARKER_LENGTH;
      this.ignore();
    }
    this.at += this.options.delimiters.right.length;
    const token = this.emit('rightDelim');
    if (trim === 'trim') {
      this.skipSpace();
      this.ignore();
    }
    this.insideAction = false;
    return token;
  }

  private lexInsideAction(): Token {
    const close = this.rightDelimiter();
    if (close !== undefined) {
      return this.parenDepth === 0 ? this.lexRightDelimiter(close) : this.error('unclosed left paren');
    }
    const char = this.text[this.at];
    if (char === undefined) return this.error('unclosed action');
    if (isSpace(char)) return this.lexSpace();
    const single = SINGLE.get(char);
    if (single !== undefined) return this.take(1, single);
    switch (char) {
      case ':':
        return this.text[this.at + 1] === '=' ? this.take(2, 'declare') : this.error('expected :=');
      case '"':
        return this.lexQuoted('"', 'string', 'unterminated quoted string');
      case "'":
        return this.lexQuoted("'", 'charConstant', 'unterminated character constant');
      case '`':
        return this.lexRaw();
      case '$':
        this.at += 1;
        return this.lexFieldOrVariable('variable', 'variable');
      case '(':
        this.parenDepth += 1;
        return this.take(1, 'leftParen');
      case ')':
        this.parenDepth -= 1;
        return this.parenDepth < 0 ? this.error('unexpected right paren') : this.take(1, 'rightParen');
      default:
    }
    if (char === '.' && this.at + 1 < this.text.length && !isDigit(this.text[this.at + 1])) {
      this.at += 1;
      return this.lexFieldOrVariable('field', 'dot');
    }
    if (char === '-' || char === '+' || char === '.' || isDigit(char)) return this.lexNumber();
    if (this.isWordAt(this.at)) return this.lexWord();
    if (char <= '\x7f' && isPrint(char)) return this.take(1, 'char');
    return this.error(`unrecognized character in action: ${describeRune(this.text, this.at)}`);
  }

  private lexSpace(): Token {
    const begin = this.at;
    this.skipSpace();
    // A trimming right delimiter has the last of these spaces before its minus.
    if (
      this.text[this.at] === '-' &&
      this.text.startsWith(this.options.delimiters.right, this.at - 1 + TRIM_MARKER_LENGTH)
    ) {
      this.at -= 1;
      if (this.at === begin) return this.lexRightDelimiter('trim');
    }
    return this.emit('space');
  }

  private lexWord(): Token {
    this.skipWord();
    const word = this.text.slice(this.start, this.at);
    if (!this.atTerminator()) return this.badCharacter();
    const jump = word === 'break' || word === 'continue';
    if (KEYWORDS.has(word) && !(jump && this.options.isFunction(word))) return this.emit(word as TokenType);
    return this.emit(word === 'true' || word === 'false' ? 'bool' : 'identifier');
  }

  /** After the dot or dollar sign. */
  private lexFieldOrVariable(type: TokenType, alone: TokenType): Token {
    if (this.atTerminator()) return this.emit(alone);
    this.skipWord();
    return this.atTerminator() ? this.emit(type) : this.badCharacter();
  }

  private lexQuoted(mark: string, type: TokenType, failure: string): Token {
    for (let at = this.at + 1; at < this.text.length && this.text[at] !== '\n'; at += 1) {
      const char = this.text[at];
      if (char === mark) return this.take(at + 1 - this.at, type);
      if (char === '\\') {
        at += 1;
        if (this.text[at] === '\n') break;
      }
    }
    return this.error(failure);
  }

  private lexRaw(): Token {
    const end = this.text.indexOf('`', this.at + 1);
    if (end < 0) return this.error('unterminated raw quoted string');
    return this.take(end + 1 - this.at, 'rawString');
  }

  private lexNumber(): Token {
    if (!this.scanNumber()) return this.badNumber();
    if (!/[-+]/.test(this.text[this.at] ?? '')) return this.emit('number');
    return this.scanNumber() && this.text[this.at - 1] === 'i' ? this.emit('complex') : this.badNumber();
  }

  /** Takes what may be a number; whether it is one, the parser finds out. */
  private scanNumber(): boolean {
    NUMBER.lastIndex = this.at;
    this.at += NUMBER.exec(this.text)?.[0].length ?? 0;
    if (!this.isWordAt(this.at)) return true;
    this.at += String.fromCodePoint(this.text.codePointAt(this.at) ?? 0).length;
    return false;
  }

  private badNumber(): Token {
    return this.error(`bad number syntax: ${quote(this.text.slice(this.start, this.at))}`);
  }

  private badCharacter(): Token {
    return this.error(`bad character ${describeRune(this.text, this.at)}`);
  }

  private rightDelimiter(): 'trim' | 'keep' | undefined {
    const { right } = this.options.delimiters;
    if (this.text.startsWith(right, this.at)) return 'keep';
    const trims =
      this.text.charCodeAt(this.at + 1) === MINUS &&
      isSpace(this.text[this.at] ?? '') &&
      this.text.startsWith(right, this.at + TRIM_MARKER_LENGTH);
    return trims ? 'trim' : undefined;
  }

  /** True where a word may end: so `.X.Y` is two fields, and `$x+2` is refused. */
  private atTerminator(): boolean {
    if (this.at >= this.text.length || TERMINATORS.has(this.text.charCodeAt(this.at))) return true;
    return this.text.startsWith(this.options.delimiters.right, this.at);
  }

  private isWordAt(at: number): boolean {
    return wordCharacterLength(this.text, at) > 0;
  }

  private skipWord(): void {
    this.skipMatch(ASCII_WORD);
    for (let length = 1; length > 0; this.at += length) length = wordCharacterLength(this.text, this.at);
  }

  private skipSpace(): void {
    this.skipMatch(SPACES);
  }

  private skipMatch(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    if (pattern.test(this.text)) this.at = pattern.lastIndex;
  }

  private take(length: number, type: TokenType): Token {
    this.at += length;
    return this.emit(type);
  }

  private emit(type: TokenType): Token {
    const token = { type, pos: this.start, text: this.text.slice(this.start, this.at), line: this.startLine };
    this.ignore();
    return token;
  }

  private ignore(): void {
    for (let at = this.text.indexOf('\n', this.start); at >= 0 && at < this.at; at = this.text.indexOf('\n', at + 1)) {
      this.line += 1;
    }
    this.start = this.at;
    this.startLine = this.line;
  }

  private error(message: string): Token {
    const token: Token = { type: 'error', pos: this.start, text: message, line: this.startLine };
    this.text = '';
    this.at = 0;
    this.start = 0;
    return token;
  }
}

const TRIM_MARKER_LENGTH = 2;
const MINUS = 0x2d;

/** White space and `.,|:()`. */
const TERMINATORS: ReadonlySet<number> = new Set([...' \t\r\n.,|:()'].map((char) => char.charCodeAt(0)));
const ASCII_WORD = /\w+/y;
const SPACES = /[ \t\r\n]+/y;

const SINGLE: ReadonlyMap<string, TokenType> = new Map([
  ['=', 'assign'],
  ['|', 'pipe'],
]);

const NUMBER =
  /[-+]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?)i?/y;

function hasLeftTrimMarker(text: string, at: number): boolean {
  return text[at] === '-' && isSpace(text[at + 1] ?? '');
}

/** The length of the text without the white space at its end. */
function trimEndLength(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1] ?? '')) end -= 1;
  return end;
}
