import { describe, expect, it } from 'vitest';
import {
  elementsOf,
  entriesOf,
  fromGo,
  functionValue,
  GoError,
  int,
  int64,
  integerOf,
  kindOf,
  NIL_LIST,
  STRING_MAP,
  stringSlice,
  Typed,
  toGo,
  typeName,
} from './value.ts';

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

describe('types and kinds', () => {
  const list = stringSlice(['a']);
  it.each([
    ['<nil>', 'invalid', null],
    ['bool', 'bool', true],
    ['int', 'int', 1n],
    ['float64', 'float64', 1],
    ['string', 'string', 'a'],
    ['[]uint8', 'slice', new Uint8Array()],
    ['[]interface {}', 'slice', []],
    ['map[string]interface {}', 'map', new Map()],
    ['int64', 'int64', int64(1n)],
    ['[]string', 'slice', list],
    ['map[string]string', 'map', new Typed(STRING_MAP, new Map())],
    ['func(string)', 'func', functionValue({ params: ['string'], run: () => null })],
  ])('are known: %s is a %s', (type, kind, value) => {
    expect(typeName(value)).toBe(type);
    expect(kindOf(value)).toBe(kind);
  });

  it('give elements, entries and integers whatever the type is called', () => {
    expect(elementsOf(list)).toEqual(['a']);
    expect(elementsOf(NIL_LIST)).toEqual([]);
    expect(elementsOf(Uint8Array.of(7))?.map(integerOf)).toEqual([7n]);
    expect(elementsOf('a')).toBeUndefined();
    expect(entriesOf(new Typed(STRING_MAP, null))).toEqual(new Map());
    expect(entriesOf([])).toBeUndefined();
    expect(integerOf(1)).toBeUndefined();
  });

  it('wrap integers around at 64 bits', () => {
    expect(int64(2n ** 63n).value).toBe(-(2n ** 63n));
    expect(int(-(2n ** 63n) - 1n)).toBe(2n ** 63n - 1n);
  });
});
