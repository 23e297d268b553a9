/** The quick way through brackets on one line: `{cpu: 500m, ports: [80, "443"]}`. Anything else is declined. */

import type { MappingNode, SequenceNode, YamlNode } from './node.ts';
import { plainScalar, quotedScalar } from './plain-scalar.ts';

/** The collection that a line is, the same that the whole parser gives, or undefined. A comment may stand behind it. */
export function readPlainFlow(line: string): YamlNode | undefined {
  const flow = new PlainFlow(line);
  const node = flow.node();
  return flow.isAtEnd() ? node : undefined;
}

/** Every method that gives a node gives undefined to decline the line. */
class PlainFlow {
  readonly #line: string;
  readonly #scalar = new RegExp(SCALAR, 'y');
  #at = 0;
  #depth = 0;

  constructor(line: string) {
    this.#line = line;
  }

  isAtEnd(): boolean {
    if (this.#at === this.#line.length) return true;
    return this.#line.charAt(this.#at) === '#' && this.#line.charAt(this.#at - 1) === ' ';
  }

  node(): YamlNode | undefined {
    const opens = this.#line.charAt(this.#at);
    if (opens !== '{' && opens !== '[') return this.#readScalar();
    if (this.#depth === MAX_DEPTH) return undefined;
    this.#depth++;
    this.#skip();
    const node = opens === '{' ? this.#mapping() : this.#sequence();
    this.#depth--;
    return node;
  }

  #mapping(): MappingNode | undefined {
    const entries: [YamlNode, YamlNode][] = [];
    while (!this.#closes('}')) {
      if (entries.length > 0 && !this.#separates()) return undefined;
      const key = this.#readScalar();
      if (key === undefined || this.#line.charAt(this.#at) !== ':') return undefined;
      // What is no quotation needs a blank behind its colon.
      if (key.implicit && this.#line.charAt(this.#at + 1) !== ' ') return undefined;
      this.#skip();
      const value = this.node();
      if (value === undefined) return undefined;
      entries.push([key, value]);
    }
    return { kind: 'mapping', entries };
  }

  #sequence(): SequenceNode | undefined {
    const items: YamlNode[] = [];
    while (!this.#closes(']')) {
      if (items.length > 0 && !this.#separates()) return undefined;
      const item = this.node();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { kind: 'sequence', items };
  }

  #readScalar(): ReturnType<typeof plainScalar> | undefined {
    this.#scalar.lastIndex = this.#at;
    const match = this.#scalar.exec(this.#line);
    if (match === null) return undefined;
    this.#at = this.#scalar.lastIndex;
    const [, plain, double, single] = match;
    this.#skipSpaces();
    return plain === undefined ? quotedScalar(double ?? single ?? '') : plainScalar(plain);
  }

  #closes(bracket: ']' | '}'): boolean {
    if (this.#line.charAt(this.#at) !== bracket) return false;
    this.#skip();
    return true;
  }

  #separates(): boolean {
    if (this.#line.charAt(this.#at) !== ',') return false;
    this.#skip();
    return true;
  }

  #skip(): void {
    this.#at++;
    this.#skipSpaces();
  }

  #skipSpaces(): void {
    while (this.#line.charCodeAt(this.#at) === SPACE) this.#at++;
  }
}

const MAX_DEPTH = 50;
const SPACE = 0x20;

/** Words with single blanks between them, or a quotation. */
const SCALAR = /(?:([\w/.+~$][\w/.+~$@=-]*(?: [\w/.+~$][\w/.+~$@=-]*)*)|"([^"\\]*)"|'([^']*)')/;
