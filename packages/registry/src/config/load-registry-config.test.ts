import path from 'node:path';
import { hasCode } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { rejectionOf } from '../testing/test-client.ts';
import { loadRegistryConfig } from './load-registry-config.ts';

describe('loadRegistryConfig', () => {
  test('finds nothing where there is nothing', async () => {
    await using directory = await temporaryDirectory();
    const config = await loadRegistryConfig({ env: {}, home: directory.path, etc: path.join(directory.path, 'etc') });
    expect(config).toMatchObject({ registries: [], credentials: [], proxy: {}, unqualifiedSearch: [] });
    expect(config.certificateDirectories?.map((name) => path.relative(directory.path, name))).toEqual([
      '.config/kubecrate/certs.d',
      'etc/kubecrate/certs.d',
      'etc/isulad/certs.d',
      'etc/docker/certs.d',
      'etc/containers/certs.d',
      'etc/containerd/certs.d',
    ]);
  });

  test('takes the first of its own files', async () => {
    await using directory = await temporaryDirectory();
    const etc = path.join(directory.path, 'etc');
    await directory.write('etc/kubecrate/config.json', '{"registry-mirrors":["system"]}');
    const sources = { env: {}, home: directory.path, etc };
    expect((await loadRegistryConfig(sources)).registryMirrors).toEqual(['system']);
    await directory.write(
      '.config/kubecrate/config.json',
      '{"registry-mirrors":["user"],"insecure-registries":["a:5000"]}',
    );
    expect(await loadRegistryConfig(sources)).toMatchObject({
      registryMirrors: ['user'],
      insecureRegistries: ['a:5000'],
    });
    const named = await directory.write('named.json', '{"insecure-skip-verify-enforce":true}');
    const loaded = await loadRegistryConfig({ ...sources, configFile: named });
    expect(loaded).toMatchObject({ registryMirrors: [], verification: 'skip' });
    expect(loaded.certificateDirectories?.[0]).toBe(path.join(directory.path, 'certs.d'));
  });

  test('wants a file that was named, and right ones', async () => {
    await using directory = await temporaryDirectory();
    const sources = { env: {}, home: directory.path, etc: directory.path };
    const missing = await rejectionOf(
      loadRegistryConfig({ ...sources, configFile: path.join(directory.path, 'none') }),
    );
    expect(hasCode(missing, 'NOT_FOUND')).toBe(true);
    const wrong = await directory.write('wrong.json', '{"registry-mirrors":"one"}');
    const error = await rejectionOf(loadRegistryConfig({ ...sources, configFile: wrong }));
    expect(hasCode(error, 'INVALID_CONFIG')).toBe(true);
    expect((error as Error).message).toContain(wrong);
  });

  test('lets drop-ins replace the rules of registries.conf', async () => {
    await using directory = await temporaryDirectory();
    await directory.write('containers/registries.conf', '[[registry]]\nlocation = "a"\n[[registry]]\nlocation = "b"');
    await directory.write('containers/registries.conf.d/2.conf', '[[registry]]\nprefix = "a"\nlocation = "two"');
    await directory.write('containers/registries.conf.d/1.conf', '[[registry]]\nprefix = "a"\nlocation = "one"');
    await directory.write('containers/registries.conf.d/readme', 'not TOML [');
    const config = await loadRegistryConfig({ env: {}, home: path.join(directory.path, 'home'), etc: directory.path });
    expect(config.registries?.map(({ prefix, location }) => [prefix, location])).toEqual([
      ['a', 'two'],
      ['b', 'b'],
    ]);
  });

  test('reads logins of Docker before those of containers, or the file that is named', async () => {
    await using directory = await temporaryDirectory();
    const docker = await directory.write('docker/config.json', '{"auths":{"a":{"username":"d","password":"x"}}}');
    const containers = await directory.write(
      'run/containers/auth.json',
      '{"auths":{"a":{"username":"c","password":"x"}}}',
    );
    const named = await directory.write('named.json', '{}');
    const env = { DOCKER_CONFIG: path.dirname(docker), XDG_RUNTIME_DIR: path.join(directory.path, 'run') };
    const sources = { env, home: directory.path, etc: directory.path };
    expect((await loadRegistryConfig(sources)).credentials?.map((file) => file.path)).toEqual([docker, containers]);
    const { credentials } = await loadRegistryConfig({ ...sources, env: { ...env, REGISTRY_AUTH_FILE: named } });
    expect(credentials?.map((file) => file.path)).toEqual([named, docker]);
  });

  test('reads proxies and the passphrase from the environment it is given', async () => {
    await using directory = await temporaryDirectory();
    const env = {
      https_proxy: 'http://p:1',
      NO_PROXY: 'a,b',
      KUBECRATE_KEY_PASSPHRASE: 'secret',
      SSL_CERT_FILE: '/ca',
    };
    expect(await loadRegistryConfig({ env, home: directory.path, etc: directory.path })).toMatchObject({
      proxy: { https: 'http://p:1', except: 'a,b', variables: { https: 'https_proxy' } },
      keyPassphrase: 'secret',
      authorityFiles: ['/ca'],
    });
  });
});
