/** Checks the arguments of the `image` module: every key known, every type right, before anything runs. */

import { checkKeys, type Faults, type MapEntry, type MapNode, type Node, readMap } from '@kubecrate/documents';
import type { ActionKind } from './task.ts';

type Check = (entry: MapEntry, faults: Faults) => void;

/** The keys that stand directly under `image` in the form of KubeKey 4.0.5. */
export function isMoveKey(key: string): boolean {
  return Object.hasOwn(FIELDS.move, key);
}

/** Faults for everything that is wrong with the arguments of one action. */
export function checkArguments(kind: ActionKind, map: MapNode, faults: Faults): void {
  checkFields(map, FIELDS[kind], faults);
  for (const key of REQUIRED[kind]) {
    if (map.entries.some((entry) => entry.key === key)) continue;
    faults.at(map.line, `${kind === 'move' ? 'image' : kind}.${key} is missing`);
  }
}

function checkFields(map: MapNode, fields: Readonly<Record<string, Check>>, faults: Faults): void {
  checkKeys(map, Object.keys(fields), faults);
  for (const entry of map.entries) fields[entry.key]?.(entry, faults);
}

const text: Check = ({ key, value }, faults) => {
  if (value.kind !== 'scalar') faults.at(value.line, `${key} should be a text, and is a ${value.kind}`);
};

/** `true`, `false`, or a template that will give one of them. */
const boolean: Check = ({ key, value }, faults) => {
  const isFit = value.kind === 'scalar' && (/^(?:true|false)$/i.test(value.text) || isTemplate(value));
  if (!isFit) faults.at(value.line, `${key} should be true or false`);
};

/** A list of texts; one text, or a template that gives a list, counts as a list too. */
const texts: Check = ({ key, value }, faults) => {
  if (value.kind === 'map') faults.at(value.line, `${key} should be a list of texts, and is a map`);
  for (const item of value.kind === 'list' ? value.items : []) {
    if (item.kind !== 'scalar') faults.at(item.line, `${key} should hold texts, and holds a ${item.kind}`);
    else if (item.type !== 'string') faults.at(item.line, `${key} should hold texts: put ${item.text} into quotes`);
  }
};

const policy: Check = ({ key, value }, faults) => {
  const isFit = value.kind === 'scalar' && (/^(?:strict|warn)$/.test(value.text) || isTemplate(value));
  if (!isFit) faults.at(value.line, `${key} should be "strict" or "warn"`);
};

const fieldsOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  ({ key, value }, faults) => {
    const map = readMap(value, key, faults);
    if (map !== undefined) checkFields(map, fields, faults);
  };

const AUTH: Readonly<Record<string, Check>> = {
  repo: text,
  registry: text,
  username: text,
  password: text,
  insecure: boolean,
  skip_tls_verify: boolean,
  skipTLSVerify: boolean,
  plain_http: boolean,
  ca_file: text,
  cert_file: text,
  key_file: text,
};

const auths: Check = ({ key, value }, faults) => {
  if (value.kind === 'scalar' && isTemplate(value)) return;
  if (value.kind !== 'list') {
    faults.at(value.line, `${key} should be a list of registries with username and password`);
    return;
  }
  for (const item of value.items) {
    const map = readMap(item, 'an entry of auths', faults);
    if (map === undefined) continue;
    checkFields(map, AUTH, faults);
    const names = map.entries.filter(({ key }) => key === 'repo' || key === 'registry');
    if (new Set(names.map(({ key }) => key)).size > 1)
      faults.at(item.line, 'an entry of auths has both repo and registry, which mean the same; give one of them');
  }
};

const REGISTRY: Readonly<Record<string, Check>> = {
  images_dir: text,
  auths,
  username: text,
  password: text,
  skip_tls_verify: boolean,
  skipTLSVerify: boolean,
};

const FIELDS: Readonly<Record<ActionKind, Readonly<Record<string, Check>>>> = {
  pull: { ...REGISTRY, manifests: texts, platform: texts, policy },
  push: { ...REGISTRY, src_pattern: text, dest: text },
  copy: {
    platform: texts,
    policy,
    from: fieldsOf({ path: text, manifests: texts }),
    to: fieldsOf({ path: text, src_pattern: text, pattern: text }),
  },
  move: {
    ...{ manifests: texts, platform: texts, policy, pattern: text, auths, src: text, dest: text },
    ...{ skip_tls_verify: boolean, skipTLSVerify: boolean },
  },
};

const REQUIRED: Readonly<Record<ActionKind, readonly string[]>> = {
  pull: ['manifests'],
  push: ['dest'],
  copy: ['from', 'to'],
  move: ['src', 'dest'],
};

function isTemplate(node: Node): boolean {
  return node.kind === 'scalar' && node.text.includes('{{') && node.text.includes('}}');
}
