import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from './challenge.ts';

describe('parseChallenges', () => {
  test('reads a Bearer challenge', () => {
    const header =
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      },
    ]);
  });

  test('reads several schemes of one header, with commas and equals signs inside quotes', () => {
    const header =
      'Negotiate YWJj==, Basic realm="a, b=c", Bearer realm="https://x/token?a=1,2&b=c", error="invalid_token"';
    expect(parseChallenges(header)).toEqual([
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a, b=c' } },
      { scheme: 'bearer', parameters: { realm: 'https://x/token?a=1,2&b=c', error: 'invalid_token' } },
    ]);
  });

  test('takes names in any case, values without quotes, blanks and escapes', () => {
    expect(parseChallenges('BEARER  Realm = https://x/t , SERVICE="a \\"quoted\\" name"')).toEqual([
      { scheme: 'bearer', parameters: { realm: 'https://x/t', service: 'a "quoted" name' } },
    ]);
  });

  test('keeps the first of two values of one name', () => {
    expect(parseChallenges('Bearer realm="https://first", realm="https://second"')[0]?.parameters).toEqual({
      realm: 'https://first',
    });
  });

  test('stops where the text follows no grammar', () => {
    expect(parseChallenges('Basic realm="a", "lost')).toEqual([{ scheme: 'basic', parameters: { realm: 'a' } }]);
    expect(parseChallenges('')).toEqual([]);
  });

  test('ends for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseChallenges(text))));
    fc.assert(
      fc.property(fc.array(fc.constantFrom('Bearer', ' ', ',', '=', '"', 'a', '\\')), (parts) =>
        Array.isArray(parseChallenges(parts.join(''))),
      ),
    );
  });
});
