// Private registries as people have them: passwords, tokens, certificates. The program pulls from and pushes to a real docker-registry.

import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type CertificateAuthority,
  type CertificatePair,
  certificateAuthority,
  image,
  pushImage,
} from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { beforeAll, describe, expect, test } from 'vitest';
import { openWorkspace, type RunOptions, type Workspace } from '../cli/kubecrate.ts';
import { BASIC_USER, startDockerRegistry } from '../fixtures/docker-registry.ts';
import { describePeer } from '../fixtures/peers.ts';
import { skopeo } from '../fixtures/skopeo.ts';
import { REFRESH_TOKEN, startTokenServer } from '../fixtures/token-server.ts';

const APP = image({ seed: 'access', layers: [{ seed: 'base', size: 200_000 }, { seed: 'app' }] });

async function write(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A workspace whose store has the image under a name of the registry. */
async function workspaceFor(host: string): Promise<Workspace> {
  const workspace = await openWorkspace();
  await pushImage(await openImageStore(workspace.store), APP, `${host}/team/app:1`);
  return workspace;
}

/** Pushes the image, forgets it, and pulls it again. */
async function roundTrip(workspace: Workspace, host: string, options?: RunOptions): Promise<void> {
  const name = `${host}/team/app:1`;
  const { digest } = APP.descriptor;
  expect(await workspace.ok(['push', name], options)).toBe(`Image "${host}/team/app@${digest}" pushed\n`);
  await workspace.ok(['rmi', name]);
  const pulled = await workspace.ok(['pull', '--platform', 'linux/amd64', name], options);
  expect(pulled).toContain(`Image "${host}/team/app@${digest}" pulled\n`);
  await workspace.ok(['verify', name]);
}

/** Runs a command that has to fail; gives its one message. */
async function refusal(workspace: Workspace, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stderr } = await workspace.run(args, options);
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/^error: /m);
  return stderr.slice(stderr.search(/^error: /m));
}

const dockerConfig = (workspace: Workspace): string => join(workspace.home, '.docker/config.json');
const basicAuth = Buffer.from(`${BASIC_USER.username}:${BASIC_USER.password}`).toString('base64');

describePeer(['docker-registry', 'skopeo'], 'a registry with a password', () => {
  test('is pushed to and pulled from between login and logout', async () => {
    await using registry = await startDockerRegistry({ auth: 'basic' });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    const push = ['push', `${host}/team/app:1`];
    for (const args of [push, ['pull', `${host}/team/other:1`]]) {
      const message = await refusal(workspace, args);
      expect(message).toContain(`${host}/team/`);
      expect(message).toContain(`kubecrate login ${host}`);
    }
    const login = ['login', '--username', BASIC_USER.username, '--password-stdin', host];
    expect(await refusal(workspace, login, { input: 'wrong\n' })).toContain(`cannot log in to ${host}`);
    expect(await workspace.ok(login, { input: `${BASIC_USER.password}\n` })).toBe('Login Succeeded\n');
    await roundTrip(workspace, host);
    expect(await workspace.ok(['logout', host])).toBe('Logout Succeeded\n');
    expect(await refusal(workspace, push)).toContain(`kubecrate login ${host}`);
  });

  test('shares what it keeps with skopeo, both ways', async () => {
    await using registry = await startDockerRegistry({ auth: 'basic' });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    const { username, password } = BASIC_USER;
    await workspace.ok(['login', '-u', username, '--password-stdin', host], { input: password });
    await workspace.ok(['push', `${host}/team/app:1`]);
    const ours = { env: { REGISTRY_AUTH_FILE: dockerConfig(workspace) } };
    const seen = await skopeo(['inspect', '--raw', `docker://${host}/team/app:1`], workspace.home, ours);
    expect(seen).toBe(APP.bytes.toString());
    const theirs = { env: { REGISTRY_AUTH_FILE: join(workspace.home, 'auth.json') } };
    await skopeo(['login', '-u', username, '--password-stdin', host], workspace.home, { ...theirs, input: password });
    await workspace.ok(['logout', host]);
    await roundTrip(workspace, host, theirs);
  });

  test('takes the credentials of ~/.docker/config.json and of a credential helper', async () => {
    await using registry = await startDockerRegistry({ auth: 'basic' });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    await write(dockerConfig(workspace), JSON.stringify({ auths: { [host]: { auth: basicAuth } } }));
    await roundTrip(workspace, host);
    await write(dockerConfig(workspace), JSON.stringify({ credHelpers: { [host]: 'crate' } }));
    expect(await refusal(workspace, ['push', `${host}/team/app:1`])).toContain('docker-credential-crate');
    const helper = await openHelper(workspace);
    expect(await refusal(workspace, ['push', `${host}/team/app:1`], helper)).toContain(`kubecrate login ${host}`);
    const login = ['login', '-u', BASIC_USER.username, '--password-stdin', host];
    await workspace.ok(login, { ...helper, input: BASIC_USER.password });
    expect(await readFile(dockerConfig(workspace), 'utf8')).not.toContain(basicAuth);
    await roundTrip(workspace, host, helper);
    await workspace.ok(['logout', host], helper);
    expect(await refusal(workspace, ['push', `${host}/team/app:1`], helper)).toContain(`kubecrate login ${host}`);
  });

  test('fills a registry directory and a cluster image', async () => {
    await using registry = await startDockerRegistry({ auth: 'basic' });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    const { username, password } = BASIC_USER;
    await workspace.ok(['login', '-u', username, '--password-stdin', host], { input: password });
    await workspace.ok(['push', `${host}/team/app:1`]);
    const platform = ['--platform', 'linux/amd64'];
    const mirrored = await workspace.ok(['mirror', '--dir', 'mirror', ...platform, `${host}/team/app:1`]);
    expect(mirrored).toContain(APP.descriptor.digest);
    await write(join(workspace.directory, 'Kubefile'), 'FROM scratch\nCOPY imageList manifests\n');
    await write(join(workspace.directory, 'imageList'), `${host}/team/app:1\n`);
    await workspace.ok(['build', '-t', 'cluster:1', ...platform, '.']);
    await workspace.ok(['verify', 'cluster:1']);
  });
});

describePeer('docker-registry', 'a registry that is read-only', () => {
  test('says so to who pushes, and what to do', async () => {
    await using registry = await startDockerRegistry({ access: 'read-only' });
    await using workspace = await workspaceFor(registry.host);
    const message = await refusal(workspace, ['push', `${registry.host}/team/app:1`]);
    for (const part of [`${registry.host}/team/app`, '405', 'read-only', 'push to another registry'])
      expect(message).toContain(part);
  });
});

/** A credential helper on the PATH, by Docker's protocol; it keeps what it is given in a file. */
async function openHelper(workspace: Workspace): Promise<RunOptions> {
  const directory = join(workspace.home, 'bin');
  const kept = JSON.stringify(join(workspace.home, 'kept'));
  const script = `#!/bin/sh
case $1 in
  store) cat > ${kept} ;;
  get) cat > /dev/null; cat ${kept} 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
  erase) cat > /dev/null; rm -f ${kept} ;;
esac
`;
  await chmod(await write(join(directory, 'docker-credential-crate'), script), 0o755);
  return { env: { PATH: `${directory}:${process.env['PATH']}` } };
}

describePeer('docker-registry', 'a registry behind a token server', () => {
  const user = { username: 'ada', password: 'secret' };

  test('lets everyone pull, and push who has logged in', async () => {
    await using tokens = await startTokenServer({ user });
    await using registry = await startDockerRegistry({ auth: tokens.auth });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    const refused = await refusal(workspace, ['push', `${host}/team/app:1`]);
    expect(refused).toContain(`${host}/team/app`);
    expect(refused).toContain(`kubecrate login ${host}`);
    const login = ['login', '-u', user.username, '--password-stdin', host];
    const wrong = await refusal(workspace, login, { input: 'wrong' });
    const realm = new URL(tokens.url).host;
    for (const part of [
      `cannot get a token for ${host}: ${realm} refused the user name and the password`,
      'answered 401: "incorrect username or password"',
      'hint: check the user name and the password',
    ])
      expect(wrong).toContain(part);
    const auth = Buffer.from('ada:wrong').toString('base64');
    await write(dockerConfig(workspace), JSON.stringify({ auths: { [host]: { auth } } }));
    const kept = await refusal(workspace, ['push', `${host}/team/app:1`]);
    expect(kept).toContain(`${realm} refused the user name and the password`);
    expect(kept).toContain(`log in again: kubecrate login ${host}`);
    expect(kept).not.toContain(auth);
    await workspace.ok(login, { input: user.password });
    await roundTrip(workspace, host);
    await workspace.ok(['logout', host]);
    await workspace.ok(['rmi', `${host}/team/app:1`]);
    await workspace.ok(['pull', '--platform', 'linux/amd64', `${host}/team/app:1`]);
    const named = tokens.scopes.filter((scope) => scope !== '');
    expect(named.length).toBeGreaterThan(0);
    for (const scope of named) expect(scope).toMatch(/^repository:team\/app:(pull|pull,push|push,pull)$/);
  });

  test('renews tokens that expire under way', async () => {
    await using tokens = await startTokenServer({ user, expiresInSeconds: 1 });
    await using registry = await startDockerRegistry({ auth: tokens.auth });
    await using workspace = await workspaceFor(registry.host);
    const auth = Buffer.from('ada:secret').toString('base64');
    await write(dockerConfig(workspace), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    await roundTrip(workspace, registry.host);
  });

  test('gets a token by POST for an identity token', async () => {
    await using tokens = await startTokenServer({ user, flow: 'oauth2' });
    await using registry = await startDockerRegistry({ auth: tokens.auth });
    await using workspace = await workspaceFor(registry.host);
    const entry = { auth: Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64') };
    const auths = { [registry.host]: { ...entry, identitytoken: REFRESH_TOKEN } };
    await write(dockerConfig(workspace), JSON.stringify({ auths }));
    await roundTrip(workspace, registry.host);
  });
});

describePeer('docker-registry', 'a registry with TLS', () => {
  const PASSPHRASE = 'open sesame';
  let authority: CertificateAuthority;
  let server: CertificatePair;
  beforeAll(async () => {
    authority = await certificateAuthority('authority');
    server = await authority.issue('registry');
  });

  const certificates = (workspace: Workspace, host: string): string =>
    join(workspace.home, '.config/kubecrate/certs.d', host);

  /** Puts files where the certificates of the registry are looked for. */
  async function give(workspace: Workspace, host: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await write(join(certificates(workspace, host), name), text);
  }

  test('is trusted with its authority, and not without', async () => {
    await using registry = await startDockerRegistry({ tls: server });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    const push = ['push', `${host}/team/app:1`];
    // What is on this machine speaks http unless there is reason to think otherwise.
    expect(await refusal(workspace, push)).toContain('this registry speaks TLS');
    await give(workspace, host, { 'ca.crt': (await certificateAuthority('other')).cert });
    const message = await refusal(workspace, push);
    expect(message).toContain(`cannot trust ${host}`);
    expect(message).toContain(certificates(workspace, host));
    expect(message).toContain('insecure-registries');
    await give(workspace, host, { 'ca.crt': authority.cert });
    await roundTrip(workspace, host);
  });

  test('is reached without its authority where the configuration says so', async () => {
    await using registry = await startDockerRegistry({ tls: server });
    const { host } = registry;
    await using workspace = await workspaceFor(host);
    const config = join(workspace.home, '.config/kubecrate/config.json');
    await write(config, JSON.stringify({ 'insecure-registries': [host] }));
    await roundTrip(workspace, host);
  });

  test('is not trusted when its certificate has expired', async () => {
    const expired = await authority.issue('registry', { validity: 'expired' });
    await using registry = await startDockerRegistry({ tls: expired });
    await using workspace = await workspaceFor(registry.host);
    await give(workspace, registry.host, { 'ca.crt': authority.cert });
    const message = await refusal(workspace, ['pull', `${registry.host}/team/app:1`]);
    expect(message).toContain('its certificate has expired');
  });

  describe('that asks for a certificate', () => {
    const mutual = async (): ReturnType<typeof startDockerRegistry> =>
      startDockerRegistry({ tls: { ...server, clientCa: authority.cert }, auth: 'basic' });

    test('lets in who shows one: login, push, pull, mirror', async () => {
      await using registry = await mutual();
      const { host } = registry;
      await using workspace = await workspaceFor(host);
      const { cert, key } = await authority.issue('client');
      await give(workspace, host, { 'ca.crt': authority.cert, 'tls.cert': cert, 'tls.key': key });
      const login = ['login', '-u', BASIC_USER.username, '--password-stdin', host];
      await workspace.ok(login, { input: BASIC_USER.password });
      await roundTrip(workspace, host);
      await workspace.ok(['mirror', '--dir', 'mirror', '--platform', 'linux/amd64', `${host}/team/app:1`]);
    });

    test('opens an encrypted key with the passphrase beside it or in the environment', async () => {
      await using registry = await startDockerRegistry({ tls: { ...server, clientCa: authority.cert } });
      const { host } = registry;
      await using workspace = await workspaceFor(host);
      const { cert, key } = await authority.issue('client', { passphrase: PASSPHRASE });
      await give(workspace, host, { 'ca.crt': authority.cert, 'tls.cert': cert, 'tls.key': key });
      await roundTrip(workspace, host, { env: { KUBECRATE_KEY_PASSPHRASE: PASSPHRASE } });
      await give(workspace, host, { 'tls.pass': `${PASSPHRASE}\n` });
      await roundTrip(workspace, host);
    });

    test('takes the right one of several pairs, and refuses where none is right', async () => {
      await using registry = await mutual();
      const { host } = registry;
      await using workspace = await workspaceFor(host);
      const other = await certificateAuthority('other');
      const pairs = {
        '1-expired': await authority.issue('client', { validity: 'expired' }),
        '2-wrong': await other.issue('client'),
        '3-wrong': await other.issue('client'),
        '4-right': await authority.issue('client'),
      };
      await give(workspace, host, { 'ca.crt': authority.cert });
      for (const [name, { cert, key }] of Object.entries(pairs))
        await give(workspace, host, { [`${name}.cert`]: cert, [`${name}.key`]: key });
      const login = ['login', '-u', BASIC_USER.username, '--password-stdin', host];
      await workspace.ok(login, { input: BASIC_USER.password });
      await roundTrip(workspace, host);
      await workspace.ok(['mirror', '--dir', 'mirror', '--platform', 'linux/amd64', `${host}/team/app:1`]);
      for (const suffix of ['cert', 'key']) await rm(join(certificates(workspace, host), `4-right.${suffix}`));
      const message = await refusal(workspace, ['pull', `${host}/team/app:1`]);
      expect(message).toMatch(/refused the client certificates .*2-wrong\.cert.*3-wrong\.cert/);
    });

    type Files = Readonly<Record<string, string>>;
    const wrong: readonly (readonly [string, () => Promise<Files>, readonly string[]])[] = [
      ['no pair', async () => ({}), ['asks for a client certificate, and there is none for it', 'NAME.cert']],
      [
        'a pair of another authority',
        async () => pair(await (await certificateAuthority('other')).issue('client')),
        ['refused the client certificate', 'tls.cert', 'a certificate that its authority signed'],
      ],
      [
        'an expired pair',
        async () => pair(await authority.issue('client', { validity: 'expired' })),
        ['client certificate', 'tls.cert', 'expired on'],
      ],
      [
        'a key of another certificate',
        async () => pair({ ...(await authority.issue('client')), key: (await authority.issue('client')).key }),
        ['do not belong together'],
      ],
      [
        'a certificate without its key',
        async () => ({ 'tls.cert': (await authority.issue('client')).cert }),
        ['has no tls.key beside it'],
      ],
      [
        'an encrypted key without its passphrase',
        async () => pair(await authority.issue('client', { passphrase: PASSPHRASE })),
        ['is encrypted and there is no passphrase for it', 'tls.pass', 'KUBECRATE_KEY_PASSPHRASE'],
      ],
      [
        'an encrypted key with a wrong passphrase',
        async () => ({ ...pair(await authority.issue('client', { passphrase: PASSPHRASE })), 'tls.pass': 'sesame' }),
        ['cannot decrypt client key', 'the passphrase is wrong'],
      ],
    ];

    test.each(wrong)('refuses %s in words of its own', async (_what, filesOf, says) => {
      await using registry = await mutual();
      const { host } = registry;
      await using workspace = await workspaceFor(host);
      await give(workspace, host, { 'ca.crt': authority.cert, ...(await filesOf()) });
      for (const verb of ['push', 'pull']) {
        const message = await refusal(workspace, [verb, `${host}/team/app:1`]);
        for (const part of [host, ...says]) expect(message).toContain(part);
        expect(message).not.toContain(PASSPHRASE);
      }
    });
  });
});

function pair({ cert, key }: CertificatePair): Readonly<Record<string, string>> {
  return { 'tls.cert': cert, 'tls.key': key };
}
