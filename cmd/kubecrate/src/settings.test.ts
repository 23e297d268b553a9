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

test("isulad's and Docker's own keys are passed over, and those that nobody knows are not", () => {
  const text = JSON.stringify({
    group: 'isulad',
    graph: '/var/lib/isulad',
    state: '/var/run/isulad',
    engine: 'lcr',
    'log-level': 'ERROR',
    pidfile: '/var/run/isulad.pid',
    'log-opts': { 'log-file-mode': '0600', 'max-file': '1' },
    'log-driver': 'stdout',
    'hook-spec': '/etc/default/isulad/hooks/default.json',
    'start-timeout': '2m',
    'storage-driver': 'overlay2',
    'storage-opts': ['overlay2.override_kernel_check=true'],
    'registry-mirrors': ['docker.io'],
    'insecure-registries': ['rnd-dockerhub.example.com'],
    'pod-sandbox-image': '',
    'image-opt-timeout': '5m',
    'native.umask': 'secure',
    'network-plugin': '',
    'cni-bin-dir': '',
    'cni-conf-dir': '',
    'image-layer-check': false,
    'use-decrypted-key': false,
    'insecure-skip-verify-enforce': false,
  });
  expect(parseSettings(text, 'file')).toMatchObject({ store: '/var/lib/isulad', imageTimeoutMs: 300_000 });
  expect(parseSettings('{"data-root": "/srv", "live-restore": true}', 'file')).toEqual({
    file: 'file',
    storedImages: 'trust',
  });
  const refusal = (key: string) => () => parseSettings(`{"${key}": 1}`, 'file');
  expect(refusal('log-levle')).toThrow(expect.objectContaining({ hint: 'did you mean "log-level"?' }));
  expect(refusal('zzzzzz')).toThrow(expect.objectContaining({ hint: expect.stringContaining('the keys are graph, ') }));
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
