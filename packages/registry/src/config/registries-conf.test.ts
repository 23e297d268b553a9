import { hasCode } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import { rejectionOf } from '../testing/test-client.ts';
import { parseHostsToml } from './hosts-toml.ts';
import { parseRegistriesConf } from './registries-conf.ts';

describe('parseRegistriesConf', () => {
  test('reads rules and mirrors', async () => {
    const text = `
unqualified-search-registries = ["docker.io", "quay.io"]
[[registry]]
prefix = "docker.io/library"
location = "mirror.example.com/hub/"
insecure = true
[[registry.mirror]]
location = "near.example.com:5000/hub"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "nearer.example.com"
insecure = true
[[registry]]
location = "bad.example.com"
blocked = true
mirror-by-digest-only = true
[[registry.mirror]]
location = "digests.example.com"
`;
    expect(await parseRegistriesConf(text, 'x')).toEqual({
      unqualifiedSearch: ['docker.io', 'quay.io'],
      registries: [
        {
          prefix: 'docker.io/library',
          location: 'mirror.example.com/hub',
          insecure: true,
          blocked: false,
          mirrors: [
            { location: 'near.example.com:5000/hub', insecure: false, pulls: 'digest-only' },
            { location: 'nearer.example.com', insecure: true, pulls: 'all' },
          ],
        },
        {
          prefix: 'bad.example.com',
          location: 'bad.example.com',
          insecure: false,
          blocked: true,
          mirrors: [{ location: 'digests.example.com', insecure: false, pulls: 'digest-only' }],
        },
      ],
    });
  });

  test.each([
    ['no TOML', 'x = ['],
    ['version 1', '[registries.search]\nregistries = ["docker.io"]'],
    ['a rule without a place', '[[registry]]\nblocked = true'],
    ['a mirror without a place', '[[registry]]\nlocation = "a"\n[[registry.mirror]]\ninsecure = true'],
    ['a text for a flag', '[[registry]]\nlocation = "a"\ninsecure = "yes"'],
    [
      'an unknown kind of pulls',
      '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "some"',
    ],
  ])('refuses %s, with the path of the file', async (_what, text) => {
    const error = await rejectionOf(parseRegistriesConf(text, '/etc/containers/registries.conf'));
    expect(hasCode(error, 'INVALID_CONFIG')).toBe(true);
    expect((error as Error).message).toContain('/etc/containers/registries.conf');
  });
});

describe('parseHostsToml', () => {
  test('reads hosts with their certificates, relative to the file', async () => {
    const text = `
server = "https://upstream.example.com"
[host."https://mirror.example.com:8443/v2/hub"]
capabilities = ["pull", "resolve"]
ca = ["ca.pem", "/etc/ca.pem"]
client = [["c.cert", "c.key"], ["both.pem"]]
skip_verify = true
override_path = true
[host."https://mirror.example.com:8443/v2/hub".header]
X-Team = ["one", "two"]
[host."http://10.0.0.1:5000"]
`;
    const { server, hosts } = await parseHostsToml(text, '/certs.d/a/hosts.toml');
    expect(server?.url.href).toBe('https://upstream.example.com/');
    expect(hosts.map(({ url }) => url.href)).toEqual([
      'https://mirror.example.com:8443/v2/hub',
      'http://10.0.0.1:5000/',
    ]);
    expect(hosts[0]).toMatchObject({
      ca: ['/certs.d/a/ca.pem', '/etc/ca.pem'],
      client: [
        ['/certs.d/a/c.cert', '/certs.d/a/c.key'],
        ['/certs.d/a/both.pem', '/certs.d/a/both.pem'],
      ],
      verification: 'skip',
      path: 'replace',
      headers: { 'x-team': 'one, two' },
    });
    expect([...(hosts[0]?.capabilities ?? [])]).toEqual(['pull', 'resolve']);
    expect([...(hosts[1]?.capabilities ?? [])]).toEqual(['pull', 'resolve', 'push']);
  });

  test.each([
    ['an unknown capability', '[host."https://a"]\ncapabilities = ["fly"]'],
    ['a host that is no web address', '[host."ftp://a"]'],
    ['a header that is a number', '[host."https://a"]\n[host."https://a".header]\nx = 1'],
  ])('refuses %s', async (_what, text) => {
    expect(hasCode(await rejectionOf(parseHostsToml(text, 'x')), 'INVALID_CONFIG')).toBe(true);
  });
});
