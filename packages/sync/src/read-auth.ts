/** Reads the credentials of image-syncer: a map from registries, namespaces or repositories to users. */

import { checkKeys, Faults, type MapEntry, type MapNode, readBoolean, readMap, readText } from '@kubecrate/documents';
import { KubecrateError, messageOf, redactName } from '@kubecrate/errors';
import { parseReference } from '@kubecrate/oci';
import { readDocument } from './config-document.ts';
import { type AuthEntry, registryOf } from './credentials.ts';
import { type Environment, expandVariables } from './expand-variables.ts';

/**
 * Reads a file of credentials in the spellings that {@link readRules} takes; `${NAME}` in user names and passwords is replaced.
 * @throws KubecrateError INVALID_CONFIG that names every fault with its line, and no secret
 */
export async function readAuth(text: string, file: string, environment: Environment): Promise<readonly AuthEntry[]> {
  const faults = new Faults(file);
  const entries = authOf(await readDocument(text, faults), faults, environment);
  faults.throwIfAny('INVALID_CONFIG', `cannot read the credentials of ${JSON.stringify(file)}`);
  return entries;
}

/** The entries of a map, those with a variable that is not set among them; faults for those that are none. */
export function authOf(map: MapNode, faults: Faults, environment: Environment): readonly AuthEntry[] {
  const seen = new Map<string, number>();
  return map.entries.flatMap((entry) => {
    const place = readKey(entry, faults);
    const fields = readMap(entry.value, shown(entry.key), faults);
    if (place === undefined || fields === undefined) return [];
    const name = `${place.domain}/${place.path}`;
    const before = seen.get(name);
    if (before !== undefined) faults.at(entry.line, `${shown(entry.key)} is given twice, on line ${before} too`);
    seen.set(name, entry.line);
    return [{ ...place, ...readFields(entry.key, fields, faults, environment), file: faults.file, line: entry.line }];
  });
}

function readKey({ key, line }: MapEntry, faults: Faults): Pick<AuthEntry, 'domain' | 'path'> | undefined {
  const bare = key
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  const slash = bare.indexOf('/');
  const host = slash === -1 ? bare : bare.slice(0, slash);
  const path = slash === -1 ? '' : bare.slice(slash + 1);
  try {
    // The port makes any first part a host, as it is one here.
    const { domain } = parseReference(
      `${/:\d+$/.test(host) || host.includes('.') ? host : `${host}:1`}/${path === '' ? 'x' : path}`,
    );
    return { domain: registryOf(domain.replace(/:1$/, '')), path };
  } catch {
    faults.at(line, `${shown(key)} is no registry, registry/namespace or registry/namespace/repository`);
    return undefined;
  }
}

function shown(key: string): string {
  return JSON.stringify(redactName(key));
}

const KEYS = ['username', 'password', 'insecure'];

function readFields(
  key: string,
  fields: MapNode,
  faults: Faults,
  environment: Environment,
): Pick<AuthEntry, 'login' | 'security' | 'fault'> {
  checkKeys(fields, KEYS, faults);
  const entryOf = (name: string) => fields.entries.find((entry) => entry.key === name);
  const expanded = (name: string): string | undefined => {
    const entry = entryOf(name);
    const text = entry === undefined ? undefined : readText(entry, faults);
    if (entry === undefined || text === undefined) return undefined;
    try {
      return expandVariables(text, environment) || undefined;
    } catch (error) {
      if (!(error instanceof KubecrateError)) throw error;
      unset.push(
        new KubecrateError(
          error.code,
          `${faults.file}:${entry.line}: ${name} of ${shown(key)}: ${messageOf(error)}`,
          error.hint === undefined ? {} : { hint: error.hint },
        ),
      );
      return undefined;
    }
  };
  const before = faults.count;
  const unset: KubecrateError[] = [];
  const username = expanded('username');
  const password = expanded('password');
  if ((username === undefined) !== (password === undefined) && faults.count === before && unset.length === 0) {
    faults.at(
      fields.line,
      `${shown(key)} has a ${username === undefined ? 'password and no username' : 'username and no password'}`,
    );
  }
  const insecure = entryOf('insecure');
  const security = insecure !== undefined && readBoolean(insecure, faults) ? 'insecure' : 'verified';
  const [fault] = unset;
  if (fault !== undefined) return { security, fault };
  return username === undefined || password === undefined ? { security } : { login: { username, password }, security };
}
