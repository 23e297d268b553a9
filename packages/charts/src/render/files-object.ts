/** `.Files`: the files of a chart that are neither templates nor its own description. */

import { posix } from 'node:path';
import {
  type Budget,
  decodeString,
  GoError,
  type GoMap,
  type GoMethod,
  type GoType,
  type GoValue,
  stringSlice,
  Typed,
} from '@kubecrate/gotemplate';
import type { ChartFile } from '../chart/chart.ts';
import { compileFileGlob } from './file-glob.ts';
import { toYaml } from './to-yaml.ts';

/** The files as a template sees them. */
export function filesObject(files: readonly ChartFile[]): Typed {
  return new Typed(FILES, new Map<string, GoValue>(files.map(({ name, data }) => [name, data])));
}

const STRING = { params: ['string'] } as const;
const NOTHING = { params: [] } as const;

const METHODS: ReadonlyMap<string, GoMethod> = new Map<string, GoMethod>([
  ['Get', { ...STRING, run: (self, [name]) => textOf(bytesOf(self, name)) }],
  ['GetBytes', { ...STRING, run: (self, [name]) => bytesOf(self, name) }],
  ['Glob', { ...STRING, run: (self, [pattern]) => select(self, String(pattern)) }],
  ['Lines', { ...STRING, run: (self, [name]) => stringSlice(linesOf(self, String(name))) }],
  ['AsConfig', { ...NOTHING, run: (self, _, { budget }) => asYaml(self, textOf, budget) }],
  ['AsSecrets', { ...NOTHING, run: (self, _, { budget }) => asYaml(self, base64Of, budget) }],
]);

const FILES: GoType = { name: 'engine.files', kind: 'map', elem: '[]uint8', methods: METHODS };

function entriesOfFiles(self: Typed): GoMap {
  return self.value instanceof Map ? self.value : new Map();
}

function bytesOf(self: Typed, name: GoValue | undefined): Uint8Array {
  const data = entriesOfFiles(self).get(String(name));
  return data instanceof Uint8Array ? data : new Uint8Array();
}

function textOf(data: Uint8Array): string {
  return decodeString(data);
}

function base64Of(data: Uint8Array): string {
  return Buffer.from(data).toString('base64');
}

function select(self: Typed, pattern: string): Typed {
  const matches = compileFileGlob(pattern);
  return new Typed(FILES, new Map([...entriesOfFiles(self)].filter(([name]) => matches(name))));
}

/** Lines without the break at the end of the last one; Helm fails at a file that is there and empty. */
function linesOf(self: Typed, name: string): string[] {
  if (!entriesOfFiles(self).has(name)) return [];
  const text = textOf(bytesOf(self, name));
  if (text === '') throw new GoError('runtime error: index out of range [-1]');
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** A map from the base name of each file to its content, as YAML without a line break at the end. */
function asYaml(self: Typed, encode: (data: Uint8Array) => string, budget: Budget): string {
  const map = new Map<string, GoValue>();
  for (const name of entriesOfFiles(self).keys()) map.set(posix.basename(name), encode(bytesOf(self, name)));
  return toYaml(map, budget);
}
