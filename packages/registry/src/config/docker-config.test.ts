import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDockerConfig } from './docker-config.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const parse = (value: unknown): ReturnType<typeof parseDockerConfig> =>
  parseDockerConfig(JSON.stringify(value), '/x/config.json');

describe('parseDockerConfig', () => {
  test('reads logins of every kind', () => {
    const { auths } = parse({
      auths: {
        'https://index.docker.io/v1/': { auth: base64('me:pa:ss:word') },
        'plain.example': { username: 'me', password: 'pw' },
        'token.example': { auth: base64('me:'), identitytoken: 'refresh' },
        'bearer.example': { registrytoken: 'bearer' },
        'empty.example': {},
      },
    });
    expect(auths).toEqual({
      'https://index.docker.io/v1/': { kind: 'password', username: 'me', password: 'pa:ss:word' },
      'plain.example': { kind: 'password', username: 'me', password: 'pw' },
      'token.example': { kind: 'identity-token', username: 'me', token: 'refresh' },
      'bearer.example': { kind: 'registry-token', token: 'bearer' },
    });
  });

  test('reads which helpers there are', () => {
    expect(parse({ credsStore: 'desktop', credHelpers: { 'a.example': 'ecr-login' } })).toMatchObject({
      store: 'desktop',
      helpers: { 'a.example': 'ecr-login' },
    });
  });

  test('takes an empty file for no logins', () => {
    expect(parseDockerConfig('', 'x')).toEqual({ path: 'x', auths: {}, helpers: {} });
  });

  test('refuses what is wrong and never quotes it', () => {
    const failures = [
      () => parseDockerConfig('{"auths": SECRET', '/x/config.json'),
      () => parse({ auths: { 'a.example': { auth: base64('SECRET') } } }),
      () => parse({ auths: ['SECRET'] }),
      () => parse({ credHelpers: { 'a.example': '../../bin/sh SECRET' } }),
      () => parse({ credsStore: 7 }),
    ];
    for (const failure of failures) {
      expect(failure).toThrow(KubecrateError);
      expect(failure).toThrow('/x/config.json');
      expect(failure).not.toThrow('SECRET');
    }
  });

  test('gives a configuration or one of our errors for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseDockerConfig(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(KubecrateError);
        }
      }),
    );
  });
});
