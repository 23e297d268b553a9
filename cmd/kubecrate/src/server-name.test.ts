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

test.each(['', 'a b', 'user@example.com', 'example.com:port', '-x', '/'])('%j is none', (text) => {
  expect(() => parseServer(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
