import { describe, expect, it } from 'vitest';
import {
  elementsOf,
  entriesOf,
  functionValue,
  int,
  int64,
  integerOf,
  kindOf,
  NIL_LIST,
  STRING_MAP,
  stringSlice,
  Typed,
  typeName,
} from './value.ts';

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
