import { type GoMap, type GoValue, Typed, toGo } from '@kubecrate/gotemplate';
import { describe, expect, it } from 'vitest';
import { parseSetInto, type SetStyle } from './set-parser.ts';

function plain(value: GoValue): unknown {
  if (value instanceof Typed) return value.value;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

function set(text: string, style: SetStyle = 'typed', before: unknown = {}): unknown {
  const values = toGo(before) as GoMap;
  parseSetInto(values, text, style);
  return plain(values);
}

describe('--set', () => {
  it.each<readonly [string, unknown]>([
    ['a=1', { a: 1n }],
    ['a=0', { a: 0n }],
    ['a=01', { a: '01' }],
    ['a=-5,b=+5', { a: -5n, b: 5n }],
    ['a=1.5', { a: '1.5' }],
    ['a=99999999999999999999', { a: '99999999999999999999' }],
    ['a=true,b=FALSE,c=Null', { a: true, b: false, c: null }],
    ['a=yes', { a: 'yes' }],
    ['a=', { a: '' }],
    ['a=,b=x', { a: '', b: 'x' }],
    ['a.b.c=x,a.b.d=y', { a: { b: { c: 'x', d: 'y' } } }],
    ['a={x,2,true}', { a: ['x', 2n, true] }],
    ['a={x},b=y', { a: ['x'], b: 'y' }],
    ['a={}', { a: [''] }],
    ['a[0]=x,a[2]=z', { a: ['x', null, 'z'] }],
    ['a[0].b=1,a[0].c=2,a[1].b=3', { a: [{ b: 1n, c: 2n }, { b: 3n }] }],
    ['a[0][1]=x', { a: [[null, 'x']] }],
    ['a[0]={x,y}', { a: [['x', 'y']] }],
    ['a\\.b=x', { 'a.b': 'x' }],
    ['node\\.io/x=y', { 'node.io/x': 'y' }],
    ['a=x\\,y', { a: 'x,y' }],
    ['a=x=y', { a: 'x=y' }],
    ['a=x y', { a: 'x y' }],
    ['a=\\{x\\}', { a: '{x}' }],
    ['', {}],
  ])('%s', (text, expected) => {
    expect(set(text)).toEqual(expected);
  });

  it('goes into what is there', () => {
    const before = { a: { b: 1, c: [{ d: 1 }] } };
    expect(set('a.e=x,a.c[0].f=y', 'typed', before)).toEqual({ a: { b: 1, c: [{ d: 1, f: 'y' }], e: 'x' } });
  });

  it.each([
    ['a', 'key "a" has no value'],
    ['a,b=1', 'key "a" has no value (cannot end with ,)'],
    ['a.=1', 'key map "a" has no value'],
    ['a={x', "list must terminate with '}'"],
    ['a[x]=1', 'error parsing index: strconv.Atoi: parsing "x": invalid syntax'],
    ['a[-1]=1', 'negative -1 index not allowed'],
    ['a[70000]=1', 'index of 70000 is greater than maximum supported index of 65536'],
    ['a[99999999999999999999]=1', 'strconv.Atoi: parsing "99999999999999999999": value out of range'],
    ['a[0]x]=1', "unexpected data at end of array index: ['x' ']']"],
    [`${'a.'.repeat(31)}b=1`, 'maximum supported nested level of 30'],
  ])('%s is refused with Helm’s words', (text, message) => {
    expect(() => set(text)).toThrow(message);
  });

  it('does not make a table of what is none', () => {
    expect(() => set('a.b=1', 'typed', { a: 'x' })).toThrow(
      'unable to parse key: interface conversion: interface {} is string, not map[string]interface {}',
    );
    expect(() => set('a[0]=1', 'typed', { a: null })).toThrow('interface {} is nil, not []interface {}');
  });
});

describe('--set-string', () => {
  it('takes everything as text', () => {
    expect(set('a=1,b=true,c={1,null}', 'text')).toEqual({ a: '1', b: 'true', c: ['1', 'null'] });
  });
});

describe('--set-literal', () => {
  it.each<readonly [string, unknown]>([
    ['a=b,c={d}=\\', { a: 'b,c={d}=\\' }],
    ['a.b[1].c=', { a: { b: [null, { c: '' }] } }],
    ['a,b=1', { 'a,b': '1' }],
    ['a\\.b=1', { 'a\\': { b: '1' } }],
    ['a[0]', { a: [] }],
    ['', {}],
  ])('%s', (text, expected) => {
    expect(set(text, 'literal')).toEqual(expected);
  });

  it.each([
    ['a', 'key "a" has no value'],
    ['a[', 'error parsing index: EOF'],
    ['a[0]x=1', "unexpected data at end of array index: ['x']"],
  ])('%s is refused', (text, message) => {
    expect(() => set(text, 'literal')).toThrow(message);
  });
});

describe('--set-json', () => {
  it.each<readonly [string, unknown]>([
    ['a=1', { a: 1 }],
    ['a={"b":[1,"x,y"]},c=null,d="s"', { a: { b: [1, 'x,y'] }, c: null, d: 's' }],
    ['a=[1,2] ,b=true', { a: [1, 2], b: true }],
    ['a=,b=1', { a: null, b: 1 }],
    ['a.b[0]={"c":"}"}', { a: { b: [{ c: '}' }] } }],
  ])('%s', (text, expected) => {
    expect(set(text, 'json')).toEqual(expected);
  });

  it('refuses what is no JSON', () => {
    expect(() => set('a=x', 'json')).toThrow("invalid character 'x' looking for beginning of value");
  });
});
