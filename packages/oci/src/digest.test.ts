import { describe, expect, it } from 'vitest';
import { algorithmOf, digestOf, hexOf, isDigest, parseDigest } from './digest.ts';

describe('digests', () => {
  it('are computed as the specification says', () => {
    expect(digestOf('{}')).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it.each([
    '',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:${'a'.repeat(64)}\n`,
  ])('refuse %j', (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow('cannot parse digest');
  });

  it('know their algorithm and their hexadecimal part', () => {
    const sha512 = parseDigest(`sha512:${'0'.repeat(128)}`);
    expect(algorithmOf(sha512)).toBe('sha512');
    expect(hexOf(sha512)).toBe('0'.repeat(128));
    expect(algorithmOf(digestOf(''))).toBe('sha256');
  });
});
