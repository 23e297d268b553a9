/** The options by which a chart gets its values, as Helm has them. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readUserValues } from '@kubecrate/charts';
import { fileError } from '@kubecrate/errors';
import type { Command } from 'commander';
import { collect, collectList } from './arguments.ts';
import type { Context } from './context.ts';

export interface ValueOptions {
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setLiteral?: readonly string[];
}

/** The values of a chart, put together. */
export type Values = Awaited<ReturnType<typeof readUserValues>>;

/** Adds the options; `files` says what `-f` is for. */
export function withValueOptions(command: Command, files: string = FILES): Command {
  return command
    .option('-f, --values <FILE>', files, collectList)
    .option('--set <KEY=VALUE,...>', 'single values; may be repeated', collect)
    .option('--set-string <KEY=VALUE,...>', 'single values that are text; may be repeated', collect)
    .option('--set-file <KEY=FILE,...>', 'single values that files hold; may be repeated', collect)
    .option('--set-json <KEY=JSON|JSON>', 'single values as JSON, or one JSON object; may be repeated', collect)
    .option('--set-literal <KEY=VALUE>', 'a value in which nothing has a meaning of its own; may be repeated', collect);
}

const FILES = 'a file of values, or - for standard input; may be repeated, the last weighs most';

/** Reads values; `readInput` gives standard input. @throws KubecrateError INVALID_ARGUMENT with Helm's message; NOT_FOUND, IO */
export async function readValues(
  options: ValueOptions,
  { cwd, stdin }: Pick<Context, 'cwd' | 'stdin'>,
  readInput: () => Promise<Buffer> = () => buffer(stdin),
): Promise<Values> {
  const { values = [], set = [], setString = [], setFile = [], setJson = [], setLiteral = [] } = options;
  return await readUserValues({ files: values, set, setString, setFile, setJson, setLiteral }, async (path) => {
    if (path === '-') return await readInput();
    return await readFile(resolve(cwd, path)).catch((error: unknown) => {
      throw fileError(`cannot read the values ${JSON.stringify(path)}`, error);
    });
  });
}
