import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLength, compareStrings, decodeString, encodeString, runesOf, sliceBytes } from './go-string.ts';

describe('Go strings', () => {
  it('hold any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = decodeString(bytes);
        expect(new Uint8Array(encodeString(text))).toEqual(bytes);
        expect(byteLength(text)).toBe(bytes.length);
      }),
    );
  });

  it('are ordered by their bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(Buffer.compare(encodeString(a), encodeString(b)));
      }),
    );
    expect(compareStrings('\uffff', '😀')).toBeLessThan(0);
  });

  it('are cut by bytes, in the middle of a character too', () => {
    expect(sliceBytes('héllo', 0, 2)).toBe('h\udcc3');
    expect(sliceBytes('héllo', 1, 3)).toBe('é');
    expect(encodeString(sliceBytes('héllo', 0, 2) + sliceBytes('héllo', 2, 6)).toString()).toBe('héllo');
  });

  it.each([
    [[0xc0, 0x80], 2],
    [[0xed, 0xa0, 0x80], 3],
    [[0xf4, 0x90, 0x80, 0x80], 4],
    [[0xe2, 0x98, 0x83], 1],
    [[0xe2, 0x98], 2],
  ])('take each byte of %j that is not UTF-8 for one rune', (bytes, runes) => {
    expect(runesOf(decodeString(Uint8Array.from(bytes)))).toHaveLength(runes);
  });
});
