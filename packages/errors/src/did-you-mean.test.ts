import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, editDistance } from './did-you-mean.ts';

test.each([
  ['CPOY', 'COPY'],
  ['copyy', 'COPY'],
  ['FORM', 'FROM'],
  ['LAUCNH', 'LAUNCH'],
  ['AP', 'APP'],
  ['KUBEVERSON', 'KUBEVERSION'],
])('%s is taken for %s', (word, meant) => {
  const all = ['FROM', 'COPY', 'APP', 'LAUNCH', 'KUBEVERSION'];
  expect(didYouMean(word, all)).toBe(`did you mean "${meant}"?`);
});

test('what is near nothing is taken for nothing', () => {
  expect(didYouMean('XYZZY', ['COPY', 'FROM'])).toBeUndefined();
  expect(didYouMean('', ['COPY'])).toBeUndefined();
  expect(didYouMean('x'.repeat(1_000_000), ['COPY'])).toBeUndefined();
});

test('a word with two letters left out inside is taken for the whole one', () => {
  expect(didYouMean('imgs', ['auth', 'images'])).toBe('did you mean "images"?');
  expect(didYouMean('is', ['ins', 'images'])).toBe('did you mean "ins"?');
});

test('the nearest is taken', () => {
  expect(didYouMean('--chwon', ['--chmod', '--chown'])).toBe('did you mean "--chown"?');
});

test('a distance is symmetric, zero only for equal words, and no longer than the longer word', () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
    }),
  );
});
