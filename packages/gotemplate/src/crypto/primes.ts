/** Primes and the arithmetic of keys, from any source of randomness: the same bytes give the same key. */

import { checkPrimeSync } from 'node:crypto';
import type { RandomSource } from '../sprig/random.ts';

/** A random number of exactly `bits` bits, its two highest set, so that products of two have twice as many. */
export function randomBits(bits: number, random: RandomSource): bigint {
  const bytes = Buffer.from(random.bytes(Math.ceil(bits / 8)));
  const value = BigInt.asUintN(bits, BigInt(`0x${bytes.toString('hex')}`));
  return value | (3n << BigInt(bits - 2));
}

/** A random number from 1 up to, not including, `limit`. */
export function randomScalar(limit: bigint, random: RandomSource): bigint {
  const length = Math.ceil(limit.toString(16).length / 2);
  for (;;) {
    const value = BigInt(`0x${Buffer.from(random.bytes(length)).toString('hex')}`);
    if (value > 0n && value < limit) return value;
  }
}

/** A random prime of exactly `bits` bits for which `accept` holds. */
export function randomPrime(bits: number, random: RandomSource, accept: (prime: bigint) => boolean): bigint {
  for (;;) {
    // From a random odd number upwards; after a while a new one, which keeps the choice even.
    const start = randomBits(bits, random) | 1n;
    for (let step = 0n; step < 2000n; step += 2n) {
      const candidate = start + step;
      if (candidate >> BigInt(bits) !== 0n) break;
      if (isPrime(candidate) && accept(candidate)) return candidate;
    }
  }
}

export function isPrime(candidate: bigint): boolean {
  if (SMALL_PRIMES.some((prime) => candidate % prime === 0n && candidate !== prime)) return false;
  return checkPrimeSync(candidate, { checks: 20 });
}

/** base^exponent modulo `modulus`. */
export function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The number whose product with `value` is 1 modulo `modulus`; the two have no common divisor. */
export function modularInverse(value: bigint, modulus: bigint): bigint {
  let [rest, nextRest] = [modulus, ((value % modulus) + modulus) % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (nextRest !== 0n) {
    const quotient = rest / nextRest;
    [rest, nextRest] = [nextRest, rest - quotient * nextRest];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % modulus) + modulus) % modulus;
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

const SMALL_PRIMES: readonly bigint[] = [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n, 59n];
