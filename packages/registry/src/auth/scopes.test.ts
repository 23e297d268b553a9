import { expect, test } from 'vitest';
import { mergeScopes, pullScope, pushScope } from './scopes.ts';

test('scopes of one resource become one, in one spelling', () => {
  expect(mergeScopes([pullScope('a/b')], [pushScope('a/b'), pullScope('c')])).toEqual([
    'repository:a/b:pull,push',
    'repository:c:pull',
  ]);
});

test('a scope without actions stays as it is', () => {
  expect(mergeScopes(['aws'], ['registry:catalog:*'])).toEqual(['aws', 'registry:catalog:*']);
});
