import { describe, expect, it } from 'vitest';
import { splitManifests } from './split-manifests.ts';

describe('the documents of a rendered file', () => {
  it('are what stands between its marks, each with the line on which it begins', () => {
    expect(splitManifests('\n\n---\na: 1\n\n---\n\n\nb: 2\nc: 3\n---\nd: 4')).toEqual([
      { content: 'a: 1', line: 4 },
      { content: 'b: 2\nc: 3', line: 9 },
      { content: 'd: 4', line: 12 },
    ]);
    expect(splitManifests('  a: 1\n')).toEqual([{ content: 'a: 1', line: 1 }]);
    expect(splitManifests(' \n')).toEqual([]);
  });

  it('lose around them what is white space in Go, which a byte order mark is not', () => {
    expect(splitManifests('\x85\u3000a: 1\x85\n---\nb: 2\n\ufeff')).toEqual([
      { content: 'a: 1', line: 1 },
      { content: 'b: 2\n\ufeff', line: 3 },
    ]);
  });
});
