/** What the templates of image tasks see: variables of files and of the command line, and functions. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FunctionMap, type GoMap, systemRandom } from '@kubecrate/gotemplate';
import { assignVariable, overlay, readVariables, taskFunctions } from '@kubecrate/imagetasks';
import { readNamedFile } from '../arguments.ts';
import type { Context } from '../context.ts';
import type { ImageRunOptions } from './image-options.ts';

export interface TemplateScope {
  readonly variables: GoMap;
  readonly functions: FunctionMap;
}

/** Later files weigh more than earlier ones, and the command line more than all of them. @throws KubecrateError INVALID_CONFIG, USAGE */
export async function readTemplateScope(
  { vars = [], extraVars = [] }: Pick<ImageRunOptions, 'vars' | 'extraVars'>,
  { cwd, now }: Context,
): Promise<TemplateScope> {
  let variables: GoMap = new Map();
  for (const file of vars) {
    variables = overlay(variables, await readVariables(await readNamedFile(cwd, file, 'the variables'), file));
  }
  for (const assignment of extraVars) assignVariable(variables, assignment);
  const functions = await taskFunctions({
    now: () => new Date(now()),
    random: systemRandom(),
    fileExists: (path) => existsSync(resolve(cwd, path)),
  });
  return { variables, functions };
}
