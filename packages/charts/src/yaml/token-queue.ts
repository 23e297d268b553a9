/** Tokens that are waiting, with what the scanner remembers of indentation and of tokens that may turn out to be keys. */

import type { Cursor } from './cursor.ts';
import type { Token, TokenType } from './token.ts';
import { type Mark, scannerError } from './yaml-error.ts';

/** The deepest nesting of brackets or of indentation; go-yaml allows ten thousand. */
const MAX_DEPTH = 300;
/** A key and its colon are at most this many characters apart, on one line. */
const MAX_KEY_LENGTH = 1024;

interface SimpleKey {
  readonly possible: boolean;
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly mark: Mark;
}

const START: Mark = { index: 0, line: 0, column: 0 };
const BEHIND_ALL = -1;

export class TokenQueue {
  readonly #cursor: Cursor;
  #tokens: Token[] = [];
  #head = 0;
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  /** One place for each flow level: the token there may be a key without a `?`. */
  readonly #keys: SimpleKey[] = [{ possible: false, required: false, tokenNumber: -1, mark: START }];
  /** The levels of the tokens that may be keys. */
  readonly #levels: Map<number, number> = new Map();
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
    const level = this.#levels.get(this.#taken);
    return level !== undefined && this.#validKey(level) !== undefined;
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
    this.#keys.push({ ...this.#keyHere(), possible: false });
    if (this.#keys.length > MAX_DEPTH) throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark());
  }

  leaveFlow(): void {
    if (!this.inFlow) return;
    // Where the brackets are empty, this is their own token: go-yaml forgets that they may be a key.
    this.#levels.delete(this.#keys.pop()?.tokenNumber ?? -1);
  }

  /** Notes that the token that comes next may be a key. */
  saveKey(): void {
    if (!this.keyAllowed) return;
    this.removeKey();
    const key = this.#keyHere();
    this.#keys[this.#keys.length - 1] = key;
    this.#levels.set(key.tokenNumber, this.#keys.length - 1);
  }

  #keyHere(): SimpleKey {
    const mark = this.#cursor.mark();
    const tokenNumber = this.#taken + this.#tokens.length - this.#head;
    return { possible: true, tokenNumber, required: !this.inFlow && this.#indent === mark.column, mark };
  }

  /** Forgets the possible key of this level. */
  removeKey(): void {
    const level = this.#keys.length - 1;
    const key = this.#keys[level];
    if (!key?.possible) return;
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key.mark);
    this.#forget(level, key);
    this.#levels.delete(key.tokenNumber);
  }

  /** At a colon: puts a key mark before the possible key. False where there is none. */
  confirmKey(): boolean {
    const level = this.#keys.length - 1;
    const key = this.#validKey(level);
    if (key === undefined) return false;
    // A token that was forgotten to be a possible key may have been taken: go-yaml puts the marks behind all others then.
    const place = key.tokenNumber - this.#taken;
    this.#insert(place, { type: 'key', start: key.mark });
    this.#deepen(key.mark, 'block-mapping-start', place);
    this.#forget(level, key);
    this.#levels.delete(key.tokenNumber);
    return true;
  }

  /** Begins a block at the cursor, unless it stands in one of that column already. */
  beginBlock(type: 'block-sequence-start' | 'block-mapping-start'): void {
    this.#deepen(this.#cursor.mark(), type, BEHIND_ALL);
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
    this.#insert(place, { type, start: mark });
  }

  #insert(place: number, token: Token): void {
    if (place < 0) this.push(token);
    else this.#tokens.splice(this.#head + place, 0, token);
  }

  #forget(level: number, key: SimpleKey): void {
    this.#keys[level] = { ...key, possible: false };
  }

  /** The possible key of a level, unless it is too far behind to be one. */
  #validKey(level: number): SimpleKey | undefined {
    const key = this.#keys[level];
    if (!key?.possible) return undefined;
    if (key.mark.line === this.#cursor.line && key.mark.index + MAX_KEY_LENGTH >= this.#cursor.index) return key;
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key.mark);
    this.#forget(level, key);
    return undefined;
  }
}
