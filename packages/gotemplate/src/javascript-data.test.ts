import { describe, expect, it } from 'vitest';
import { fromGo, toGo } from './javascript-data.ts';
import { GoError, int64, NIL_LIST, stringSlice } from './value.ts';

describe('toGo', () => {
  it('makes numbers float64, objects maps, undefined nil', () => {
    const value = toGo({ a: 1, b: ['x', null, undefined, true], c: { d: 2n } });
    expect(value).toEqual(
      new Map<string, unknown>([
        ['a', 1],
        ['b', ['x', null, null, true]],
        ['c', new Map([['d', 2n]])],
      ]),
    );
  });

  it('takes own enumerable keys only', () => {
    const data = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}');
    expect(toGo(data)).toEqual(
      new Map<string, unknown>([
        ['__proto__', new Map([['x', 1]])],
        ['constructor', 2],
      ]),
    );
    expect(toGo(Object.create({ inherited: 1 }))).toEqual(new Map());
  });

  it('refuses what no template can hold', () => {
    expect(() => toGo({ f: () => 1 })).toThrow(GoError);
    expect(() => toGo(Symbol('x'))).toThrow('cannot give a template a value of type symbol');
  });

  it('gives back what fromGo takes', () => {
    const data = { a: 1.5, b: ['x', null, true], c: {} };
    expect(JSON.stringify(fromGo(toGo(data)))).toBe(JSON.stringify(data));
    expect(fromGo([int64(5n), 2n ** 60n, stringSlice(['a']), NIL_LIST])).toEqual([5, 2n ** 60n, ['a'], null]);
    expect(Object.getPrototypeOf(fromGo(new Map()))).toBeNull();
  });
});
