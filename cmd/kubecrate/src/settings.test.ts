import { expect, test } from 'vitest';
import { parseSettings } from './settings.ts';

test('every key of the configuration is read', () => {
  const text = JSON.stringify({
    graph: '/srv/images',
    'registry-mirrors': ['mirror.example.com'],
    'insecure-registries': ['10.0.0.0/8'],
    'insecure-skip-verify-enforce': true,
    'use-decrypted-key': false,
    'image-layer-check': true,
    'image-opt-timeout': '5m',
  });
  expect(parseSettings(text, 'file')).toEqual({
    file: 'file',
    store: '/srv/images',
    storedImages: 'check',
    imageTimeoutMs: 300_000,
  });
});

test.each([
  ['"-1"', undefined],
  ['-1', undefined],
  ['"30s"', 30_000],
  ['"2h"', 7_200_000],
  ['"9999999h"', 2 ** 31 - 1],
])('a time limit of %s is %s milliseconds', (text, expected) => {
  expect(parseSettings(`{"image-opt-timeout": ${text}}`, 'file').imageTimeoutMs).toBe(expected);
});

test.each(['"0s"', '"5"', '"1.5m"', '5', 'null', '"m"'])('a time limit of %s is refused', (text) => {
  expect(() => parseSettings(`{"image-opt-timeout": ${text}}`, 'file')).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG' }),
  );
});
