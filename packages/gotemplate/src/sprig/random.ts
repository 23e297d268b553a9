/** Sources of randomness for the functions that need it: the system's, or one that repeats itself from a seed. */

import { createHash, randomBytes } from 'node:crypto';

export interface RandomSource {
  /** So many random bytes. */
  bytes(count: number): Uint8Array;
}

/** Secure randomness of the operating system. */
export function systemRandom(): RandomSource {
  return { bytes: (count) => randomBytes(count) };
}

/**
 * The same bytes for the same seed, in the same order: templates rendered twice give the same text.
 * The bytes are as unpredictable as the seed, so what comes of them is no secret.
 */
export function seededRandom(seed: string): RandomSource {
  return new SeededRandom(seed);
}

/** A random number from 0 up to, not including, `limit`. */
export function randomBelow(limit: number, random: RandomSource): number {
  const span = 2 ** 48;
  for (;;) {
    const value = Buffer.from(random.bytes(6)).readUIntBE(0, 6);
    // Values beyond the last multiple would make small numbers likelier.
    if (value < span - (span % limit)) return value % limit;
  }
}

/** A text of `count` characters of the alphabet. */
export function randomText(count: number, alphabet: string, random: RandomSource): string {
  let text = '';
  for (let index = 0; index < count; index += 1) text += alphabet[randomBelow(alphabet.length, random)];
  return text;
}

class SeededRandom implements RandomSource {
  private readonly seed: string;
  private counter = 0;
  private rest: Buffer = Buffer.alloc(0);

  constructor(seed: string) {
    this.seed = seed;
  }

  bytes(count: number): Uint8Array {
    const parts = [this.rest];
    for (let have = this.rest.length; have < count; have += 32) {
      parts.push(createHash('sha256').update(`${this.seed}\0${this.counter}`).digest());
      this.counter += 1;
    }
    const all = Buffer.concat(parts);
    this.rest = all.subarray(count);
    return all.subarray(0, count);
  }
}
