/** Tokens that are waiting, with what the scanner remembers of indentation and of tokens that may turn out to be keys. */

import type { Cursor } from './cursor.ts';
import type { Token, TokenType } from './token.ts';
import { type Mark, scannerError } from './yaml-error.ts';

/** The deepest nesting of brackets or of indentation; go-yaml allows ten thousand. */
const MAX_DEPTH = 300;
/** A key and its colon are at most this many characters apart, on one line. */
const MAX_KEY_LENGTH = 1024;

interface SimpleKey {
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly mark: Mark;
}

export class TokenQueue {
  readonly #cursor: Cursor;
  #tokens: Token[] = [];
  #head = 0;
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  /** One place for each flow level: the token there may be a key without a `?`. */
  readonly #keys: (SimpleKey | undefined)[] = [undefined];
  /** True where a key without a `?` may begin. */
  keyAllowed = true;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** The column of the innermost block, -1 outside of all. */
  get indent(): number {
    return this.#indent;
  }

  get inFlow(): boolean {
    return this.#keys.length > 1;
  }

  /** True while there is no token, or the first one may still get a key mark before it. */
  needsMore(): boolean {
    if (this.#head === this.#tokens.length) return true;
    for (let level = 0; level < this.#keys.length; level++) {
      if (this.#keys[level]?.tokenNumber === this.#taken && this.#validKey(level) !== undefined) return true;
    }
    return false;
  }

  first(): Token {
    return this.#tokens[this.#head] as Token;
  }

  dropFirst(): void {
    this.#head++;
    this.#taken++;
    if (this.#head < this.#tokens.length) return;
    this.#tokens = [];
    this.#head = 0;
  }

  push(token: Token): void {
    this.#tokens.push(token);
  }

  enterFlow(): void {
    this.#keys.push(undefined);
    if (this.#keys.length > MAX_DEPTH) throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark());
  }

  leaveFlow(): void {
    if (this.inFlow) this.#keys.pop();
  }

  /** Notes that the token that comes next may be a key. */
  saveKey(): void {
    if (!this.keyAllowed) return;
    this.removeKey();
    const mark = this.#cursor.mark();
    this.#keys[this.#keys.length - 1] = {
      tokenNumber: this.#taken + this.#tokens.length - this.#head,
      required: !this.inFlow && this.#indent === mark.column,
      mark,
    };
  }

  /** Forgets the possible key of this level. */
  removeKey(): void {
    const level = this.#keys.length - 1;
    const key = this.#keys[level];
    if (key?.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key.mark);
    this.#keys[level] = undefined;
  }

  /** At a colon: puts a key mark before the possible key. False where there is none. */
  confirmKey(): boolean {
    const level = this.#keys.length - 1;
    const key = this.#validKey(level);
    if (key === undefined) return false;
    const place = key.tokenNumber - this.#taken + this.#head;
    this.#tokens.splice(place, 0, { type: 'key', start: key.mark });
    this.#deepen(key.mark, 'block-mapping-start', place);
    this.#keys[level] = undefined;
    return true;
  }

  /** Begins a block at the cursor, unless it stands in one of that column already. */
  beginBlock(type: 'block-sequence-start' | 'block-mapping-start'): void {
    this.#deepen(this.#cursor.mark(), type, this.#tokens.length);
  }

  /** Ends the blocks that are deeper than `column`. */
  endBlocks(column: number): void {
    if (this.inFlow) return;
    while (this.#indent > column) {
      const mark = this.#cursor.mark();
      this.push({ type: 'block-end', start: mark });
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #deepen(mark: Mark, type: TokenType, place: number): void {
    if (this.inFlow || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (this.#indents.length > MAX_DEPTH) throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark());
    this.#tokens.splice(place, 0, { type, start: mark });
  }

  /** The possible key of a level, unless it is too far behind to be one. */
  #validKey(level: number): SimpleKey | undefined {
    const key = this.#keys[level];
    if (key === undefined) return undefined;
    if (key.mark.line === this.#cursor.line && key.mark.index + MAX_KEY_LENGTH >= this.#cursor.index) return key;
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key.mark);
    this.#keys[level] = undefined;
    return undefined;
  }
}
