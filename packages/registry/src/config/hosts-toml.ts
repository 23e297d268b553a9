/** containerd's `hosts.toml`: by which hosts a registry is reached, in which order, and with which certificates. */

import path from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { TomlTable, TomlValue } from 'smol-toml';
import { FieldReader, parseToml } from './registries-conf.ts';

export type HostCapability = 'pull' | 'resolve' | 'push';

/** One host that content is asked from. */
export interface HostEntry {
  /** With its scheme and, where it has one, a path. */
  readonly url: URL;
  readonly capabilities: ReadonlySet<HostCapability>;
  /** Paths of authorities to trust beside the system's. */
  readonly ca: readonly string[];
  /** Paths of client certificates with their keys. */
  readonly client: readonly (readonly [cert: string, key: string])[];
  readonly verification: 'strict' | 'skip';
  readonly headers: Readonly<Record<string, string>>;
  /** 'replace': the URL's path stands in place of `/v2`. */
  readonly path: 'append' | 'replace';
}

export interface HostsToml {
  /** The registry itself where the file names it; a file without hosts and without `server` changes nothing. */
  readonly server?: HostEntry;
  /** In the order of the file; asked before the server. */
  readonly hosts: readonly HostEntry[];
}

/**
 * Reads the text of a `hosts.toml`; relative paths in it are relative to the file.
 * @throws KubecrateError INVALID_CONFIG
 */
export async function parseHostsToml(text: string, file: string): Promise<HostsToml> {
  const root = await parseToml(text, file);
  const field = new FieldReader(file);
  const server = field.text(root['server'], 'server');
  const tables = root['host'] === undefined ? {} : field.table(root['host'], 'host');
  return {
    ...(server === undefined ? {} : { server: entryOf(server, root, field, file) }),
    hosts: Object.entries(tables).map(([url, table]) => entryOf(url, field.table(table, `host.${url}`), field, file)),
  };
}

function entryOf(url: string, table: TomlTable, field: FieldReader, file: string): HostEntry {
  const named = field.strings(table['capabilities'], 'capabilities');
  const unknown = named.find((name) => !ALL.has(name as HostCapability));
  if (unknown !== undefined) {
    throw new KubecrateError(
      'INVALID_CONFIG',
      `cannot read ${JSON.stringify(file)}: unknown capability ${JSON.stringify(unknown)}`,
      { hint: 'capabilities are "pull", "resolve" and "push"' },
    );
  }
  const inFile = (name: string): string => path.resolve(path.dirname(file), name);
  return {
    url: urlOf(url, file),
    capabilities: named.length === 0 ? ALL : new Set(named as HostCapability[]),
    ca: field.strings(table['ca'], 'ca').map(inFile),
    client: clientsOf(table['client'], field).map(([cert, key]) => [inFile(cert), inFile(key)] as const),
    verification: field.flag(table['skip_verify'], 'skip_verify') ? 'skip' : 'strict',
    headers: headersOf(table['header'], field),
    path: field.flag(table['override_path'], 'override_path') ? 'replace' : 'append',
  };
}

/** A path, or a list of paths and pairs: a certificate alone holds its key too. */
function clientsOf(value: TomlValue | undefined, field: FieldReader): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [[value, value]];
  if (!Array.isArray(value)) return [field.strings(value, 'client')].map(pairOf);
  return value.map((item) => pairOf(field.strings(item, 'client')));
}

function pairOf(files: readonly string[]): readonly [string, string] {
  const [cert = '', key = cert] = files;
  return [cert, key];
}

function headersOf(value: TomlValue | undefined, field: FieldReader): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const entries = Object.entries(field.table(value, 'header'));
  return Object.fromEntries(
    entries.map(([name, text]) => [name.toLowerCase(), field.strings(text, 'header').join(', ')]),
  );
}

function urlOf(text: string, file: string): URL {
  const url = URL.canParse(text.includes('://') ? text : `https://${text}`)
    ? new URL(text.includes('://') ? text : `https://${text}`)
    : undefined;
  if (url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new KubecrateError(
    'INVALID_CONFIG',
    `cannot read ${JSON.stringify(file)}: ${JSON.stringify(text)} is no URL of a host`,
    {
      hint: 'write it as "https://host:port"',
    },
  );
}

const ALL: ReadonlySet<HostCapability> = new Set<HostCapability>(['pull', 'resolve', 'push']);
