export { BUILTINS } from './builtins/builtins.ts';
export { createBudget, type Limits } from './exec/budget.ts';
export type { MissingKey } from './exec/run.ts';
export { isStackLimit } from './exec/stack-limit.ts';
export { formatGo } from './format/printf.ts';
export { unquote } from './format/quote.ts';
export { compareStrings, decodeString, encodeString } from './go-string.ts';
export { fromGo, toGo } from './javascript-data.ts';
export { readJson } from './json/read-json.ts';
export { type JsonOptions, writeJson } from './json/write-json.ts';
export type { Delimiters } from './parse/lexer.ts';
export { type Constraints, parseConstraints, satisfies } from './semver/constraint.ts';
export { compareVersions, formatVersion, parseVersion, type Version } from './semver/version.ts';
export { trimSpace } from './sprig/letter-case.ts';
export { type RandomSource, seededRandom, systemRandom } from './sprig/random.ts';
export { type SprigOptions, sprigFunctions } from './sprig/sprig-functions.ts';
export { TemplateError, type TemplateFailure } from './template-error.ts';
export { type ExecuteOptions, TemplateSet, type TemplateSetOptions } from './template-set.ts';
export { parseRfc3339 } from './time/parse-time.ts';
export {
  type Budget,
  type CallContext,
  elementsOf,
  entriesOf,
  type FunctionMap,
  functionValue,
  GoError,
  type GoFunction,
  type GoMap,
  type GoMethod,
  type GoType,
  type GoValue,
  INT32,
  INT64,
  INTS,
  int,
  int64,
  integerOf,
  type Kind,
  kindOf,
  NIL_LIST,
  STRING_MAP,
  STRINGS,
  stringSlice,
  Typed,
  typeName,
  UINT8,
  UINT64,
  type Underlying,
  underlying,
} from './value.ts';
