/** containers' registries.conf, version 2 (containers-registries.conf.d(5)). */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import type { TomlTable, TomlValue } from 'smol-toml';

/** One `[[registry]]`. */
export interface RegistryRule {
  /** `host[:port][/path]`, or `*.example.com`. */
  readonly prefix: string;
  /** What stands in place of the prefix in requests. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly MirrorRule[];
}

export interface MirrorRule {
  readonly location: string;
  readonly insecure: boolean;
  readonly pulls: 'all' | 'digest-only' | 'tag-only';
}

export interface RegistriesConf {
  readonly registries: readonly RegistryRule[];
  /** Registries that a name without one is looked for in. */
  readonly unqualifiedSearch: readonly string[];
}

/**
 * Reads the text of a registries.conf.
 * @throws KubecrateError INVALID_CONFIG, also for version 1
 */
export async function parseRegistriesConf(text: string, file: string): Promise<RegistriesConf> {
  const root = await parseToml(text, file);
  if (root['registries'] !== undefined) {
    throw new KubecrateError(
      'INVALID_CONFIG',
      `cannot read ${JSON.stringify(file)}: it has the old format (version 1)`,
      {
        hint: 'write [[registry]] tables: see containers-registries.conf(5)',
      },
    );
  }
  const field = new FieldReader(file);
  return {
    registries: field.tables(root['registry'], 'registry').map((table) => ruleOf(table, field, file)),
    unqualifiedSearch: field.strings(root['unqualified-search-registries'], 'unqualified-search-registries'),
  };
}

/** Parses TOML; smol-toml is loaded when a file of this kind is there. @throws KubecrateError INVALID_CONFIG */
export async function parseToml(text: string, file: string): Promise<TomlTable> {
  const { parse } = await import('smol-toml');
  try {
    return parse(text);
  } catch (cause) {
    const [line] = messageOf(cause).split('\n');
    throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}: ${line}`, { cause });
  }
}

/** Reads typed fields out of TOML and names the field where it has another type. */
export class FieldReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  text(value: TomlValue | undefined, name: string): string | undefined {
    if (value === undefined) return undefined;
    return typeof value === 'string' ? value : this.#refuse(name, 'a string');
  }

  flag(value: TomlValue | undefined, name: string): boolean {
    if (value === undefined) return false;
    return typeof value === 'boolean' ? value : this.#refuse(name, 'true or false');
  }

  strings(value: TomlValue | undefined, name: string): readonly string[] {
    if (value === undefined) return [];
    if (typeof value === 'string') return [value];
    if (!Array.isArray(value)) return this.#refuse(name, 'a list of strings');
    return value.map((item) => (typeof item === 'string' ? item : this.#refuse(name, 'a list of strings')));
  }

  tables(value: TomlValue | undefined, name: string): readonly TomlTable[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.#refuse(name, 'a list of tables');
    return value.map((item) => this.table(item, name));
  }

  table(value: TomlValue | undefined, name: string): TomlTable {
    if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)) return value as TomlTable;
    return this.#refuse(name, 'a table');
  }

  #refuse(name: string, wanted: string): never {
    throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(this.#file)}: ${name} is not ${wanted}`);
  }
}

function ruleOf(table: TomlTable, field: FieldReader, file: string): RegistryRule {
  const location = trimSlash(field.text(table['location'], 'registry.location') ?? '');
  const prefix = trimSlash(field.text(table['prefix'], 'registry.prefix') ?? location);
  if (prefix === '' || (location === '' && !prefix.startsWith('*.'))) {
    throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}: a [[registry]] has no location`);
  }
  const digestOnly = field.flag(table['mirror-by-digest-only'], 'registry.mirror-by-digest-only');
  return {
    prefix,
    location,
    insecure: field.flag(table['insecure'], 'registry.insecure'),
    blocked: field.flag(table['blocked'], 'registry.blocked'),
    mirrors: field.tables(table['mirror'], 'registry.mirror').map((mirror) => {
      const location = field.text(mirror['location'], 'registry.mirror.location');
      if (location === undefined || location === '') {
        throw new KubecrateError(
          'INVALID_CONFIG',
          `cannot read ${JSON.stringify(file)}: a mirror of ${JSON.stringify(prefix)} has no location`,
        );
      }
      return {
        location: trimSlash(location),
        insecure: field.flag(mirror['insecure'], 'registry.mirror.insecure'),
        pulls: digestOnly ? 'digest-only' : pullsOf(field.text(mirror['pull-from-mirror'], 'pull-from-mirror'), file),
      };
    }),
  };
}

function pullsOf(value: string | undefined, file: string): MirrorRule['pulls'] {
  if (value === undefined || value === '') return 'all';
  if (value === 'all' || value === 'digest-only' || value === 'tag-only') return value;
  throw new KubecrateError(
    'INVALID_CONFIG',
    `cannot read ${JSON.stringify(file)}: pull-from-mirror is ${JSON.stringify(value)}`,
    { hint: 'it is "all", "digest-only" or "tag-only"' },
  );
}

function trimSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
