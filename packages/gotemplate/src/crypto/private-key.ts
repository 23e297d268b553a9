/** Private keys: made from a source of randomness, read from PEM and written as Go writes them. */

import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import type { RandomSource } from '../sprig/random.ts';
import { GoError } from '../value.ts';
import { integer, pem, readPem, sequence } from './der.ts';
import {
  greatestCommonDivisor,
  isPrime,
  modularInverse,
  modularPower,
  randomBits,
  randomPrime,
  randomScalar,
} from './primes.ts';

const EXPONENT = 65537n;

/** An RSA key of `bits` bits. */
export function generateRsaKey(bits: number, random: RandomSource): KeyObject {
  const fits = (prime: bigint): boolean => greatestCommonDivisor(prime - 1n, EXPONENT) === 1n;
  const first = randomPrime(bits / 2, random, fits);
  const second = randomPrime(bits / 2, random, (prime) => fits(prime) && prime !== first);
  const [p, q] = first > second ? [first, second] : [second, first];
  const phi = (p - 1n) * (q - 1n);
  const d = modularInverse(EXPONENT, phi / greatestCommonDivisor(p - 1n, q - 1n));
  const half = bits / 16;
  const key = {
    kty: 'RSA',
    n: base64Url(p * q, bits / 8),
    e: base64Url(EXPONENT, 3),
    d: base64Url(d, bits / 8),
    p: base64Url(p, half),
    q: base64Url(q, half),
    dp: base64Url(d % (p - 1n), half),
    dq: base64Url(d % (q - 1n), half),
    qi: base64Url(modularInverse(q, p), half),
  };
  return createPrivateKey({ key, format: 'jwk' });
}

/** A key on the curve P-256. */
export function generateEcKey(random: RandomSource): KeyObject {
  const d = randomScalar(P256_ORDER, random);
  const exchange = createECDH('prime256v1');
  exchange.setPrivateKey(fixedBytes(d, 32));
  const point = exchange.getPublicKey();
  const key = {
    kty: 'EC',
    crv: 'P-256',
    d: base64Url(d, 32),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  return createPrivateKey({ key, format: 'jwk' });
}

export function generateEd25519Key(random: RandomSource): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), random.bytes(32)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** A DSA key of 2048 bits with a subgroup of 256 bits, in OpenSSL's form: no other form of Go's exists. */
export function generateDsaPem(random: RandomSource): string {
  const q = randomPrime(256, random, () => true);
  let p = 0n;
  while (!(p >> 2047n === 1n && isPrime(p))) {
    const start = randomBits(2048, random);
    p = start - (start % (2n * q)) + 1n;
  }
  const g = modularPower(2n, (p - 1n) / q, p);
  const x = randomScalar(q, random);
  return pem('DSA PRIVATE KEY', sequence(...[0n, p, q, g, modularPower(g, x, p), x].map(integer)));
}

/** A key as Go's sprig writes it: RSA in PKCS#1, elliptic curves in SEC 1, others in PKCS#8. */
export function writePrivateKey(key: KeyObject): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8';
  return key.export({ format: 'pem', type }).toString();
}

/** The key in a PEM text. Throws a `GoError` with sprig's text. */
export function readPrivateKey(text: string): KeyObject {
  const block = readPem(text);
  if (block === undefined) throw new GoError('no PEM data in input');
  if (block.type === 'PRIVATE KEY') return decode(block.der, 'pkcs8', 'decoding PEM as PKCS#8');
  if (!block.type.endsWith(' PRIVATE KEY')) {
    throw new GoError(`no private key data in PEM block of type ${block.type}`);
  }
  if (block.type === 'RSA PRIVATE KEY') return decode(block.der, 'pkcs1', 'parsing RSA private key from PEM');
  if (block.type === 'EC PRIVATE KEY') return decode(block.der, 'sec1', 'parsing EC private key from PEM');
  throw new GoError(`invalid private key type ${block.type.slice(0, -' PRIVATE KEY'.length)}`);
}

function decode(der: Buffer, type: 'pkcs1' | 'pkcs8' | 'sec1', what: string): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type });
  } catch (error) {
    throw new GoError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function base64Url(value: bigint, length: number): string {
  return fixedBytes(value, length).toString('base64url');
}

function fixedBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');
}
