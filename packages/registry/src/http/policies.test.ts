/** The small rules: redirects, realms, waiting, words, links. */

import { setTimeout as sleep } from 'node:timers/promises';
import { KubecrateError, TransientError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { realmUrl } from '../auth/token-policy.ts';
import { HostGate } from './host-gate.ts';
import { nextPage } from './link.ts';
import { redirectTarget } from './redirect.ts';
import { wordsOf } from './registry-words.ts';
import { passingFailure, retryAfterOf } from './retry-after.ts';

describe('a redirect', () => {
  const follow = (
    location: string | undefined,
    from = 'https://registry.example.com/v2/a',
    more = {},
  ): URL | undefined =>
    redirectTarget({ status: 307, headers: location === undefined ? {} : { location } }, new URL(from), {
      hops: 0,
      method: 'GET',
      ...more,
    });

  test('is followed where it leads to the web', () => {
    expect(follow('https://cdn.example.com/x?sig=1#frag')?.href).toBe('https://cdn.example.com/x?sig=1');
    expect(follow('/other')?.href).toBe('https://registry.example.com/other');
    expect(follow('http://cdn.example.com/x', 'http://registry.example.com/')?.href).toBe('http://cdn.example.com/x');
    expect(follow('https://user:pass@cdn.example.com/')?.href).toBe('https://cdn.example.com/');
  });

  test.each([
    ['from https to http', 'http://cdn.example.com/x'],
    ['to nowhere', ''],
    ['to no address', 'https://'],
    ['to a file', 'file:///etc/passwd'],
    ['to this machine', 'https://127.0.0.1/x'],
    ['to a metadata service', 'https://169.254.169.254/x'],
  ])('%s is not followed', (_what, location) => expect(() => follow(location)).toThrow(KubecrateError));

  test('is not followed by what is being sent, nor a sixth time', () => {
    expect(() => follow('/x', undefined, { method: 'PUT' })).toThrow('does not follow a redirect');
    expect(() => follow('/x', undefined, { hops: 5 })).toThrow('at most 5');
  });

  test('is told from any other answer', () => {
    expect(
      redirectTarget({ status: 304, headers: {} }, new URL('http://a'), { hops: 0, method: 'GET' }),
    ).toBeUndefined();
  });

  test('does not show the secrets of its address in an error', () => {
    expect(() => follow('http://cdn.example.com/x?X-Amz-Signature=SECRET')).not.toThrow('SECRET');
    expect(() => follow('/v2/x?sig=SECRET', undefined, { hops: 5 })).toThrow('/v2/x?sig=***');
    expect(() => follow('/v2/x?sig=SECRET', undefined, { hops: 5 })).not.toThrow('SECRET');
    expect(() => follow('http://[x/?sig=SECRET')).not.toThrow('SECRET');
  });
});

describe('a realm', () => {
  const realm = (
    url: string,
    registry = 'https://registry.example.com/v2/',
    insecure: readonly string[] = [],
  ): string => realmUrl(url, { registry: new URL(registry), allowsHttp: (host) => insecure.includes(host) }).href;

  test.each([
    ['https://auth.example.com/token', 'https://registry.example.com/v2/'],
    ['http://registry.example.com:5001/token', 'http://registry.example.com:5000/v2/'],
    ['http://127.0.0.1:5001/token', 'http://localhost:5000/v2/'],
    ['https://localhost:5001/token', 'https://localhost:5000/v2/'],
  ])('%s is asked for %s', (url, registry) => expect(realm(url, registry)).toBe(url));

  test('without TLS is asked where both are configured so', () => {
    expect(realm('http://auth.local/token', 'http://registry.local/v2/', ['auth.local'])).toBe(
      'http://auth.local/token',
    );
    expect(() => realm('http://auth.local/token', 'http://registry.local/v2/')).toThrow('plain http');
    expect(() => realm('http://auth.local/token', 'https://registry.local/v2/', ['auth.local'])).toThrow('plain http');
  });

  test.each([
    'http://auth.example.com/token',
    'https://localhost/token',
    'https://[::1]/token',
    'https://127.1/token',
    'https://0x7f000001/token',
    'https://[::ffff:127.0.0.1]/token',
    'https://169.254.169.254/token',
    'https://[fe80::1]/token',
    'ftp://auth.example.com/token',
    'nonsense',
    '',
  ])('%j is not asked for a registry elsewhere', (url) => expect(() => realm(url)).toThrow(KubecrateError));
});

describe('Retry-After', () => {
  const of = (value: string, date?: string): number | undefined =>
    retryAfterOf(
      { status: 429, headers: { 'retry-after': value, ...(date === undefined ? {} : { date }) } },
      Date.UTC(2026, 0, 1),
    );

  test('is a number of seconds', () => {
    expect(of('7')).toBe(7000);
    expect(of('0')).toBe(0);
  });

  test("is a date, by the server's clock where it tells", () => {
    expect(of('Thu, 01 Jan 2026 00:00:10 GMT')).toBe(10_000);
    expect(of('Thu, 01 Jan 2026 00:00:10 GMT', 'Thu, 01 Jan 2026 00:00:04 GMT')).toBe(6_000);
    expect(of('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
  });

  test('is nothing where it is nonsense', () => {
    expect(of('soon')).toBeUndefined();
    expect(of('-5')).toBeUndefined();
  });

  test('is waited for up to five minutes, and a longer one is said', () => {
    expect(passingFailure('RATE_LIMITED', 'busy', { retryAfterMs: 300_000 })).toBeInstanceOf(TransientError);
    const error = passingFailure('RATE_LIMITED', 'busy', { retryAfterMs: 999_999_000, hint: 'log in' });
    expect(error).not.toBeInstanceOf(TransientError);
    expect(error.message).toBe('busy; it asks to be left alone for 999999 s, and at most 300 s are waited');
    expect(error.hint).toBe('run the same command again after that; log in');
  });
});

describe('the words of a registry', () => {
  test('are read from the body of the specification', () => {
    const body = { errors: [{ code: 'denied', message: 'no', detail: {} }, { code: 'UNKNOWN' }, 'text', null, 7] };
    expect(wordsOf(Buffer.from(JSON.stringify(body)))).toEqual({
      codes: ['DENIED', 'UNKNOWN'],
      text: 'denied: no; UNKNOWN; text',
    });
  });

  test('are read from what token servers and proxies write', () => {
    expect(wordsOf(Buffer.from('{"error":"invalid_grant","error_description":"expired"}')).text).toBe(
      'invalid_grant: expired',
    );
    expect(wordsOf(Buffer.from('plain text\n')).text).toBe('plain text');
    expect(wordsOf(Buffer.from('<html><head><title>400 Bad</title></head></html>')).text).toBe('400 Bad');
  });

  test('hold no secrets, no control characters and no novels', () => {
    const { text } = wordsOf(
      Buffer.from(`bad token: Bearer abcdefgh12345678 \u001b]0;title\u0007 ${'x'.repeat(10_000)}`),
    );
    expect(text).not.toContain('abcdefgh12345678');
    expect(text).not.toMatch(/\p{Cc}/u);
    expect(text.length).toBeLessThan(420);
  });

  test('are found or not in any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => typeof wordsOf(bytes).text === 'string'));
    fc.assert(fc.property(fc.json(), (text) => typeof wordsOf(Buffer.from(text)).text === 'string'));
  });
});

test('a link leads to the next page of the same origin only', () => {
  const next = (link: string): string | undefined =>
    nextPage({ status: 200, headers: { link } }, new URL('https://r.example/v2/a/tags/list?n=2'))?.href;
  expect(next('</v2/a/tags/list?n=2&last=b>; rel="next"')).toBe('https://r.example/v2/a/tags/list?n=2&last=b');
  expect(next('<http://169.254.169.254/x>; rel=next')).toBe('https://r.example/x');
  expect(next('</a>; rel="prev"')).toBeUndefined();
  expect(next('')).toBeUndefined();
  expect(next('nonsense')).toBeUndefined();
});

test('a gate holds one host up for as long as it was told', async () => {
  let time = 0;
  const gate = new HostGate(() => time);
  gate.pause('a', 20);
  gate.pause('a', 10);
  let passed = false;
  const waiting = gate.pass('a').then(() => {
    passed = true;
  });
  await gate.pass('b');
  await sleep(30);
  expect(passed).toBe(false);
  time = 20;
  await waiting;
  const controller = new AbortController();
  gate.pause('a', 10_000);
  const aborted = gate.pass('a', controller.signal);
  controller.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
});
