/** The values that a user gives for a chart: files, then single values, each over what came before. */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import { decodeString, GoError, type GoMap, readJson } from '@kubecrate/gotemplate';
import { readYamlMap, YamlConversionError } from '../yaml/yaml.ts';
import { parseSetInto, SetError, type SetStyle } from './set-parser.ts';
import { copyTable, mergeMaps } from './tables.ts';

/** As the options of `helm template`; each may be given several times. */
export interface UserValueSources {
  /** `-f`: files of YAML. */
  readonly files?: readonly string[];
  /** `--set-json`: JSON behind each key, or one JSON object. */
  readonly setJson?: readonly string[];
  /** `--set`. */
  readonly set?: readonly string[];
  /** `--set-string`. */
  readonly setString?: readonly string[];
  /** `--set-file`: the value is that of the file behind each key. */
  readonly setFile?: readonly string[];
  /** `--set-literal`: everything behind the key is the value. */
  readonly setLiteral?: readonly string[];
}

/** Reads a file that the sources name. */
export type ReadFile = (path: string) => Promise<Buffer>;

/** All values of the user in one map. Throws with Helm's message: `USAGE` for an option, `INVALID_ARGUMENT` for a file; and what `readFile` throws. */
export async function readUserValues(sources: UserValueSources, readFile: ReadFile): Promise<GoMap> {
  let values: GoMap = new Map();
  for (const path of sources.files ?? []) {
    const data = await readFile(path);
    values = mergeMaps(
      values,
      wrapped('INVALID_ARGUMENT', `failed to parse ${path}`, () => readYamlMap(decodeString(data))),
    );
  }
  for (const text of sources.setJson ?? []) values = setJson(values, text);
  for (const text of sources.set ?? []) setValues(values, text, 'typed', '--set');
  for (const text of sources.setString ?? []) setValues(values, text, 'text', '--set-string');
  for (const text of sources.setFile ?? []) await setFiles(values, text, readFile);
  for (const text of sources.setLiteral ?? []) setValues(values, text, 'literal', '--set-literal');
  return values;
}

function setValues(values: GoMap, text: string, style: SetStyle, option: string): void {
  wrapped('USAGE', `failed parsing ${option} data`, () => parseSetInto(values, text, style));
}

function setJson(values: GoMap, text: string): GoMap {
  const trimmed = text.trim();
  return wrapped('USAGE', `failed parsing --set-json data ${text}`, () => {
    if (!trimmed.startsWith('{')) {
      parseSetInto(values, text, 'json');
      return values;
    }
    const object = readJson(trimmed);
    return object instanceof Map ? mergeMaps(values, object) : values;
  });
}

/** The first pass finds the files, the second puts their text in. */
async function setFiles(values: GoMap, text: string, readFile: ReadFile): Promise<void> {
  const contents = new Map<string, string>();
  const note = (path: string): string => {
    contents.set(path, '');
    return '';
  };
  setValues(copyTable(values), text, note, '--set-file');
  for (const path of contents.keys()) contents.set(path, decodeString(await readFile(path)));
  setValues(values, text, (path) => contents.get(path) ?? '', '--set-file');
}

function wrapped<T>(code: 'USAGE' | 'INVALID_ARGUMENT', what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SetError || error instanceof GoError || error instanceof YamlConversionError)) throw error;
    throw new KubecrateError(code, `${what}: ${messageOf(error)}`, { cause: error });
  }
}
