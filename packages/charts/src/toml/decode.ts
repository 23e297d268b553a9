/** TOML text into values. */

import { type GoMap, type GoValue, int64 } from '@kubecrate/gotemplate';
import type { TomlDate, TomlTable, TomlValue } from 'smol-toml';

/** Reads TOML; throws an `Error` that says what is wrong with it. */
export type TomlReader = (text: string) => GoMap;

/** The reader, loaded only where a template asks for it. */
export async function openTomlReader(): Promise<TomlReader> {
  const { parse, TomlDate } = await import('smol-toml');
  const isDate = (value: TomlValue): value is TomlDate => value instanceof TomlDate;
  const convert = (value: TomlValue): GoValue => {
    if (typeof value === 'bigint') return int64(value);
    if (isDate(value)) return value.toISOString();
    if (Array.isArray(value)) return value.map(convert);
    return typeof value === 'object' ? convertTable(value) : value;
  };
  const convertTable = (table: TomlTable): GoMap =>
    new Map(Object.entries(table).map(([key, value]) => [key, convert(value)]));
  return (text) => convertTable(parse(text, { integersAsBigInt: true }));
}
