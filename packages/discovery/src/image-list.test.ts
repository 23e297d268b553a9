import { hasCode } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readImageList } from './image-list.ts';

const imagesOf = (text: string) =>
  readImageList(text, 'imageList').entries.map(({ action, image, line }) => `${line} ${action} ${image}`);

describe('readImageList', () => {
  test.each([
    ['mysql:latest', ['1 add docker.io/library/mysql:latest']],
    ['ubuntu', ['1 add docker.io/library/ubuntu:latest']],
    ['localhost:5000/helm-charts/mysql:8.8.19', ['1 add localhost:5000/helm-charts/mysql:8.8.19']],
    ['\uFEFFa:1\r\n\r\nb:2\r\n', ['1 add docker.io/library/a:1', '3 add docker.io/library/b:2']],
    ['# all\n  # indented\n a:1   # why\n', ['3 add docker.io/library/a:1']],
    ['"a:1"\n\' b:2 \'\n', ['1 add docker.io/library/a:1', '2 add docker.io/library/b:2']],
    [
      'a:1\n!a:1\n! "b"',
      ['1 add docker.io/library/a:1', '2 leave-out docker.io/library/a:1', '3 leave-out docker.io/library/b:latest'],
    ],
    [`a@sha256:${'0'.repeat(64)}`, [`1 add docker.io/library/a@sha256:${'0'.repeat(64)}`]],
    [`a:1@sha256:${'0'.repeat(64)}`, [`1 add docker.io/library/a:1@sha256:${'0'.repeat(64)}`]],
    ['', []],
  ])('reads %j', (text, expected) => {
    expect(imagesOf(text)).toEqual(expected);
  });

  test('names every line that is no reference, with what to write instead', () => {
    const text = 'good:1\na/Foo:1\nx#y\n- a:1\nhttps://quay.io/a/b:1\n{{ .Values.x }}\n';
    try {
      readImageList(text, 'list');
      expect.unreachable();
    } catch (error) {
      const lines = (error as Error).message.split('\n');
      expect(lines.map((line) => line.slice(0, 9))).toEqual([
        'cannot re',
        '  list:2:',
        '  list:3:',
        '  list:4:',
        '  list:5:',
        '  list:6:',
      ]);
      expect(lines[1]).toContain('repository must be lower case; did you mean "a/foo:1"?');
      expect(lines[3]).toContain('write it without the dash: a:1');
      expect(lines[4]).toContain('quay.io/a/b:1');
    }
  });

  test('shows the first fifty wrong lines and counts the rest', () => {
    try {
      readImageList('A B\n'.repeat(60), 'l');
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.split('\n')).toHaveLength(52);
      expect((error as Error).message).toContain('and 10 more');
    }
  });

  test('gives entries or INVALID_LIST for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          readImageList(text, 'l');
        } catch (error) {
          expect(hasCode(error, 'INVALID_LIST')).toBe(true);
        }
      }),
    );
  });
});
