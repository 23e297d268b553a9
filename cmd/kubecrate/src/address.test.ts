import { expect, test } from 'vitest';
import { isLoopbackHost, parseAddress } from './address.ts';

test.each([
  ['127.0.0.1:5000', '127.0.0.1', 5000],
  ['localhost:0', 'localhost', 0],
  ['[::1]:5000', '::1', 5000],
  [':5000', '::', 5000],
  ['5000', '127.0.0.1', 5000],
])('%s is host %s and port %i', (text, host, port) => {
  expect(parseAddress(text)).toEqual({ host, port });
});

test.each(['', 'localhost', 'localhost:', '127.0.0.1:65536', '::1:5000', '[::1', 'a:b:1', ':-1'])(
  '%j is no address',
  (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

test('only loopback addresses are for this machine alone', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].every(isLoopbackHost)).toBe(true);
  expect(['::', '0.0.0.0', '10.0.0.1', 'example.com', '127.0.0.1.example.com'].some(isLoopbackHost)).toBe(false);
});
