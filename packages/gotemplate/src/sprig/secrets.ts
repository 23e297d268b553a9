/** sprig's hashes, passwords, ciphers and random texts. */

import { createCipheriv, createDecipheriv, createHash, createHmac, scryptSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { decodeString, encodeString } from '../go-string.ts';
import { type CallContext, GoError, type GoFunction, type GoValue } from '../value.ts';
import { numberOf, ofStrings, textOf } from './arguments.ts';
import { decodeBase64 } from './base-encoding.ts';
import { PASSWORD_CHARACTERS, PASSWORD_TEMPLATES } from './password-templates.ts';
import { type RandomSource, randomBelow, randomText } from './random.ts';

const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ASCII = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

export function secretFunctions(random: RandomSource): ReadonlyMap<string, GoFunction> {
  const text = (alphabet: string): GoFunction => ({
    params: ['int'],
    run: ([count], call) => {
      call.budget.hold(numberOf(count));
      call.budget.step(Math.max(numberOf(count), 0));
      return randomText(numberOf(count), alphabet, random);
    },
  });
  return new Map<string, GoFunction>([
    ['sha1sum', ofStrings(1, (input) => digest('sha1', input))],
    ['sha256sum', ofStrings(1, (input) => digest('sha256', input))],
    ['sha512sum', ofStrings(1, (input) => digest('sha512', input))],
    ['adler32sum', ofStrings(1, (input) => String(adler32(encodeString(input))))],
    ['bcrypt', { params: ['string'], run: ([password], call) => hashPassword(textOf(password), random, call) }],
    [
      'htpasswd',
      {
        params: ['string', 'string'],
        run: ([user, password], call) => htpasswd(textOf(user), () => hashPassword(textOf(password), random, call)),
      },
    ],
    [
      'derivePassword',
      {
        params: ['uint32', 'string', 'string', 'string', 'string'],
        run: ([counter, type, password, user, site], call) => {
          call.budget.check();
          return derivePassword(numberOf(counter), textOf(type), textOf(password), textOf(user), textOf(site));
        },
      },
    ],
    ['encryptAES', ofStrings(2, (password, plain) => encrypt(password, plain, random))],
    ['decryptAES', ofStrings(2, decrypt)],
    ['randAlphaNum', text(LETTERS + DIGITS)],
    ['randAlpha', text(LETTERS)],
    ['randNumeric', text(DIGITS)],
    ['randAscii', text(ASCII)],
    ['randBytes', { params: ['int'], run: ([count], call) => randomBase64(numberOf(count), random, call) }],
    ['randInt', { params: ['int', 'int'], run: ([low = 0n, high = 0n]) => randomInt(low, high, random) }],
    ['shuffle', ofStrings(1, (input) => shuffle(input, random))],
    ['uuidv4', { params: [], run: () => uuid(random) }],
  ]);
}

function digest(algorithm: 'sha1' | 'sha256' | 'sha512', input: string): string {
  return createHash(algorithm).update(encodeString(input)).digest('hex');
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function hashPassword(password: string, random: RandomSource, call: CallContext): string {
  call.budget.check();
  if (encodeString(password).length > 72) {
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes';
  }
  // Few templates hash passwords: the library is loaded with the first.
  const library: typeof import('bcryptjs') = createRequire(import.meta.url)('bcryptjs');
  return library.hashSync(password, `$2a$10$${library.encodeBase64(Array.from(random.bytes(16)), 16)}`);
}

function htpasswd(user: string, hash: () => string): string {
  return user.includes(':') ? `invalid username: ${user}` : `${user}:${hash()}`;
}

/** The algorithm of Master Password, with the seed of its first version. */
function derivePassword(counter: number, type: string, password: string, user: string, site: string): string {
  const templates = PASSWORD_TEMPLATES.get(type);
  if (templates === undefined) return `cannot find password template ${type}`;
  const salt = Buffer.concat([SEED, sized(user)]);
  const key = scryptSync(encodeString(password), salt, 64, { N: 32768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 });
  const siteSeed = Buffer.concat([SEED, sized(site), uint32(counter)]);
  const seed = createHmac('sha256', key).update(siteSeed).digest();
  const template = templates[(seed[0] ?? 0) % templates.length] ?? '';
  return Array.from(template, (kind, index) => {
    const characters = PASSWORD_CHARACTERS.get(kind) ?? '';
    return characters[(seed[index + 1] ?? 0) % characters.length];
  }).join('');
}

const SEED = Buffer.from('com.lyndir.masterpassword');

function sized(text: string): Buffer {
  const bytes = encodeString(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value % 2 ** 32);
  return buffer;
}

function encrypt(password: string, plain: string, random: RandomSource): string {
  if (plain === '') return '';
  const iv = Buffer.from(random.bytes(16));
  const cipher = createCipheriv('aes-256-cbc', keyOf(password), iv);
  return Buffer.concat([iv, cipher.update(encodeString(plain)), cipher.final()]).toString('base64');
}

function decrypt(password: string, encrypted: string): string {
  if (encrypted === '') return '';
  const invalid = decodeBase64(encrypted);
  if (invalid.startsWith('illegal base64 data at input byte ')) throw new GoError(invalid);
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length < 16)
    throw new GoError(`runtime error: slice bounds out of range [:16] with capacity ${bytes.length}`);
  if (bytes.length % 16 !== 0) throw new GoError('crypto/cipher: input not full blocks');
  const cipher = createDecipheriv('aes-256-cbc', keyOf(password), bytes.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]);
  const end = padded.length - (padded.at(-1) ?? 0);
  if (padded.length === 0) throw new GoError('runtime error: index out of range [-1]');
  if (end < 0) throw new GoError(`runtime error: slice bounds out of range [:${end}]`);
  return decodeString(padded.subarray(0, end));
}

/** The password cut or filled up to the 32 bytes of a key. */
function keyOf(password: string): Buffer {
  const key = Buffer.alloc(32);
  encodeString(password).copy(key);
  return key;
}

function randomBase64(count: number, random: RandomSource, call: CallContext): string {
  if (count < 0) throw new GoError('runtime error: makeslice: len out of range');
  call.budget.hold(count * 2);
  return Buffer.from(random.bytes(count)).toString('base64');
}

function randomInt(low: GoValue, high: GoValue, random: RandomSource): bigint {
  const span = numberOf(high) - numberOf(low);
  if (span <= 0) throw new GoError('invalid argument to Intn');
  return BigInt(numberOf(low) + randomBelow(span, random));
}

function shuffle(text: string, random: RandomSource): string {
  const runes = Array.from(text);
  for (let at = runes.length - 1; at > 0; at -= 1) {
    const other = randomBelow(at + 1, random);
    const [rune = '', swapped = ''] = [runes[at], runes[other]];
    runes[at] = swapped;
    runes[other] = rune;
  }
  return runes.join('');
}

/** Version 4 in the high bits of the seventh byte, the variant in those of the ninth. */
function uuid(random: RandomSource): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
