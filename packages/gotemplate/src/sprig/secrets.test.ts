import { hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { failure, render, testFunctions } from '../testing/render.ts';
import { type RandomSource, randomBelow, seededRandom, systemRandom } from './random.ts';
import { sprigFunctions } from './sprig-functions.ts';

describe('hashes', () => {
  it.each([
    ['{{sha1sum "a"}}', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    ['{{sha256sum "héllo wörld ☃"}}', '197a152db0d9da8d291382523cbe9fc690eaed31f5b9d597814c825624770688'],
    ['{{sha512sum "abc" | trunc 32}}', 'ddaf35a193617abacc417349ae204131'],
    ['{{adler32sum "a"}} {{adler32sum "Wikipedia"}} {{adler32sum ""}}', '6422626 300286872 1'],
    ['{{sha256sum "\\xff"}}', 'a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89'],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});

describe('passwords', () => {
  it.each([
    ['{{derivePassword 1 "long" "password" "user" "example.com"}}', 'ZedaFaxcZaso9*'],
    ['{{derivePassword 2 "long" "password" "user" "example.com"}}', 'Fovi2@JifpTupx'],
    ['{{derivePassword 1 "maximum" "password" "user" "example.com"}}', 'pf4zS1LjCg&LjhsZ7T2~'],
    ['{{derivePassword 1 "medium" "password" "user" "example.com"}}', 'ZedJuz8$'],
    ['{{derivePassword 1 "basic" "password" "user" "example.com"}}', 'pIS54PLs'],
    ['{{derivePassword 1 "short" "password" "user" "example.com"}}', 'Zed5'],
    ['{{derivePassword 1 "pin" "password" "user" "example.com"}}', '6685'],
    ['{{derivePassword 1 "nope" "p" "u" "s"}}', 'cannot find password template nope'],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it('are hashed so that they can be checked', () => {
    const hash = render('{{bcrypt "secret"}}');
    expect(hash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(hashSync('secret', hash.slice(0, 29))).toBe(hash);
    expect(render('{{htpasswd "u" "secret"}}')).toBe(`u:${hash}`);
    expect(render('{{htpasswd "a:b" "x"}}')).toBe('invalid username: a:b');
    expect(render('{{bcrypt (repeat 73 "x")}}')).toContain('password length exceeds 72 bytes');
  });
});

describe('AES', () => {
  it('decrypts what it encrypts', () => {
    expect(render('{{encryptAES "secretkey" "pläintext" | decryptAES "secretkey"}}')).toBe('pläintext');
    expect(render('{{encryptAES "k" "x" | b64dec | len}} [{{encryptAES "k" ""}}] [{{decryptAES "k" ""}}]')).toBe(
      '32 [] []',
    );
    expect(render('{{encryptAES (repeat 40 "k") "0123456789abcdef" | decryptAES (repeat 32 "k")}}')).toBe(
      '0123456789abcdef',
    );
  });

  it('decrypts what others encrypted', () => {
    expect(render('{{decryptAES "secretkey" "30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ="}}')).toBe('plaintext');
  });

  it.each([
    ['{{decryptAES "k" "!!"}}', 'error calling decryptAES: illegal base64 data at input byte 0'],
    [
      '{{decryptAES "k" "aGk="}}',
      'error calling decryptAES: runtime error: slice bounds out of range [:16] with capacity 2',
    ],
    ['{{decryptAES "k" "MDEyMzQ1Njc4OWFiY2RlZng="}}', 'error calling decryptAES: crypto/cipher: input not full blocks'],
  ])('%s fails', (text, expected) => {
    expect(failure(text)).toContain(expected);
  });
});

describe('randomness', () => {
  it.each([
    ['{{randAlphaNum 20}}', /^[A-Za-z0-9]{20}$/],
    ['{{randAlpha 20}}', /^[A-Za-z]{20}$/],
    ['{{randNumeric 20}}', /^[0-9]{20}$/],
    ['{{randAscii 20}}', /^[ -~]{20}$/],
    ['{{randAlpha 0}}|{{randAlpha -1}}', /^\|$/],
    ['{{randBytes 6}}', /^[A-Za-z0-9+/]{8}$/],
    ['{{randInt 5 7}}', /^[56]$/],
    ['{{uuidv4}}', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['{{shuffle "aaaa"}}', /^aaaa$/],
  ])('%s has the right shape', (text, expected) => {
    expect(render(text)).toMatch(expected);
    const functions = sprigFunctions({ now: () => new Date(), random: systemRandom() });
    expect(render(text, null, { functions })).toMatch(expected);
  });

  it('repeats itself from a seed, and only from that', () => {
    const text =
      '{{randAlphaNum 30}} {{uuidv4}} {{randInt 0 1000000}} {{shuffle "abcdefghij"}} {{randBytes 9}} {{encryptAES "k" "x"}}';
    const made = (random: RandomSource): string =>
      render(text, null, { functions: sprigFunctions({ now: () => new Date(0), random }) });
    expect(made(seededRandom('a'))).toBe(made(seededRandom('a')));
    expect(made(seededRandom('a'))).not.toBe(made(seededRandom('b')));
    expect(made(systemRandom())).not.toBe(made(systemRandom()));
  });

  it('gives other texts at each call', () => {
    expect(new Set(render('{{range 50}}{{randAlphaNum 8}} {{end}}').trim().split(' ')).size).toBe(50);
  });

  it('gives each number of a range about as often', () => {
    const random = seededRandom('even');
    const counts = new Array<number>(7).fill(0);
    for (let index = 0; index < 7000; index += 1) counts[randomBelow(7, random)]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });

  it('keeps all characters of what it shuffles', () => {
    const shuffled = render('{{shuffle "abcdefghij"}}');
    expect(Array.from(shuffled).sort().join('')).toBe('abcdefghij');
  });

  it.each([
    ['{{randInt 5 5}}', 'error calling randInt: invalid argument to Intn'],
    ['{{randBytes -1}}', 'error calling randBytes: runtime error: makeslice: len out of range'],
  ])('%s fails', (text, expected) => {
    expect(failure(text)).toContain(expected);
  });
});

describe('the environment', () => {
  it('is what the host gives, and nothing else', () => {
    const environment = new Map([['HOME', '/root']]);
    const functions = sprigFunctions({ now: () => new Date(), random: seededRandom('x'), environment });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: written in Go's language, not in JavaScript's.
    expect(render('{{env "HOME"}} {{env "PATH"}}|{{expandenv "a $HOME ${HOME} $NOPE"}}', null, { functions })).toBe(
      '/root |a /root /root ',
    );
    expect(testFunctions().has('env')).toBe(false);
    expect(render('[{{getHostByName "example.com"}}]')).toBe('[]');
  });
});
