import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import {
  askedRepository,
  familiarReference,
  formatReference,
  parseReference,
  tagOrDigest,
  withDefaultTag,
} from './reference.ts';

const digest = digestOf('x');

describe('parseReference', () => {
  it.each([
    ['mysql', 'docker.io/library/mysql', 'mysql'],
    ['mysql:latest', 'docker.io/library/mysql:latest', 'mysql:latest'],
    ['a/b', 'docker.io/a/b', 'a/b'],
    ['docker.io/mysql', 'docker.io/library/mysql', 'mysql'],
    ['index.docker.io/library/mysql', 'docker.io/library/mysql', 'mysql'],
    ['docker.io/a/b:1', 'docker.io/a/b:1', 'a/b:1'],
    ['localhost/x', 'localhost/x', 'localhost/x'],
    [
      'localhost:5000/helm-charts/mysql:8.8.19',
      'localhost:5000/helm-charts/mysql:8.8.19',
      'localhost:5000/helm-charts/mysql:8.8.19',
    ],
    ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
    ['quay.io:65535/x', 'quay.io:65535/x', 'quay.io:65535/x'],
    ['Registry.Example.com/x', 'registry.example.com/x', 'registry.example.com/x'],
    ['quay.io/a/b/c__d:V1.0_x', 'quay.io/a/b/c__d:V1.0_x', 'quay.io/a/b/c__d:V1.0_x'],
    [`x@${digest}`, `docker.io/library/x@${digest}`, `x@${digest}`],
    [`k8s.gcr.io/pause:3@${digest}`, `k8s.gcr.io/pause:3@${digest}`, `k8s.gcr.io/pause:3@${digest}`],
  ])('reads %s', (text, whole, familiar) => {
    const reference = parseReference(text);
    expect(formatReference(reference)).toBe(whole);
    expect(familiarReference(reference)).toBe(familiar);
  });

  it.each([
    ['', 'it is empty'],
    ['https://quay.io/a', 'it has a scheme'],
    ['quay.io/Foo/bar', 'repository must be lower case'],
    ['Bad Name:1', '"Bad Name" is no repository name'],
    ['mysql:', '"" is no tag'],
    ['mysql:a b', '"a b" is no tag'],
    [`x@sha256:abc`, '"sha256:abc" is no digest'],
    ['a//b', '"a//b" is no repository name'],
    ['-a', '"-a" is no repository name'],
    ['a/../b', '"a/../b" is no repository name'],
    ['quay.io/', 'it has no repository'],
    ['bad_host.com:x/y', '"bad_host.com:x" is no registry host'],
    ['127.0.0.1:99999/t/a:1', '99999 is no port'],
    ['quay.io:65536/a', '65536 is no port'],
    ['quay.io:0/a', '0 is no port'],
    ['1.2.3.400/a', '"1.2.3.400" is no registry host'],
    ['[::1::1]:5000/a', '"[::1::1]:5000" is no registry host'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseReference(text)).toThrow(reason);
  });

  it.each([
    ['https://ada:secret@quay.io/a', '"https://***@quay.io/a"', 'write it without one: quay.io/a'],
    ['ada:secret@quay.io/a:1', '"***@quay.io/a:1"', 'leave it out, and run: kubecrate login HOST'],
    ['ada:se@cret/@quay.io/a', '"***@quay.io/a"', 'leave it out, and run: kubecrate login HOST'],
  ])('shows no password of %s', (text, shown, hint) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_REFERENCE',
        hint,
        message: expect.stringContaining(`reference ${shown}`),
      }),
    );
  });

  it('reads what it writes', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const any = fc.record({
      domain: fc.constantFrom('docker.io', 'localhost:5000', 'quay.io', 'a.b-c.example:443'),
      repository: fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
    });
    fc.assert(
      fc.property(any, (reference) => {
        expect(parseReference(formatReference(reference))).toEqual(reference);
      }),
    );
  });

  it('gives only its own error for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(KubecrateError);
        }
      }),
    );
  });
});

describe('withDefaultTag', () => {
  it('adds latest where there is neither a tag nor a digest', () => {
    expect(withDefaultTag(parseReference('x')).tag).toBe('latest');
    expect(withDefaultTag(parseReference(`x@${digest}`)).tag).toBeUndefined();
  });
});

describe('tagOrDigest', () => {
  it('prefers the digest', () => {
    expect(tagOrDigest(parseReference(`x:1@${digest}`))).toBe(digest);
    expect(tagOrDigest(parseReference('x:1'))).toBe('1');
    expect(tagOrDigest(parseReference('x'))).toBe('latest');
  });
});

describe('askedRepository', () => {
  it.each([
    ['app', '', 'app'],
    ['app:1', '', 'app'],
    [`team/app:1@sha256:${'0'.repeat(64)}`, '', 'team/app'],
    ['library/app', '', 'library/app'],
    ['localhost:5000', '', 'localhost'],
    ['docker.io/app', 'docker.io', 'library/app'],
    ['index.docker.io/app:1', 'docker.io', 'library/app'],
    ['localhost:5000/app:1', 'localhost:5000', 'app'],
    ['Host.Example/app', 'host.example', 'app'],
  ])('%s is asked of %j, as %s', (text, domain, repository) => {
    expect(askedRepository(text, parseReference(text))).toEqual({ domain, repository });
  });
});
