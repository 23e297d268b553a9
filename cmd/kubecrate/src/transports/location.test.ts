import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLocation, parseMember } from './location.ts';

describe('parseLocation', () => {
  test.each([
    ['oci:layout', { transport: 'oci', path: '/srv/layout', name: undefined }],
    ['oci:/a/b:1', { transport: 'oci', path: '/a/b', name: '1' }],
    ['oci-archive:a.tar:example.com:5000/app:1', { path: '/srv/a.tar', name: 'example.com:5000/app:1' }],
    ['registry-dir:mirror:library/mysql:8', { path: '/srv/mirror', name: 'library/mysql:8' }],
    ['store:mysql:8', { transport: 'store', name: 'mysql:8' }],
    ['store:', { transport: 'store', name: undefined }],
    ['docker://mysql:8', { reference: { domain: 'docker.io', repository: 'library/mysql', tag: '8' } }],
    ['docker-daemon:app:1', { transport: 'docker-daemon', reference: { domain: 'docker.io', tag: '1' } }],
  ])('reads %s', (text, expected) => {
    expect(parseLocation(text, '/srv')).toMatchObject(expected);
  });

  test('gives an error of its own for everything else', () => {
    for (const text of ['', 'mysql:8', 'docker:mysql', 'oci:', 'oci', 'docker://', 'docker-daemon:'])
      expect(() => parseLocation(text, '/srv'), text).toThrow(KubecrateError);
    fc.assert(
      fc.property(fc.constantFrom('', 'oci:', 'docker://', 'kubekey:', 'store:'), fc.string(), (transport, rest) => {
        try {
          parseLocation(`${transport}${rest}`, '/srv');
        } catch (error) {
          expect(error).toBeInstanceOf(KubecrateError);
        }
      }),
    );
  });
});

describe('parseMember', () => {
  test('takes what begins with no transport for an image of the store', () => {
    expect(parseMember('mysql:8', '/srv')).toMatchObject({ transport: 'store', name: 'mysql:8' });
    expect(parseMember('docker://mysql:8', '/srv')).toMatchObject({ transport: 'docker' });
  });
});
