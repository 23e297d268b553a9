import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '@kubecrate/errors';
import { describe, expect, test } from 'vitest';
import type { Credential, CredentialFile } from '../config/docker-config.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { rejectionOf } from '../testing/test-client.ts';
import { getFromHelper } from './credential-helper.ts';
import { eraseCredential, storeCredential } from './credential-store.ts';
import { findCredential } from './credentials.ts';

const password = (username: string): Credential => ({ kind: 'password', username, password: 'pw' });
const file = (auths: Readonly<Record<string, Credential>>, more: Partial<CredentialFile> = {}): CredentialFile => ({
  auths,
  helpers: {},
  ...more,
});
const nobody = async (): Promise<undefined> => undefined;

async function userFor(
  sources: readonly CredentialFile[],
  host: string,
  repository?: string,
): Promise<string | undefined> {
  const found = await findCredential(sources, { host, repository }, nobody);
  return found?.kind === 'password' ? found.username : undefined;
}

describe('findCredential', () => {
  test('takes the most specific namespace', async () => {
    const source = file({
      'r.example': password('host'),
      'r.example/team': password('team'),
      'r.example/team/app': password('app'),
    });
    expect(await userFor([source], 'r.example', 'team/app')).toBe('app');
    expect(await userFor([source], 'r.example', 'team/other')).toBe('team');
    expect(await userFor([source], 'r.example', 'teams/app')).toBe('host');
    expect(await userFor([source], 'r.example')).toBe('host');
    expect(await userFor([source], 'other.example', 'team/app')).toBeUndefined();
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io', 'https://docker.io'])(
    'knows Docker Hub as %s',
    async (key) => expect(await userFor([file({ [key]: password('hub') })], 'docker.io', 'library/mysql')).toBe('hub'),
  );

  test.each(['https://r.example:5000/v2/', 'http://r.example:5000', 'R.example:5000/'])(
    'takes %s for the host that it names',
    async (key) => expect(await userFor([file({ [key]: password('me') })], 'r.example:5000', 'a')).toBe('me'),
  );

  test('never takes the login of another port', async () => {
    expect(await userFor([file({ 'r.example:5000': password('me') })], 'r.example:5001', 'a')).toBeUndefined();
    expect(await userFor([file({ 'r.example': password('me') })], 'r.example:5000', 'a')).toBeUndefined();
  });

  test('takes the first source that has one', async () => {
    const sources = [file({}), file({ 'r.example': password('first') }), file({ 'r.example': password('second') })];
    expect(await userFor(sources, 'r.example', 'a')).toBe('first');
  });

  test('asks the helper of the registry before the one for all, and both before the file', async () => {
    const asked: string[] = [];
    const ask = async (helper: string, server: string): Promise<Credential | undefined> => {
      asked.push(`${helper} ${server}`);
      return helper === 'empty' ? undefined : password(helper);
    };
    const source = file({ 'a.example': password('file') }, { helpers: { 'a.example': 'own' }, store: 'all' });
    expect(await findCredential([source], { host: 'a.example' }, ask)).toEqual(password('own'));
    expect(await findCredential([source], { host: 'docker.io' }, ask)).toEqual(password('all'));
    const empty = file({ 'a.example': password('file') }, { store: 'empty' });
    expect(await findCredential([empty], { host: 'a.example' }, ask)).toEqual(password('file'));
    expect(asked).toEqual(['own a.example', 'all https://index.docker.io/v1/', 'empty a.example']);
  });
});

/** A helper that keeps what it is given in a directory. */
const HELPER = `#!/bin/sh
cd "$STORE" || exit 3
case "$1" in
  store) cat > stored ;;
  erase) rm -f stored; cat > erased ;;
  get)
    server=$(cat)
    case "$server" in
      known.example) echo '{"ServerURL":"known.example","Username":"me","Secret":"from helper"}' ;;
      token.example) echo '{"ServerURL":"token.example","Username":"<token>","Secret":"refresh"}' ;;
      broken.example) echo 'not JSON but SECRET' ;;
      locked.example) echo 'the keychain is locked'; exit 1 ;;
      *) echo 'credentials not found in native keychain'; exit 1 ;;
    esac ;;
esac
`;

describe('a credential helper', () => {
  async function withHelper(
    work: (options: { env: Record<string, string> }, directory: string) => Promise<void>,
  ): Promise<void> {
    await using directory = await temporaryDirectory();
    const program = await directory.write('docker-credential-test', HELPER);
    await chmod(program, 0o755);
    await work({ env: { PATH: `${directory.path}:/usr/bin:/bin`, STORE: directory.path } }, directory.path);
  }

  test('is run with the server on its input', async () => {
    await withHelper(async (options) => {
      expect(await getFromHelper('test', 'known.example', options)).toEqual({
        kind: 'password',
        username: 'me',
        password: 'from helper',
      });
      expect(await getFromHelper('test', 'token.example', options)).toEqual({
        kind: 'identity-token',
        token: 'refresh',
      });
      expect(await getFromHelper('test', 'unknown.example', options)).toBeUndefined();
    });
  });

  test('that fails is named, and its secrets are not', async () => {
    await withHelper(async (options) => {
      const locked = await rejectionOf(getFromHelper('test', 'locked.example', options));
      expect((locked as Error).message).toContain('docker-credential-test');
      expect((locked as Error).message).toContain('the keychain is locked');
      const broken = await rejectionOf(getFromHelper('test', 'broken.example', options));
      expect((broken as Error).message).not.toContain('SECRET');
      const missing = await rejectionOf(getFromHelper('none', 'a', options));
      expect(hasCode(missing, 'INVALID_CONFIG')).toBe(true);
      expect((missing as Error).message).toContain('docker-credential-none: there is no such program');
    });
  });

  test('keeps and forgets logins where the configuration names it', async () => {
    await withHelper(async (options, directory) => {
      const config = path.join(directory, 'config.json');
      const { writeFile } = await import('node:fs/promises');
      await writeFile(config, '{"credsStore":"test"}');
      await storeCredential('r.example', { username: 'me', password: 'p:w' }, { file: config, ...options });
      expect(JSON.parse(await readFile(path.join(directory, 'stored'), 'utf8'))).toEqual({
        ServerURL: 'r.example',
        Username: 'me',
        Secret: 'p:w',
      });
      expect(await readFile(config, 'utf8')).not.toContain('p:w');
      expect(await eraseCredential('r.example', { file: config, ...options })).toBe('erased');
      expect((await readFile(path.join(directory, 'erased'), 'utf8')).trim()).toBe('r.example');
    });
  });
});

describe('the credential store', () => {
  test('keeps a login where Docker keeps it, readable by its owner alone', async () => {
    await using directory = await temporaryDirectory();
    const config = path.join(directory.path, '.docker', 'config.json');
    await storeCredential('docker.io', { username: 'me', password: 'p:w' }, { file: config, env: {} });
    expect(JSON.parse(await readFile(config, 'utf8'))).toEqual({
      auths: { 'https://index.docker.io/v1/': { auth: Buffer.from('me:p:w').toString('base64') } },
    });
    expect((await stat(config)).mode & 0o777).toBe(0o600);
  });

  test('leaves everything else in the file, and a link a link', async () => {
    await using directory = await temporaryDirectory();
    const real = await directory.write(
      'real.json',
      '{"psFormat":"x","auths":{"https://docker.io":{"auth":"eDp5"},"a":{"auth":"eDp5"}}}',
    );
    const config = path.join(directory.path, 'config.json');
    await symlink(real, config);
    await storeCredential('docker.io', { username: 'me', password: 'pw' }, { file: config, env: {} });
    const stored = JSON.parse(await readFile(real, 'utf8')) as { psFormat: string; auths: object };
    expect(stored.psFormat).toBe('x');
    expect(Object.keys(stored.auths)).toEqual(['a', 'https://index.docker.io/v1/']);
  });

  test('forgets a login under every spelling, and says where there was none', async () => {
    await using directory = await temporaryDirectory();
    const config = await directory.write(
      'config.json',
      '{"auths":{"https://r.example/v2/":{"auth":"eDp5"},"other":{"auth":"eDp5"}}}',
    );
    expect(await eraseCredential('r.example', { file: config, env: {} })).toBe('erased');
    expect(await eraseCredential('r.example', { file: config, env: {} })).toBe('unknown');
    expect(Object.keys((JSON.parse(await readFile(config, 'utf8')) as { auths: object }).auths)).toEqual(['other']);
  });

  test('does not touch a file that it cannot read', async () => {
    await using directory = await temporaryDirectory();
    const config = await directory.write('config.json', 'not JSON');
    const error = await rejectionOf(storeCredential('a', { username: 'u', password: 'p' }, { file: config, env: {} }));
    expect(hasCode(error, 'INVALID_CONFIG')).toBe(true);
    expect(await readFile(config, 'utf8')).toBe('not JSON');
  });
});
