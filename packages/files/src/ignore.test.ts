import { describe, expect, it } from 'vitest';
import { ignoreMatcher } from './ignore.ts';

describe('ignoreMatcher', () => {
  const ignored = (text: string, ...paths: string[]): string[] => paths.filter(ignoreMatcher(text).ignores);

  it('ignores what a line names and everything below it', () => {
    expect(ignored('tmp\n', 'tmp', 'tmp/a/b', 'tmpfile', 'a/tmp')).toEqual(['tmp', 'tmp/a/b']);
  });

  it('passes over comments, blank lines and a byte order mark', () => {
    expect(ignored('\uFEFF# a\n\n  \r\n b \r\n#c', 'a', 'b', '#c', '# a')).toEqual(['b']);
  });

  it('takes a path back in with an exclamation mark, the last match deciding', () => {
    expect(ignored('*.md\n!README*.md\nREADME-secret.md', 'a.md', 'README.md', 'README-secret.md')).toEqual([
      'a.md',
      'README-secret.md',
    ]);
    expect(ignored('*\n!keep', 'x', 'keep', 'keep/below')).toEqual(['x']);
  });

  it('cleans the spelling of a line', () => {
    expect(ignored('/a/\n./b/../c//d', 'a', 'a/x', 'b', 'c/d', 'c')).toEqual(['a', 'a/x', 'c/d']);
  });

  it('knows ** and one-part patterns at any depth', () => {
    expect(ignored('**/*.log\n*/temp*', 'a.log', 'x/y/a.log', 'x/temporary', 'x/y/temp', 'temp')).toEqual([
      'a.log',
      'x/y/a.log',
      'x/temporary',
    ]);
  });

  it('is not confused by names that objects have', () => {
    expect(ignored('constructor\n__proto__', 'constructor', '__proto__', 'toString')).toEqual([
      'constructor',
      '__proto__',
    ]);
  });

  it('says of a directory that nothing is wanted only where no exception can be below it', () => {
    expect(ignoreMatcher('node_modules').ignoresAll('node_modules')).toBe(true);
    expect(ignoreMatcher('node_modules\n!node_modules/keep').ignoresAll('node_modules')).toBe(false);
    expect(ignoreMatcher('node_modules').ignoresAll('src')).toBe(false);
  });

  it('names the line that is malformed', () => {
    expect(() => ignoreMatcher('a\n[b\n')).toThrow('cannot read line 2 of the ignore file');
  });
});
