/** YAML text into tokens, with the freedoms that libyaml takes. */

import { Cursor, isBlank, isBlankOrEnd, isBreak, SPACE, TAB } from './cursor.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { scanPlainScalar, scanQuotedScalar } from './scan-flow-scalar.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-tag.ts';
import type { Token, TokenType } from './token.ts';
import { TokenQueue } from './token-queue.ts';
import { scannerError } from './yaml-error.ts';

/** Hands out the tokens of one text, one at a time. */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #queue: TokenQueue;
  #next: Token | undefined;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#queue = new TokenQueue(this.#cursor);
  }

  /** The next token, which stays. */
  peek(): Token {
    if (this.#next === undefined) {
      while (this.#queue.needsMore()) this.#fetch();
      this.#next = this.#queue.first();
    }
    return this.#next;
  }

  /** The next token, which is used up; that of the end of the stream stays. */
  take(): Token {
    const token = this.peek();
    if (token.type === 'stream-end') return token;
    this.#queue.dropFirst();
    this.#next = undefined;
    return token;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#queue.endBlocks(cursor.column);
    const code = cursor.code();
    if (code === 0) this.#fetchEnd();
    else if (cursor.column === 0 && code === PERCENT) this.#fetchDirective();
    else if (cursor.atDocumentIndicator())
      this.#fetchDocumentIndicator(code === DASH ? 'document-start' : 'document-end');
    else if (FLOW_MARKS.has(code)) this.#fetchFlowMark(code);
    else if (this.#isMark(code)) this.#fetchMark(code);
    else if (!this.#queue.inFlow && (code === PIPE || code === GREATER)) this.#fetchBlockScalar(code);
    else this.#fetchKeyLike(code);
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.column === 0) cursor.skipByteOrderMark();
      const tabs = this.#queue.inFlow || !this.#queue.keyAllowed;
      for (let code = cursor.code(); code === SPACE || (tabs && code === TAB); code = cursor.code()) cursor.skip();
      cursor.skipComment();
      if (!isBreak(cursor.code())) return;
      cursor.readBreak();
      if (!this.#queue.inFlow) this.#queue.keyAllowed = true;
    }
  }

  #fetchEnd(): void {
    this.#cursor.finishLine();
    this.#endAllBlocks();
    const mark = this.#cursor.mark();
    this.#queue.push({ type: 'stream-end', start: mark });
  }

  #fetchDirective(): void {
    this.#endAllBlocks();
    this.#queue.push(scanDirective(this.#cursor));
  }

  #fetchDocumentIndicator(type: TokenType): void {
    this.#endAllBlocks();
    this.#pushMark(type, 3);
  }

  #endAllBlocks(): void {
    this.#queue.endBlocks(-1);
    this.#queue.removeKey();
    this.#queue.keyAllowed = false;
  }

  #fetchFlowMark(code: number): void {
    const queue = this.#queue;
    const opens = code === 0x5b || code === 0x7b;
    if (opens) {
      queue.saveKey();
      queue.enterFlow();
    } else {
      queue.removeKey();
      if (code !== COMMA) queue.leaveFlow();
    }
    queue.keyAllowed = opens || code === COMMA;
    this.#pushMark(FLOW_MARKS.get(code) ?? 'flow-entry');
  }

  /** `-`, `?` and `:` are marks before a blank, the last two in brackets always. */
  #isMark(code: number): boolean {
    if (code !== DASH && code !== QUESTION && code !== COLON) return false;
    return isBlankOrEnd(this.#cursor.code(1)) || (code !== DASH && this.#queue.inFlow);
  }

  #fetchMark(code: number): void {
    const queue = this.#queue;
    if (code === COLON) {
      this.#fetchValue();
      return;
    }
    if (!queue.inFlow) {
      const sequence = code === DASH;
      this.#checkBlockAllowed(sequence ? 'block sequence entries' : 'mapping keys');
      queue.beginBlock(sequence ? 'block-sequence-start' : 'block-mapping-start');
    }
    queue.removeKey();
    queue.keyAllowed = code === DASH || !queue.inFlow;
    this.#pushMark(code === DASH ? 'block-entry' : 'key');
  }

  #fetchValue(): void {
    const queue = this.#queue;
    if (queue.confirmKey()) queue.keyAllowed = false;
    else {
      if (!queue.inFlow) {
        this.#checkBlockAllowed('mapping values');
        queue.beginBlock('block-mapping-start');
      }
      queue.keyAllowed = !queue.inFlow;
    }
    this.#pushMark('value');
  }

  #checkBlockAllowed(what: string): void {
    if (!this.#queue.keyAllowed) throw scannerError(`${what} are not allowed in this context`, this.#cursor.mark());
  }

  #fetchBlockScalar(code: number): void {
    this.#queue.removeKey();
    this.#queue.keyAllowed = true;
    this.#queue.push(scanBlockScalar(this.#cursor, this.#queue.indent, code === PIPE ? 'literal' : 'folded'));
  }

  /** A token that may be a key, and that no key may follow on its line. */
  #fetchKeyLike(code: number): void {
    const cursor = this.#cursor;
    if (!PREFIXES.has(code) && !this.#startsPlain(code)) {
      throw scannerError('found character that cannot start any token', cursor.mark());
    }
    this.#queue.saveKey();
    this.#queue.keyAllowed = false;
    this.#queue.push(PREFIXES.get(code)?.(cursor) ?? this.#scanPlain());
  }

  #startsPlain(code: number): boolean {
    const next = this.#cursor.code(1);
    if (code === DASH) return !isBlank(next);
    if (code === QUESTION || code === COLON) return !this.#queue.inFlow && !isBlankOrEnd(next);
    return !isBlankOrEnd(code) && !RESERVED.has(code);
  }

  #scanPlain(): Token {
    const context = this.#queue.inFlow ? 'flow' : 'block';
    const { token, endsLine } = scanPlainScalar(this.#cursor, this.#queue.indent + 1, context);
    if (endsLine) this.#queue.keyAllowed = true;
    return token;
  }

  #pushMark(type: TokenType, length = 1): void {
    const start = this.#cursor.mark();
    this.#cursor.skip(length);
    this.#queue.push({ type, start });
  }
}

const PERCENT = 0x25;
const COMMA = 0x2c;
const DASH = 0x2d;
const COLON = 0x3a;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const PIPE = 0x7c;

const FLOW_MARKS: ReadonlyMap<number, TokenType> = new Map([
  [0x5b, 'flow-sequence-start'],
  [0x5d, 'flow-sequence-end'],
  [0x7b, 'flow-mapping-start'],
  [0x7d, 'flow-mapping-end'],
  [COMMA, 'flow-entry'],
]);

/** What begins with a character of its own. */
const PREFIXES: ReadonlyMap<number, (cursor: Cursor) => Token> = new Map([
  [0x21, scanTag],
  [0x22, (cursor: Cursor) => scanQuotedScalar(cursor, 'double')],
  [0x26, (cursor: Cursor) => scanAnchor(cursor, 'anchor')],
  [0x27, (cursor: Cursor) => scanQuotedScalar(cursor, 'single')],
  [0x2a, (cursor: Cursor) => scanAnchor(cursor, 'alias')],
]);

/** Characters with which no token begins: `#|>%@` and the backtick. */
const RESERVED: ReadonlySet<number> = new Set([0x23, 0x25, 0x3e, 0x40, 0x60, 0x7c]);
