/** The configuration file: the settings that no command line repeats, under the names that isula's daemon.json has for them. */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { didYouMean, fileError, isMissing, KubecrateError } from '@kubecrate/errors';
import type { Context } from './context.ts';
import { DAEMON_KEYS } from './daemon-keys.ts';

/** What the commands themselves need of the file; the keys about registries are read by their client, and only checked here. */
export interface Settings {
  /** Where they were read from; undefined where there is no file. */
  readonly file?: string;
  /** The directory of the image store (`graph`). */
  readonly store?: string;
  /** Whether the content of an image of the store is read anew before it is used (`image-layer-check`). */
  readonly storedImages: 'trust' | 'check';
  /** How long pulling, pushing, loading or saving one image may take (`image-opt-timeout`); undefined: as long as it takes. */
  readonly imageTimeoutMs?: number;
}

/** The settings where there is no file. */
export const DEFAULT_SETTINGS: Settings = { storedImages: 'trust' };

/**
 * Reads the file that was named, which has to be there, or else the first of the usual ones that is.
 * @throws NotFoundError; KubecrateError INVALID_CONFIG
 */
export async function readSettings(
  named: string | undefined,
  context: Pick<Context, 'cwd' | 'env' | 'home'>,
): Promise<Settings> {
  const files = named === undefined ? usualFiles(context) : [resolve(context.cwd, named)];
  for (const file of files) {
    const text = await readText(file, named === undefined ? 'may be missing' : 'required');
    if (text !== undefined) return parseSettings(text, file);
  }
  return DEFAULT_SETTINGS;
}

/** @throws KubecrateError INVALID_CONFIG that names the file and the key */
export function parseSettings(text: string, file: string): Settings {
  const value = parseJson(text, file);
  const refuse = (reason: string, hint?: string): never => {
    const message = `cannot read the configuration ${JSON.stringify(file)}: ${reason}`;
    throw new KubecrateError('INVALID_CONFIG', message, hint === undefined ? {} : { hint });
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('it is no JSON object');
  let settings: Settings = { ...DEFAULT_SETTINGS, file };
  for (const [key, field] of Object.entries(value)) {
    const read = KEYS.get(key);
    if (read === undefined && DAEMON_KEYS.has(key)) continue;
    if (read === undefined) {
      return refuse(
        `unknown key ${JSON.stringify(key)}`,
        didYouMean(key, [...KEYS.keys(), ...DAEMON_KEYS]) ?? `the keys are ${[...KEYS.keys()].join(', ')}`,
      );
    }
    const setting = read(field);
    if (typeof setting === 'string') return refuse(`${key} is ${JSON.stringify(field)}, not ${setting}`);
    settings = { ...settings, ...setting };
  }
  return settings;
}

/** What a value of a key sets, or what the value should have been. */
type Key = (value: unknown) => Partial<Settings> | string;

const KEYS: ReadonlyMap<string, Key> = new Map<string, Key>([
  ['graph', (value) => (typeof value === 'string' && value.startsWith('/') ? { store: value } : 'an absolute path')],
  ['registry-mirrors', listOfNames],
  ['insecure-registries', listOfNames],
  ['insecure-skip-verify-enforce', flag(() => ({}))],
  ['image-layer-check', flag((value) => ({ storedImages: value ? 'check' : 'trust' }))],
  // An encrypted client key is opened wherever there is a passphrase for it, so that there is nothing to announce.
  ['use-decrypted-key', flag(() => ({}))],
  ['image-opt-timeout', parseTimeout],
]);

function listOfNames(value: unknown): Partial<Settings> | string {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
    ? {}
    : 'a list of names';
}

function flag(setting: (value: boolean) => Partial<Settings>): Key {
  return (value) => (typeof value === 'boolean' ? setting(value) : 'true or false');
}

function parseTimeout(value: unknown): Partial<Settings> | string {
  if (value === '-1' || value === -1) return {};
  const [, number, unit = ''] = /^([1-9][0-9]{0,6})([smh])$/.exec(String(value)) ?? [];
  if (number === undefined) return 'a time like "30s", "5m" or "1h", or "-1" for no limit';
  // A longer wait than this does not fit a timer.
  return { imageTimeoutMs: Math.min(Number(number) * (MILLISECONDS[unit] ?? 0), 2 ** 31 - 1) };
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function usualFiles({ env, home }: Pick<Context, 'env' | 'home'>): readonly string[] {
  const own = env['XDG_CONFIG_HOME'] || join(home, '.config');
  return [join(own, 'kubecrate', 'config.json'), '/etc/kubecrate/config.json'];
}

async function readText(file: string, presence: 'required' | 'may be missing'): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (presence === 'may be missing' && isMissing(error)) return undefined;
    throw fileError(`cannot read the configuration ${JSON.stringify(file)}`, error);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubecrateError(
      'INVALID_CONFIG',
      `cannot read the configuration ${JSON.stringify(file)}: it is not JSON`,
      { cause },
    );
  }
}
