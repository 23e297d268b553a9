/** Keeping and forgetting logins where Docker keeps them, so that `docker login` and `kubecrate login` see each other. */

import { randomBytes } from 'node:crypto';
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import { parseDockerConfig } from '../config/docker-config.ts';
import { readIfThere } from '../config/read-if-there.ts';
import { eraseFromHelper, type HelperOptions, storeInHelper } from './credential-helper.ts';
import { credentialKey, normalKey } from './credentials.ts';

export interface CredentialStoreOptions extends HelperOptions {
  /** Docker's `config.json`. */
  readonly file: string;
}

/** Keeps a login: in the helper that the file names for the registry, else in the file itself. */
export async function storeCredential(
  host: string,
  login: { readonly username: string; readonly password: string },
  { file, ...options }: CredentialStoreOptions,
): Promise<void> {
  const config = await readConfig(file);
  const helper = helperFor(config.helpers, config.store, host);
  const key = credentialKey(host);
  if (helper !== undefined) {
    await storeInHelper(helper, key, { username: login.username, secret: login.password }, options);
    await writeConfig(file, withAuths(config.fields, host, { [key]: {} }));
    return;
  }
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  await writeConfig(file, withAuths(config.fields, host, { [key]: { auth } }));
}

/** Forgets the login of a registry, under whatever spelling it was kept; 'unknown' where there was none. */
export async function eraseCredential(
  host: string,
  { file, ...options }: CredentialStoreOptions,
): Promise<'erased' | 'unknown'> {
  const config = await readConfig(file);
  const helper = helperFor(config.helpers, config.store, host);
  if (helper !== undefined) await eraseFromHelper(helper, credentialKey(host), options);
  const before = Object.keys(authsOf(config.fields)).length;
  const fields = withAuths(config.fields, host, {});
  const erased = Object.keys(authsOf(fields)).length < before;
  if (erased) await writeConfig(file, fields);
  return erased || helper !== undefined ? 'erased' : 'unknown';
}

type Fields = Readonly<Record<string, unknown>>;

async function readConfig(
  file: string,
): Promise<{ fields: Fields; helpers: Readonly<Record<string, string>>; store: string | undefined }> {
  const text = (await readIfThere(file)) ?? '';
  const { helpers, store } = parseDockerConfig(text, file);
  const fields = text.trim() === '' ? {} : (JSON.parse(text) as Fields);
  return { fields, helpers, store };
}

function helperFor(
  helpers: Readonly<Record<string, string>>,
  store: string | undefined,
  host: string,
): string | undefined {
  return Object.entries(helpers).find(([key]) => normalKey(key) === normalKey(host))?.[1] ?? store;
}

/** The configuration with other entries for a registry; everything else in it stays. */
function withAuths(fields: Fields, host: string, entries: Fields): Fields {
  const others = Object.entries(authsOf(fields)).filter(([key]) => normalKey(key) !== normalKey(host));
  return { ...fields, auths: { ...Object.fromEntries(others), ...entries } };
}

function authsOf(fields: Fields): Fields {
  return (fields['auths'] ?? {}) as Fields;
}

/** By a temporary file, readable by its owner alone; a link to the configuration stays a link. */
async function writeConfig(file: string, fields: Fields): Promise<void> {
  let temporary: string | undefined;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const target = await realpath(file).catch((error: unknown) => {
      if (isMissing(error)) return file;
      throw error;
    });
    temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    await writeFile(temporary, `${JSON.stringify(fields, undefined, '\t')}\n`, { mode: 0o600, flag: 'wx' });
    await rename(temporary, target);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { force: true });
    const failure = fileError(`cannot write ${JSON.stringify(file)}`, error);
    throw failure instanceof KubecrateError ? failure : error;
  }
}
