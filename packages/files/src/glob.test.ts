import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globToMatcher, isGlob } from './glob.ts';

describe('globToMatcher', () => {
  const cases: readonly (readonly [pattern: string, matches: readonly string[], others: readonly string[]])[] = [
    ['a/b', ['a/b'], ['a', 'a/b/c', 'a/B']],
    ['*.yaml', ['x.yaml', '.yaml'], ['a/x.yaml', 'x.yml', 'xyaml']],
    ['?', ['a', 'ä', '😀'], ['', 'ab', '/']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x', '-x']],
    ['[^a-c]x', ['dx'], ['ax']],
    ['[a\\-c]', ['a', '-', 'c'], ['b']],
    ['[\\]]', [']'], ['\\']],
    ['\\*', ['*'], ['a']],
    ['a+(b)|c$', ['a+(b)|c$'], ['aab', 'c']],
    ['**/x', ['x', 'a/x', 'a/b/x'], ['x/a', 'ax']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/b/c', 'ab']],
    ['**', ['a', 'a/b'], []],
    ['a**b', ['ab', 'axb'], ['a/b']],
  ];
  for (const [pattern, matches, others] of cases) {
    it(`reads ${pattern} as Go does`, () => {
      const matcher = globToMatcher(pattern);
      expect(matches.filter((path) => !matcher(path))).toEqual([]);
      expect(others.filter((path) => matcher(path))).toEqual([]);
    });
  }

  it.each(['[', 'a[b', '[]', '[^]', 'a\\', '[z-a]'])('refuses the malformed pattern %s', (pattern) => {
    expect(() => globToMatcher(pattern)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('gives only errors of its own for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (pattern, path) => {
        try {
          globToMatcher(pattern)(path);
        } catch (error) {
          expect(error).toBeInstanceOf(KubecrateError);
        }
      }),
    );
  });

  it('matches every name whose special characters are escaped', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (path) => {
        expect(globToMatcher(path.replace(/[\\*?[\]]/g, '\\$&'))(path)).toBe(true);
      }),
    );
  });

  it('tells a pattern from a name', () => {
    expect(['a*', 'a?', '[a]', '\\\\*'].every(isGlob)).toBe(true);
    expect(['a', 'a\\*', 'a]'].some(isGlob)).toBe(false);
  });
});
