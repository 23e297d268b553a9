/** The functions of task templates: sprig's, and the small ones that KubeKey adds. */

import { type FunctionMap, type GoFunction, type RandomSource, sprigFunctions } from '@kubecrate/gotemplate';

export interface TaskFunctionOptions {
  readonly now: () => Date;
  readonly random: RandomSource;
}

/** The environment of the process is out of reach of a task: `env` and `expandenv` are not there, as in KubeKey. */
export function taskFunctions(options: TaskFunctionOptions): FunctionMap {
  return new Map<string, GoFunction>([...sprigFunctions(options), ['toBool', TO_BOOL], ['unquote', UNQUOTE]]);
}

/** Go's `strconv.ParseBool`, and false for everything it refuses. */
const TO_BOOL: GoFunction = {
  params: ['interface {}'],
  run: ([value]) => value === true || (typeof value === 'string' && /^(?:1|t|T|true|TRUE|True)$/.test(value)),
};

/** Takes the quotes off a text that is quoted. */
const UNQUOTE: GoFunction = {
  params: ['string'],
  run: ([value]) => (typeof value === 'string' ? value.replace(/^(["'`])(.*)\1$/s, '$2') : ''),
};
