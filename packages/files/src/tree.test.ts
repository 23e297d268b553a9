import fc from 'fast-check';
import { expect, it } from 'vitest';
import { comparePaths } from './tree.ts';

/** The definition: part by part, each by its UTF-16 units; what is above comes first. */
function byParts(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [i, part] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (part !== other) return part < other ? -1 : 1;
  }
  return left.length - right.length;
}

it('puts a directory before what is in it, and that before its neighbours', () => {
  const sorted = ['a', 'a/b', 'a/b/c', 'a-b', 'a.b', 'ab', 'b'];
  expect([...sorted].reverse().sort(comparePaths)).toEqual(sorted);
});

it('orders any two paths part by part', () => {
  const path = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', 'ä', '\u{1f600}'), minLength: 1 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(path, path, (a, b) => {
      const [left, right] = [a.join('/'), b.join('/')];
      expect(Math.sign(comparePaths(left, right))).toBe(Math.sign(byParts(left, right)));
    }),
  );
});
