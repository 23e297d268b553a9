import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration, roundDuration, SECOND } from './duration.ts';

describe('durations', () => {
  it.each([
    ['0s', 0n],
    ['1ns', 1n],
    ['1.1µs', 1100n],
    ['2.2ms', 2_200_000n],
    ['3.3s', 3_300_000_000n],
    ['4m5s', 245_000_000_000n],
    ['4m5.001s', 245_001_000_000n],
    ['5h6m7.001s', 18_367_001_000_000n],
    ['-1h0m0s', -3_600_000_000_000n],
    ['2562047h47m16.854775807s', 2n ** 63n - 1n],
  ])('are written %s', (text, nanoseconds) => {
    expect(formatDuration(nanoseconds)).toBe(text);
  });

  it('read back as they are written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (nanoseconds) => {
        expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
      }),
    );
  });

  it.each(['', 'x', '1', '1h2', '1 h', 'h', '.s', '1d', '--1s', '9999999999h'])('are not read from %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('are rounded with halves away from zero', () => {
    expect(roundDuration(1_500_000_000n, SECOND)).toBe(2n * SECOND);
    expect(roundDuration(-1_500_000_000n, SECOND)).toBe(-2n * SECOND);
    expect(roundDuration(1_499_999_999n, SECOND)).toBe(SECOND);
  });
});
