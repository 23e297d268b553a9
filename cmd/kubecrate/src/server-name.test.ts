import { expect, test } from 'vitest';
import { parseServer } from './server-name.ts';

test.each([
  ['registry.example.com', 'registry.example.com'],
  ['https://Registry.example.com:5000/v2/', 'registry.example.com:5000'],
  ['http://localhost:5000', 'localhost:5000'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['docker.io', 'docker.io'],
  ['[::1]:5000', '[::1]:5000'],
])('%s is the registry %s', (text, host) => {
  expect(parseServer(text)).toBe(host);
});

test.each([
  ['us:PWSECRET@example.com', 'it has a user or a password'],
  ['https://us:PW@SECRET/@example.com/v2/', 'it has a user or a password'],
  ['example.com:99999', '99999 is no port'],
  ['1.2.3.400', 'is no registry'],
])('%s is none, and no password is shown', (text, reason) => {
  expect(() => parseServer(text)).toThrow(reason);
  expect(() => parseServer(text)).not.toThrow('SECRET');
});

test.each(['', 'a b', 'user@example.com', 'example.com:port', '-x', '/'])('%j is none', (text) => {
  expect(() => parseServer(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
