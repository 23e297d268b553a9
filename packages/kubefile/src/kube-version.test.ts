import { expect, test } from 'vitest';
import { isVersionRange } from './kube-version.ts';

test.each([
  '1.19',
  'v1.19.8',
  '=1.19.8',
  '>=1.19.0',
  '>= 1.19.0, < 1.26',
  '>1.18 <=1.25 !=1.22.3',
  '~1.20 || ^1.22.0||1.24.x',
  '1.20 - 1.22.5',
  '~>1.2',
  '=>1.2 =<1.4',
  '*',
  '1.x',
  '1.22.0-rc.1+build.5',
])('%s is a range of versions', (text) => {
  expect(isVersionRange(text)).toBe(true);
});

test.each([
  '',
  ' ',
  'one',
  '1.2.3.4',
  '>=',
  '1.20,',
  ',1.20',
  '1.20 ||',
  '1.20 -',
  '1..2',
  '>=<1.2',
  '1.2 and 1.3',
  '1.2!',
])('%j is none', (text) => {
  expect(isVersionRange(text)).toBe(false);
});
