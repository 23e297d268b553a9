import type { StoredImage } from '@kubecrate/image-store';
import { parseDigest } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { formatImageTable, formatLocalTime, rowOf } from './image-table.ts';
import { formatBytes } from './text.ts';

const id = parseDigest('sha256:e4db68de4ff27c2adfea0c54bbb73a61a42f5b667c326de4d7d5b19ab71c6a3b');

function stored(fields: Partial<StoredImage>): StoredImage {
  const descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: id, size: 1 };
  return { descriptor, names: [], id, size: 0, platforms: [], labels: {}, ...fields };
}

describe('the table of images', () => {
  test('is the one that isula prints', () => {
    const created = new Date(2019, 5, 15, 8, 19, 54).toISOString();
    const names = ['rnd-dockerhub.huawei.com/official/busybox:latest'];
    expect(formatImageTable([rowOf(stored({ names, created, size: 1443304 }))])).toBe(
      `REF                                              IMAGE ID             CREATED              SIZE
rnd-dockerhub.huawei.com/official/busybox:latest e4db68de4ff2         2019-06-15 08:19:54  1.376 MB
`,
    );
  });

  test('has a line for each name, and one for an image without', () => {
    const names = ['docker.io/library/test:v1', 'docker.io/library/test:v2'];
    const lines = formatImageTable([stored({ names }), stored({})].map(rowOf)).split('\n');
    expect(lines[0]).toBe('REF                            IMAGE ID             CREATED              SIZE');
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual(['test:v1', 'test:v2', '-', '']);
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.000 KB'],
    [1024 ** 2, '1.000 MB'],
    [5 * 1024 ** 3, '5.000 GB'],
  ])('shows %i bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('shows a time that is none as it is', () => {
    expect(formatLocalTime('yesterday')).toBe('yesterday');
  });
});
