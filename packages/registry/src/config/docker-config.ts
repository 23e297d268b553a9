/**
 * Credentials in Docker's `config.json` and in containers' `auth.json`: the same file format, the latter with keys that may name
 * a namespace or a repository beside a host.
 */

import { KubecrateError } from '@kubecrate/errors';

/** What a registry accepts from a person or a machine. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token (`identitytoken`). */
  | { readonly kind: 'identity-token'; readonly token: string; readonly username?: string }
  /** Sent to the registry as it is, as a Bearer token. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** What one file says about credentials. */
export interface CredentialFile {
  /** Where it was read from, for messages. */
  readonly path?: string;
  /** By host, by `host/namespace`, or by URL. */
  readonly auths: Readonly<Record<string, Credential>>;
  /** The helper (`docker-credential-<name>`) for single registries. */
  readonly helpers: Readonly<Record<string, string>>;
  /** The helper for all others. */
  readonly store?: string;
}

/** Credentials that were given by hand: `{ 'registry.example.com': { kind: 'password', ... } }`. */
export function givenCredentials(auths: Readonly<Record<string, Credential>>): CredentialFile {
  return { auths, helpers: {} };
}

/**
 * Reads the text of a `config.json` or an `auth.json`.
 * @throws KubecrateError INVALID_CONFIG, which never quotes the text: it holds secrets
 */
export function parseDockerConfig(text: string, file: string): CredentialFile {
  const root = objectOf(parseJson(text, file), 'the file', file);
  const auths: [string, Credential][] = [];
  for (const [key, value] of Object.entries(objectOf(root['auths'] ?? {}, 'auths', file))) {
    const credential = credentialOf(objectOf(value ?? {}, `auths[${JSON.stringify(key)}]`, file), key, file);
    if (credential !== undefined) auths.push([key, credential]);
  }
  const helpers = Object.entries(objectOf(root['credHelpers'] ?? {}, 'credHelpers', file)).map(
    ([key, value]): [string, string] => [key, helperName(value, `credHelpers[${JSON.stringify(key)}]`, file)],
  );
  const store = root['credsStore'];
  return {
    path: file,
    auths: Object.fromEntries(auths),
    helpers: Object.fromEntries(helpers),
    ...(store === undefined || store === '' ? {} : { store: helperName(store, 'credsStore', file) }),
  };
}

function credentialOf(entry: Readonly<Record<string, unknown>>, key: string, file: string): Credential | undefined {
  const text = (name: string): string | undefined => {
    const value = entry[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const registryToken = text('registrytoken');
  if (registryToken !== undefined) return { kind: 'registry-token', token: registryToken };
  const auth = text('auth');
  const pair = auth === undefined ? undefined : decodeAuth(auth, key, file);
  const username = pair?.username || text('username');
  const identityToken = text('identitytoken');
  if (identityToken !== undefined) {
    return { kind: 'identity-token', token: identityToken, ...(username === undefined ? {} : { username }) };
  }
  const password = pair?.password ?? text('password');
  if (username === undefined || password === undefined) return undefined;
  return { kind: 'password', username, password };
}

/** `base64(user:password)`; the password may hold colons. */
function decodeAuth(auth: string, key: string, file: string): { username: string; password: string } {
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon === -1) {
    throw new KubecrateError(
      'INVALID_CONFIG',
      `cannot read ${JSON.stringify(file)}: the auth of ${JSON.stringify(key)} is not user:password in base64`,
      {
        hint: 'log in again: kubecrate login HOST',
      },
    );
  }
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

function helperName(value: unknown, where: string, file: string): string {
  if (typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value)) return value;
  throw new KubecrateError(
    'INVALID_CONFIG',
    `cannot read ${JSON.stringify(file)}: ${where} is no name of a credential helper`,
    {
      hint: 'it is the part after "docker-credential-", for example "pass"',
    },
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}: it is not JSON`);
  }
}

function objectOf(value: unknown, where: string, file: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}: ${where} is no object`);
}
