import { describe, expect, it } from 'vitest';
import { compileFileGlob } from './file-glob.ts';

const PATHS = ['a.txt', 'b.txt', 'cfg/a.txt', 'cfg/deep/c.yaml', 'cfg/.hidden', '[x].txt'];

function matches(pattern: string): string[] {
  return PATHS.filter(compileFileGlob(pattern));
}

describe('a pattern of .Files.Glob', () => {
  it.each<readonly [string, readonly string[]]>([
    ['*', ['a.txt', 'b.txt', '[x].txt']],
    ['**', PATHS],
    ['*.txt', ['a.txt', 'b.txt', '[x].txt']],
    ['cfg/*', ['cfg/a.txt', 'cfg/.hidden']],
    ['cfg/**', ['cfg/a.txt', 'cfg/deep/c.yaml', 'cfg/.hidden']],
    ['**/c.yaml', ['cfg/deep/c.yaml']],
    ['?.txt', ['a.txt', 'b.txt']],
    ['[ab].txt', ['a.txt', 'b.txt']],
    ['[!a].txt', ['b.txt']],
    ['[a-c].txt', ['a.txt', 'b.txt']],
    ['{a,cfg/a}.txt', ['a.txt', 'cfg/a.txt']],
    ['{cfg/{a,b},b}.*', ['b.txt', 'cfg/a.txt']],
    ['\\[x\\].txt', ['[x].txt']],
    ['none', []],
    ['', []],
  ])('%s', (pattern, expected) => {
    expect(matches(pattern)).toEqual(expected);
  });

  it.each(['[a', '{a', '{a,{b}', 'a\\', '{'.repeat(100_000)])('that cannot be read fits every file', (pattern) => {
    expect(matches(pattern)).toEqual(PATHS);
  });

  it('takes no longer for many stars', () => {
    expect(compileFileGlob(`${'**a'.repeat(50)}b`)('a'.repeat(500))).toBe(false);
  });
});
