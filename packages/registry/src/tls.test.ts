/** Certificates, through both doors: each failure has its own words. */

import { createPrivateKey } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { BlobSink } from '@kubecrate/content';
import { type CertificateAuthority, certificateAuthority } from '@kubecrate/content/testing';
import type { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RegistryConfig } from './config/registry-config.ts';
import { HostSettings } from './host-settings.ts';
import { tlsFailure } from './http/tls-failure.ts';
import type { RegistryRepository } from './repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from './testing/temporary-directory.ts';
import { rejectionOf, testClient } from './testing/test-client.ts';
import { answer, type TestServer, testServer } from './testing/test-server.ts';

const CONTENT = Buffer.alloc(100_000, 'content');
const DESCRIPTOR = descriptorOf(MEDIA_TYPES.ociLayer, CONTENT);
const PASSPHRASE = 'open sesame';

let authority: CertificateAuthority;
let other: CertificateAuthority;

beforeAll(async () => {
  [authority, other] = await Promise.all([certificateAuthority('right'), certificateAuthority('wrong')]);
});

interface Setup extends AsyncDisposable {
  readonly server: TestServer;
  readonly directory: TemporaryDirectory;
  /** `certs.d/<host>/` */
  readonly own: string;
  readonly config: RegistryConfig;
}

/** A registry with TLS; with `mutual` it wants to see a certificate of the right authority. */
async function setUp(
  access: 'open' | 'mutual',
  certificate: { hosts?: readonly string[]; validity?: 'valid' | 'expired' } = {},
): Promise<Setup> {
  const { cert, key } = await authority.issue('registry', certificate);
  const mutual = access === 'mutual' ? { requestCert: true, rejectUnauthorized: true, ca: authority.cert } : {};
  const server = await testServer((_request, response) => answer(response, 200, CONTENT), { cert, key, ...mutual });
  const directory = await temporaryDirectory();
  return {
    server,
    directory,
    own: path.join('certs.d', server.host),
    config: { certificateDirectories: [path.join(directory.path, 'certs.d')] },
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

type Door = (repository: RegistryRepository, descriptor: Descriptor, directory: string) => Promise<number>;

const ordinary: Door = async (repository, descriptor) => {
  let bytes = 0;
  for await (const chunk of await repository.fetch(descriptor)) bytes += (chunk as Buffer).byteLength;
  return bytes;
};

const bulk: Door = async (repository, descriptor, directory) => {
  const file = path.join(directory, 'blob');
  await rm(file, { force: true });
  const result = await repository.fetchToFile(descriptor, { path: file });
  return result === 'declined' ? -1 : descriptor.size;
};

const poured: Door = async (repository, descriptor) => {
  let bytes = 0;
  const sink: BlobSink = {
    write(chunk) {
      bytes += chunk.byteLength;
      return bytes === chunk.byteLength ? setImmediate() : undefined;
    },
  };
  return (await repository.pour(descriptor, sink)) === 'declined' ? -1 : bytes;
};

describe.each([
  ['the ordinary door', ordinary],
  ['the bulk door', bulk],
  ['a sink', poured],
] as const)('%s', (_name, fetchBlob) => {
  async function fetched({ server, config, directory }: Setup, more: RegistryConfig = {}): Promise<number> {
    await using opened = testClient({ ...config, ...more });
    return await fetchBlob(opened.client.repository(server.host, 'a/b'), DESCRIPTOR, directory.path);
  }

  async function failed(setup: Setup, more: RegistryConfig = {}): Promise<KubecrateError> {
    return (await rejectionOf(fetched(setup, more))) as KubecrateError;
  }

  test('trusts the authority in certs.d, which needs no client certificate beside it', async () => {
    await using setup = await setUp('open');
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    expect(await fetched(setup)).toBe(CONTENT.byteLength);
  });

  test('says where the authority was looked for', async () => {
    await using setup = await setUp('open');
    await setup.directory.write(`${setup.own}/readme`, '');
    const error = await failed(setup);
    expect(error.code).toBe('TLS');
    expect(error.message).toContain(`cannot trust ${setup.server.host}`);
    expect(error.hint).toContain(path.join(setup.directory.path, setup.own));
    expect(error.hint).toContain('insecure-registries');
  });

  test('asks no second time where there is no trust', async () => {
    await using setup = await setUp('open');
    await setup.directory.write(`${setup.own}/ca.crt`, other.cert);
    await using opened = testClient(setup.config);
    await rejectionOf(fetchBlob(opened.client.repository(setup.server.host, 'a/b'), DESCRIPTOR, setup.directory.path));
    expect(opened.events).toEqual([]);
  });

  test('reports an expired certificate', async () => {
    await using setup = await setUp('open', { validity: 'expired' });
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    expect((await failed(setup)).message).toContain('its certificate has expired');
  });

  test('reports a certificate for another name', async () => {
    await using setup = await setUp('open', { hosts: ['registry.example.com'] });
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    expect((await failed(setup)).message).toContain('its certificate is for another name (DNS:registry.example.com)');
  });

  test('checks nothing for an insecure registry', async () => {
    await using setup = await setUp('open', { validity: 'expired' });
    expect(await fetched(setup, { insecureRegistries: [`https://${setup.server.host}`] })).toBe(CONTENT.byteLength);
  });

  test('shows the client certificate of certs.d', async () => {
    await using setup = await setUp('mutual');
    const { cert, key } = await authority.issue('client');
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    await setup.directory.write(`${setup.own}/tls.cert`, cert);
    await setup.directory.write(`${setup.own}/tls.key`, key);
    expect(await fetched(setup)).toBe(CONTENT.byteLength);
  });

  test('says that a client certificate is wanted, and where it goes', async () => {
    await using setup = await setUp('mutual');
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    const error = await failed(setup);
    expect(error.code).toBe('TLS');
    expect(error.message).toContain('asks for a client certificate, and there is none for it');
    expect(error.hint).toContain(setup.own);
  });

  test('names the client certificate that was refused', async () => {
    await using setup = await setUp('mutual');
    const { cert, key } = await other.issue('client');
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    await setup.directory.write(`${setup.own}/tls.cert`, cert);
    await setup.directory.write(`${setup.own}/tls.key`, key);
    // Node's server only closes the connection; others say why.
    const error = await failed(setup);
    expect(`${error.message} ${error.hint}`).toMatch(/refused the client certificate .*tls\.cert/);
  });

  test('shows one pair after the other until the registry takes one', async () => {
    await using setup = await setUp('mutual');
    const pairs = [await other.issue('first'), await other.issue('second'), await authority.issue('third')];
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    for (const [i, { cert, key }] of pairs.entries()) {
      await setup.directory.write(`${setup.own}/${i}.cert`, cert);
      await setup.directory.write(`${setup.own}/${i}.key`, key);
    }
    const retry = { attempts: 4, delayMs: 1, maximumDelayMs: 1, random: () => 1 };
    expect(await fetched(setup, { retry })).toBe(CONTENT.byteLength);
    await rm(path.join(setup.directory.path, setup.own, '2.cert'));
    await rm(path.join(setup.directory.path, setup.own, '2.key'));
    const error = await failed(setup, { retry });
    expect(`${error.message} ${error.hint}`).toMatch(/refused the client certificates .*0\.cert.*1\.cert/);
  });

  test('shows the first pair of hosts.toml that can be used, and none of the directory', async () => {
    await using setup = await setUp('mutual');
    const wrong = await other.issue('client');
    const expired = await authority.issue('expired', { validity: 'expired' });
    const right = await authority.issue('client');
    const host = `https://${setup.server.host}`;
    await setup.directory.write(
      `${setup.own}/hosts.toml`,
      `server = "${host}"
ca = "authority.pem"
client = [["pairs/expired.cert", "pairs/expired.key"], ["pairs/right.cert", "pairs/right.key"]]
`,
    );
    await setup.directory.write(`${setup.own}/authority.pem`, authority.cert);
    for (const [name, { cert, key }] of Object.entries({
      'pairs/expired': expired,
      'pairs/right': right,
      own: wrong,
    })) {
      await setup.directory.write(`${setup.own}/${name}.cert`, cert);
      await setup.directory.write(`${setup.own}/${name}.key`, key);
    }
    expect(await fetched(setup)).toBe(CONTENT.byteLength);
  });

  test('opens an encrypted key with the passphrase beside it, or the one given', async () => {
    await using setup = await setUp('mutual');
    const { cert, key } = await authority.issue('client', { passphrase: PASSPHRASE });
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    await setup.directory.write(`${setup.own}/tls.cert`, cert);
    await setup.directory.write(`${setup.own}/tls.key`, key);
    expect(await fetched(setup, { keyPassphrase: PASSPHRASE })).toBe(CONTENT.byteLength);
    expect((await failed(setup)).message).toContain('is encrypted and there is no passphrase for it');
    expect((await failed(setup, { keyPassphrase: 'wrong' })).message).toContain('the passphrase is wrong');
    await setup.directory.write(`${setup.own}/tls.pass`, `${PASSPHRASE}\n`, 0o600);
    expect(await fetched(setup)).toBe(CONTENT.byteLength);
  });
});

describe('a certs.d directory', () => {
  async function failure(files: Readonly<Record<string, string>>): Promise<KubecrateError> {
    await using setup = await setUp('open');
    for (const [name, content] of Object.entries(files)) await setup.directory.write(`${setup.own}/${name}`, content);
    await using opened = testClient(setup.config);
    return (await rejectionOf(opened.client.ping(setup.server.host))) as KubecrateError;
  }

  test('with half a pair is refused', async () => {
    const { cert, key } = await authority.issue('client');
    expect((await failure({ 'a.cert': cert })).message).toMatch(
      /client certificate .*a\.cert" has no a\.key beside it/,
    );
    expect((await failure({ 'a.key': key })).message).toMatch(/client key .*a\.key" has no a\.cert beside it/);
  });

  test('with a pair that does not belong together is refused', async () => {
    const [one, two] = await Promise.all([authority.issue('one'), authority.issue('two')]);
    expect((await failure({ 'a.cert': one.cert, 'a.key': two.key })).message).toContain('do not belong together');
  });

  test('with an expired client certificate is refused', async () => {
    const { cert, key } = await authority.issue('client', { validity: 'expired' });
    expect((await failure({ 'a.cert': cert, 'a.key': key })).message).toMatch(
      /client certificate .*a\.cert" expired on/,
    );
  });

  test('with files that are no certificates is refused', async () => {
    const { cert } = await authority.issue('client');
    expect((await failure({ 'ca.crt': 'nonsense' })).message).toContain('ca.crt" as a certificate authority');
    expect((await failure({ 'a.cert': 'nonsense', 'a.key': 'nonsense' })).code).toBe('TLS');
    expect((await failure({ 'a.cert': cert, 'a.key': 'nonsense' })).message).toContain('cannot read client key');
  });

  test('with the wrong passphrase is refused, and says where the passphrase is', async () => {
    const { cert, key } = await authority.issue('client');
    const encrypted = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'right',
    });
    const error = await failure({ 'a.cert': cert, 'a.key': String(encrypted), 'a.pass': 'wrong' });
    expect(error.message).toContain('the passphrase is wrong');
    expect(error.hint).toMatch(/a\.pass", or KUBECRATE_KEY_PASSPHRASE/);
  });

  test('counts the first pair that can be used', async () => {
    await using setup = await setUp('mutual');
    const [expired, valid] = await Promise.all([
      authority.issue('expired', { validity: 'expired' }),
      authority.issue('valid'),
    ]);
    await setup.directory.write(`${setup.own}/ca.crt`, authority.cert);
    await setup.directory.write(`${setup.own}/1.cert`, expired.cert);
    await setup.directory.write(`${setup.own}/1.key`, expired.key);
    await setup.directory.write(`${setup.own}/2.cert`, valid.cert);
    await setup.directory.write(`${setup.own}/2.key`, valid.key);
    await using opened = testClient(setup.config);
    expect(await opened.client.ping(setup.server.host)).toMatchObject({ origin: `https://${setup.server.host}` });
  });
});

test('an authority may be put into every directory that is searched, or into the one that counts', async () => {
  await using directory = await temporaryDirectory();
  const roots = Array.from({ length: 7 }, (_, i) => path.join(directory.path, `root-${i}`));
  const lookedIn = async (): Promise<readonly string[]> =>
    (await new HostSettings({ certificateDirectories: roots }, Date.now).tlsOf('registry.test:5000')).lookedIn;
  const hint = async (): Promise<string | undefined> =>
    tlsFailure(new Error('x'), 'DEPTH_ZERO_SELF_SIGNED_CERT', {
      url: new URL('https://registry.test:5000'),
      tls: { verification: 'strict', lookedIn: await lookedIn() },
    })?.hint;
  for (const root of roots) expect(await hint()).toContain(path.join(root, 'registry.test:5000'));
  await directory.write('root-4/registry.test/readme', '');
  expect(await lookedIn()).toEqual([path.join(directory.path, 'root-4/registry.test')]);
});

describe('the scheme', () => {
  test('of a host on this machine is http', async () => {
    await using server = await testServer((_request, response) => answer(response, 200, '{}'));
    await using opened = testClient();
    expect(await opened.client.ping(server.host)).toMatchObject({ origin: `http://${server.host}` });
  });

  test('of an insecure registry is what it speaks', async () => {
    const { cert, key } = await other.issue('registry');
    await using secure = await testServer((_request, response) => answer(response, 200, '{}'), { cert, key });
    await using plain = await testServer((_request, response) => answer(response, 200, '{}'));
    await using opened = testClient({ insecureRegistries: ['127.0.0.0/8'] });
    expect(await opened.client.ping(secure.host)).toMatchObject({ origin: `https://${secure.host}` });
    expect(await opened.client.ping(plain.host)).toMatchObject({ origin: `http://${plain.host}` });
  });

  test('is never lowered where the registry is not insecure', async () => {
    await using plain = await testServer((_request, response) => answer(response, 200, '{}'));
    await using directory = await temporaryDirectory();
    await directory.write(`certs.d/${plain.host}/readme`, '');
    await using opened = testClient({ certificateDirectories: [path.join(directory.path, 'certs.d')] });
    const error = (await rejectionOf(opened.client.ping(plain.host))) as KubecrateError;
    expect(error.code).toBe('TLS');
    expect(error.message).toContain('it may speak plain http');
    expect(error.hint).toContain('insecure-registries');
    expect(plain.requests).toHaveLength(0);
  });

  test('that is wrong the other way round is explained', async () => {
    const { cert, key } = await authority.issue('registry');
    await using secure = await testServer((_request, response) => answer(response, 200, '{}'), { cert, key });
    await using opened = testClient({ retry: { attempts: 1, delayMs: 1, maximumDelayMs: 1, random: () => 1 } });
    const error = (await rejectionOf(opened.client.ping(secure.host))) as KubecrateError;
    expect(`${error.message} ${error.hint}`).toContain('https');
  });
});
