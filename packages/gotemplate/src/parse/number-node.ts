/** Reads a number constant as Go does: every type that can hold its value is kept. */

import { parseFloat64, parseInt64, parseUint64 } from '../format/parse-number.ts';
import { unquoteChar } from '../format/quote.ts';
import type { Complex, NumberNode, Source } from './node.ts';
import type { Token } from './token.ts';

/** The node of a number token, or the text of Go's error. */
export function numberNode(token: Token, source: Source): NumberNode | string {
  const base = { type: 'number', pos: token.pos, source, text: token.text } as const;
  if (token.type === 'charConstant') {
    const code = runeOf(token.text);
    if (typeof code === 'string') return code;
    return { ...base, int: BigInt(code), uint: BigInt(code), float: code, complex: undefined };
  }
  if (token.type === 'complex') {
    const complex = parseComplex(token.text);
    return complex === undefined ? 'syntax error scanning complex number' : { ...base, ...simplify(complex) };
  }
  if (token.text.endsWith('i')) {
    const imaginary = parseFloat64(token.text.slice(0, -1));
    if (imaginary !== undefined) return { ...base, ...simplify({ real: 0, imaginary }) };
  }
  const int = parseInt64(token.text, 0);
  const uint = parseUint64(token.text, 0) ?? (int === 0n ? 0n : undefined);
  const whole = int ?? uint;
  if (whole !== undefined) return { ...base, int, uint, float: Number(whole), complex: undefined };
  const float = parseFloat64(token.text);
  if (float === undefined) return `illegal number syntax: "${token.text}"`;
  if (!/[.eEpP]/.test(token.text)) return `integer overflow: "${token.text}"`;
  return { ...base, float, ...integersOf(float), complex: undefined };
}

type Parts = Pick<NumberNode, 'int' | 'uint' | 'float' | 'complex'>;

function simplify(complex: Complex): Parts {
  if (complex.imaginary !== 0) return { int: undefined, uint: undefined, float: undefined, complex };
  return { ...integersOf(complex.real), float: complex.real, complex };
}

function integersOf(float: number): Pick<NumberNode, 'int' | 'uint'> {
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  return {
    int: whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined,
    uint: whole !== undefined && BigInt.asUintN(64, whole) === whole ? whole : undefined,
  };
}

function parseComplex(text: string): Complex | undefined {
  const split = /^([-+]?.+?[^eEpP])([-+].*)i$/.exec(text) ?? /^([-+]?[0-9])([-+].*)i$/.exec(text);
  const real = parseFloat64(split?.[1] ?? '');
  const imaginary = parseFloat64(split?.[2] ?? '');
  return real === undefined || imaginary === undefined ? undefined : { real, imaginary };
}

function runeOf(text: string): number | string {
  const char = unquoteChar(text, 1, "'");
  if (char === undefined) return 'invalid syntax';
  if (text.slice(char.end) !== "'") return `malformed character constant: ${text}`;
  const code = char.text.codePointAt(0) ?? 0;
  return code >= 0xdc80 && code <= 0xdcff ? code & 0xff : code;
}
