import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeString } from '../go-string.ts';
import { quote, unquote } from './quote.ts';

describe('quote and unquote', () => {
  it('are inverse for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unquote(quote(text))).toBe(text);
        expect(unquote(quote(text, 'ascii'))).toBe(text);
      }),
    );
  });

  it.each([
    ['"a\\tb\\x41\\101\\u00e9\\U0001F600\\a\\b\\f\\v\\\\\\""', 'a\tbAAé😀\x07\b\f\v\\"'],
    ['`raw\\n{{x}}`', 'raw\\n{{x}}'],
    ['`a\r\nb`', 'a\nb'],
    ['""', ''],
  ])('reads %s', (literal, expected) => {
    expect(unquote(literal)).toBe(expected);
  });

  it.each([
    '"',
    'x',
    '"a',
    '"\\z"',
    '"\\x4"',
    '"\\400"',
    '"\\ud800"',
    '"\\U00110000"',
    '"a\nb"',
    '"a"b"',
    '"\\\'"',
    '`a`b`',
  ])('refuses %s', (literal) => {
    expect(unquote(literal)).toBeUndefined();
  });

  it('keeps bytes that are not UTF-8', () => {
    const text = unquote('"\\xff\\xc3\\xa9"') ?? '';
    expect(encodeString(text)).toEqual(Buffer.from([0xff, 0xc3, 0xa9]));
    expect(quote(text)).toBe('"\\xffé"');
  });
});
