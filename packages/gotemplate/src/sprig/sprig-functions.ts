/** All functions of sprig 3.3, as Helm's templates know them. */

import type { FunctionMap, GoFunction } from '../value.ts';
import { ofStrings } from './arguments.ts';
import { certificateFunctions } from './certificates.ts';
import { dateFunctions } from './dates.ts';
import { DEFAULT_FUNCTIONS } from './defaults.ts';
import { DICT_FUNCTIONS } from './dicts.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { NUMBER_FUNCTIONS } from './numbers.ts';
import { PATH_FUNCTIONS } from './paths.ts';
import type { RandomSource } from './random.ts';
import { regexFunctions } from './regex.ts';
import { secretFunctions } from './secrets.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { VERSION_FUNCTIONS } from './versions.ts';

export interface SprigOptions {
  /** The clock that `now`, `ago` and certificates read. */
  readonly now: () => Date;
  /** What random texts, keys and salts are made of: `systemRandom()`, or `seededRandom(seed)` for the same each time. */
  readonly random: RandomSource;
  /** The zone that Go calls `Local`, by its IANA name; UTC unless given. */
  readonly timeZone?: string;
  /** What `env` and `expandenv` read; without it templates do not have these functions. */
  readonly environment?: ReadonlyMap<string, string>;
}

/** The functions by name. They keep state (compiled expressions, a seeded source): make them once for each run. */
export function sprigFunctions(options: SprigOptions): FunctionMap {
  return new Map<string, GoFunction>([
    ...STRING_FUNCTIONS,
    ...NUMBER_FUNCTIONS,
    ...LIST_FUNCTIONS,
    ...DICT_FUNCTIONS,
    ...DEFAULT_FUNCTIONS,
    ...PATH_FUNCTIONS,
    ...VERSION_FUNCTIONS,
    ...regexFunctions(),
    ...dateFunctions(options),
    ...secretFunctions(options.random),
    ...certificateFunctions(options),
    ...(options.environment === undefined ? [] : environmentFunctions(options.environment)),
  ]);
}

function environmentFunctions(environment: ReadonlyMap<string, string>): [string, GoFunction][] {
  return [
    ['env', ofStrings(1, (name) => environment.get(name) ?? '')],
    [
      'expandenv',
      ofStrings(1, (text) =>
        text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-]))/g, (_, braced, bare) => {
          const name: string = braced ?? bare;
          return environment.get(name) ?? '';
        }),
      ),
    ],
  ];
}
