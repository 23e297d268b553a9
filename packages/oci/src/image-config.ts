/** The image configuration (OCI image-spec config.md). */

import { KubecrateError } from '@kubecrate/errors';
import { type Digest, parseDigest } from './digest.ts';
import { expectArray, expectObject, type Fields, optionalString, parseJsonObject } from './fields.ts';
import { type Platform, platformOf } from './platform.ts';

/** One step of how an image was made. */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** The part of a configuration that says how a container starts. */
export interface ContainerConfig {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly WorkingDir?: string;
  readonly User?: string;
}

/** What kubecrate reads and writes of a configuration; the bytes keep everything else. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly author?: string;
  readonly config?: ContainerConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[];
}

/**
 * Reads the bytes of an image configuration.
 * @throws KubecrateError INVALID_MANIFEST
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const fields = parseJsonObject(bytes, 'config');
  const rootfs = fields['rootfs'] === undefined ? {} : expectObject(fields['rootfs'], 'config.rootfs');
  const diffIds = expectArray(rootfs['diff_ids'] ?? [], 'config.rootfs.diff_ids');
  const variant = optionalString(fields, 'variant', 'config');
  const created = optionalString(fields, 'created', 'config');
  const author = optionalString(fields, 'author', 'config');
  const container = fields['config'];
  const history = fields['history'];
  return {
    architecture: optionalString(fields, 'architecture', 'config') ?? '',
    os: optionalString(fields, 'os', 'config') ?? '',
    ...(variant === undefined ? {} : { variant }),
    ...(created === undefined ? {} : { created }),
    ...(author === undefined ? {} : { author }),
    ...(container === undefined || container === null
      ? {}
      : { config: parseContainerConfig(expectObject(container, 'config.config')) }),
    rootfs: { type: 'layers', diff_ids: diffIds.map((id) => parseDiffId(id)) },
    ...(history === undefined || history === null
      ? {}
      : { history: expectArray(history, 'config.history').map(parseHistory) }),
  };
}

/** The platform a configuration names, or undefined where it names none (artifacts). */
export function platformOfConfig(config: Pick<ImageConfig, 'architecture' | 'os' | 'variant'>): Platform | undefined {
  if (config.os === '' || config.architecture === '') return undefined;
  return platformOf(config.os, config.architecture, config.variant);
}

function parseDiffId(value: unknown): Digest {
  if (typeof value === 'string') return parseDigest(value);
  throw new KubecrateError('INVALID_MANIFEST', 'config.rootfs.diff_ids holds a value that is not a string');
}

function parseContainerConfig(fields: Fields): ContainerConfig {
  const strings = (name: string): readonly string[] | undefined => {
    const value = fields[name];
    if (value === undefined || value === null) return undefined;
    return expectArray(typeof value === 'string' ? [value] : value, `config.config.${name}`).map(String);
  };
  const labels = fields['Labels'];
  const entries = { Env: strings('Env'), Cmd: strings('Cmd'), Entrypoint: strings('Entrypoint') };
  const workingDir = optionalString(fields, 'WorkingDir', 'config.config');
  const user = optionalString(fields, 'User', 'config.config');
  return {
    ...Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)),
    ...(labels === undefined || labels === null
      ? {}
      : { Labels: parseLabels(expectObject(labels, 'config.config.Labels')) }),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    ...(user === undefined ? {} : { User: user }),
  };
}

function parseLabels(fields: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
}

function parseHistory(value: unknown, index: number): HistoryEntry {
  const where = `config.history[${index}]`;
  const fields = expectObject(value, where);
  const texts = ['created', 'created_by', 'author', 'comment'] as const;
  const entries = texts
    .map((name) => [name, optionalString(fields, name, where)] as const)
    .filter(([, text]) => text !== undefined);
  return { ...Object.fromEntries(entries), ...(fields['empty_layer'] === true ? { empty_layer: true } : {}) };
}
