import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

test.each([
  ['imges', ['images', 'auth'], 'images'],
  ['AUHT', ['images', 'auth'], 'auth'],
  ['username', ['username'], 'username'],
  ['user', ['username', 'password'], undefined],
  ['x'.repeat(65), ['x'.repeat(65)], undefined],
])('the nearest to %j of %j is %j', (word, candidates, nearest) => {
  expect(didYouMean(word, candidates)).toBe(
    nearest === undefined ? undefined : `did you mean ${JSON.stringify(nearest)}?`,
  );
});
