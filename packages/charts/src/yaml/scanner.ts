/** YAML text into tokens: indentation, simple keys and indicators, with the freedoms that libyaml takes. */

import { CR, Cursor, isBlank, isBlankOrEnd, isBreak, LF, SPACE, TAB } from './cursor.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { scanPlainScalar, scanQuotedScalar } from './scan-flow-scalar.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-tag.ts';
import type { Token, TokenType } from './token.ts';
import { type Mark, scannerError } from './yaml-error.ts';

/** The deepest nesting of brackets or of indentation; go-yaml allows ten thousand. */
const MAX_DEPTH = 1000;
/** A key and its colon are at most this many characters apart, on one line. */
const MAX_KEY_LENGTH = 1024;

interface SimpleKey {
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly mark: Mark;
}

/** Hands out the tokens of one text, one at a time. */
export class Scanner {
  readonly #cursor: Cursor;
  #queue: Token[] = [];
  #head = 0;
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  /** One place for each flow level: the token there may turn out to be a key. */
  readonly #simpleKeys: (SimpleKey | undefined)[] = [undefined];
  #simpleKeyAllowed = true;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  /** The next token, which stays. */
  peek(): Token {
    while (this.#needsMore()) this.#fetch();
    return this.#queue[this.#head] as Token;
  }

  /** The next token, which is used up; that of the end of the stream stays. */
  take(): Token {
    const token = this.peek();
    if (token.type === 'stream-end') return token;
    this.#head++;
    this.#taken++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return token;
  }

  get #flowLevel(): number {
    return this.#simpleKeys.length - 1;
  }

  #needsMore(): boolean {
    if (this.#head === this.#queue.length) return true;
    for (let level = 0; level < this.#simpleKeys.length; level++) {
      if (this.#simpleKeys[level]?.tokenNumber === this.#taken && this.#validKey(level) !== undefined) return true;
    }
    return false;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unrollIndent(cursor.column);
    const code = cursor.code();
    if (code === 0) return this.#fetchEnd();
    if (cursor.column === 0 && code === 0x25) return this.#fetchDirective();
    if (cursor.atDocumentIndicator()) return this.#fetchDocumentIndicator(code === DASH);
    switch (code) {
      case 0x5b:
        return this.#fetchFlowStart('flow-sequence-start');
      case 0x7b:
        return this.#fetchFlowStart('flow-mapping-start');
      case 0x5d:
        return this.#fetchFlowEnd('flow-sequence-end');
      case 0x7d:
        return this.#fetchFlowEnd('flow-mapping-end');
      case 0x2c:
        this.#removeSimpleKey();
        this.#simpleKeyAllowed = true;
        return this.#push(this.#indicator('flow-entry'));
      case 0x2a:
        return this.#fetchKeyLike(() => scanAnchor(cursor, 'alias'));
      case 0x26:
        return this.#fetchKeyLike(() => scanAnchor(cursor, 'anchor'));
      case 0x21:
        return this.#fetchKeyLike(() => scanTag(cursor));
      case 0x27:
        return this.#fetchKeyLike(() => scanQuotedScalar(cursor, 'single'));
      case 0x22:
        return this.#fetchKeyLike(() => scanQuotedScalar(cursor, 'double'));
      default:
    }
    const inFlow = this.#flowLevel > 0;
    const next = cursor.code(1);
    if (code === DASH && isBlankOrEnd(next)) return this.#fetchBlockEntry();
    if (code === QUESTION && (inFlow || isBlankOrEnd(next))) return this.#fetchKey();
    if (code === COLON && (inFlow || isBlankOrEnd(next))) return this.#fetchValue();
    if (!inFlow && code === PIPE) return this.#fetchBlockScalar('literal');
    if (!inFlow && code === GREATER) return this.#fetchBlockScalar('folded');
    if (!this.#startsPlain(code, next)) {
      throw scannerError('found character that cannot start any token', cursor.mark());
    }
    this.#fetchKeyLike(() => this.#scanPlain());
  }

  #startsPlain(code: number, next: number): boolean {
    if (code === DASH) return !isBlank(next);
    if (code === QUESTION || code === COLON) return this.#flowLevel === 0 && !isBlankOrEnd(next);
    return !isBlankOrEnd(code) && !'#|>%@`'.includes(String.fromCharCode(code));
  }

  #scanPlain(): Token {
    const { token, endsLine } = scanPlainScalar(this.#cursor, this.#indent + 1, this.#flowLevel > 0 ? 'flow' : 'block');
    if (endsLine) this.#simpleKeyAllowed = true;
    return token;
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.column === 0) cursor.skipByteOrderMark();
      const tabs = this.#flowLevel > 0 || !this.#simpleKeyAllowed;
      for (let code = cursor.code(); code === SPACE || (tabs && code === TAB); code = cursor.code()) cursor.skip();
      cursor.skipComment();
      const code = cursor.code();
      if (code !== LF && code !== CR && !isBreak(code)) return;
      cursor.readBreak();
      if (this.#flowLevel === 0) this.#simpleKeyAllowed = true;
    }
  }

  #fetchEnd(): void {
    this.#cursor.finishLine();
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
    const mark = this.#cursor.mark();
    this.#push({ type: 'stream-end', start: mark, end: mark });
  }

  #fetchDirective(): void {
    this.#endBlock();
    this.#push(scanDirective(this.#cursor));
  }

  #fetchDocumentIndicator(starts: boolean): void {
    this.#endBlock();
    this.#push(this.#indicator(starts ? 'document-start' : 'document-end', 3));
  }

  #endBlock(): void {
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = false;
  }

  #fetchFlowStart(type: 'flow-sequence-start' | 'flow-mapping-start'): void {
    this.#saveSimpleKey();
    this.#simpleKeys.push(undefined);
    if (this.#flowLevel > MAX_DEPTH) {
      throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark());
    }
    this.#simpleKeyAllowed = true;
    this.#push(this.#indicator(type));
  }

  #fetchFlowEnd(type: 'flow-sequence-end' | 'flow-mapping-end'): void {
    this.#removeSimpleKey();
    if (this.#flowLevel > 0) this.#simpleKeys.pop();
    this.#simpleKeyAllowed = false;
    this.#push(this.#indicator(type));
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#simpleKeyAllowed) {
        throw scannerError('block sequence entries are not allowed in this context', this.#cursor.mark());
      }
      this.#rollIndent(this.#cursor.mark(), 'block-sequence-start', this.#queue.length);
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#push(this.#indicator('block-entry'));
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#simpleKeyAllowed) {
        throw scannerError('mapping keys are not allowed in this context', this.#cursor.mark());
      }
      this.#rollIndent(this.#cursor.mark(), 'block-mapping-start', this.#queue.length);
    }
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = this.#flowLevel === 0;
    this.#push(this.#indicator('key'));
  }

  #fetchValue(): void {
    const key = this.#validKey(this.#flowLevel);
    if (key !== undefined) {
      const place = key.tokenNumber - this.#taken + this.#head;
      this.#queue.splice(place, 0, { type: 'key', start: key.mark, end: key.mark });
      this.#rollIndent(key.mark, 'block-mapping-start', place);
      this.#simpleKeys[this.#flowLevel] = undefined;
      this.#simpleKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#simpleKeyAllowed) {
          throw scannerError('mapping values are not allowed in this context', this.#cursor.mark());
        }
        this.#rollIndent(this.#cursor.mark(), 'block-mapping-start', this.#queue.length);
      }
      this.#simpleKeyAllowed = this.#flowLevel === 0;
    }
    this.#push(this.#indicator('value'));
  }

  #fetchBlockScalar(style: 'literal' | 'folded'): void {
    this.#removeSimpleKey();
    this.#simpleKeyAllowed = true;
    this.#push(scanBlockScalar(this.#cursor, this.#indent, style));
  }

  /** A token that may be a simple key, and that no simple key may follow on its line. */
  #fetchKeyLike(scan: () => Token): void {
    this.#saveSimpleKey();
    this.#simpleKeyAllowed = false;
    this.#push(scan());
  }

  #saveSimpleKey(): void {
    if (!this.#simpleKeyAllowed) return;
    this.#removeSimpleKey();
    const mark = this.#cursor.mark();
    this.#simpleKeys[this.#flowLevel] = {
      tokenNumber: this.#taken + this.#queue.length - this.#head,
      required: this.#flowLevel === 0 && this.#indent === mark.column,
      mark,
    };
  }

  #removeSimpleKey(): void {
    const key = this.#simpleKeys[this.#flowLevel];
    if (key?.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key.mark);
    this.#simpleKeys[this.#flowLevel] = undefined;
  }

  /** The possible key of a flow level, unless it is too far behind to be one. */
  #validKey(level: number): SimpleKey | undefined {
    const key = this.#simpleKeys[level];
    if (key === undefined) return undefined;
    if (key.mark.line === this.#cursor.line && key.mark.index + MAX_KEY_LENGTH >= this.#cursor.index) return key;
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key.mark);
    this.#simpleKeys[level] = undefined;
    return undefined;
  }

  #rollIndent(mark: Mark, type: TokenType, place: number): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (this.#indents.length > MAX_DEPTH) {
      throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark());
    }
    this.#queue.splice(place, 0, { type, start: mark, end: mark });
  }

  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      const mark = this.#cursor.mark();
      this.#push({ type: 'block-end', start: mark, end: mark });
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #indicator(type: TokenType, length = 1): Token {
    const start = this.#cursor.mark();
    this.#cursor.skip(length);
    return { type, start, end: this.#cursor.mark() };
  }

  #push(token: Token): void {
    this.#queue.push(token);
  }
}

const DASH = 0x2d;
const COLON = 0x3a;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const PIPE = 0x7c;
