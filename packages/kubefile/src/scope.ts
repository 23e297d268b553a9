/** The variables that an instruction sees, and which one wins. */

import { formatPlatform, type Platform } from '@kubecrate/oci';

/** What looks up variables. */
export interface Scope {
  /** The value of a variable, or undefined where it has none. */
  lookup(name: string): string | undefined;
  /** What is known about a name that has no value. */
  explain(name: string): Absence;
}

/**
 * Why a name has no value. `declared`: an ARG without a value, which is no mistake; `unknown`: the base image may set it;
 * `undefined`: nothing sets it, with what may have been meant.
 */
export type Absence =
  | { readonly type: 'declared' | 'unknown' }
  | { readonly type: 'undefined'; readonly hint?: string; readonly names: Iterable<string> };

export interface ScopeOptions {
  /** The values given with the build. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The platform the image is built for. */
  readonly platform: Platform;
  /** The platform it is built on; `BUILDPLATFORM` and its like have no value without it. */
  readonly buildPlatform?: Platform;
}

/** The arguments that are there without an ARG of the file: in FROM, and by an ARG of the same name in a stage. */
export function automaticArgs(options: ScopeOptions): ReadonlyMap<string, string> {
  const { platform, buildPlatform } = options;
  const args = new Map([
    ['ARCH', platform.architecture],
    ...platformArgs('TARGET', platform),
    ...(buildPlatform === undefined ? [] : platformArgs('BUILD', buildPlatform)),
  ]);
  for (const name of args.keys()) {
    const given = buildArg(options, name);
    if (given !== undefined) args.set(name, given);
  }
  return args;
}

/** The value of a build argument that was given, whatever its name is. */
export function buildArg({ buildArgs }: ScopeOptions, name: string): string | undefined {
  return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
}

/** The names that {@link automaticArgs} may give. */
export const AUTOMATIC_ARGS: readonly string[] = [
  'ARCH',
  ...['TARGET', 'BUILD'].flatMap((prefix) => ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].map((part) => prefix + part)),
];

/** What FROM sees: the ARGs before it, and the automatic ones. */
export class MetaScope implements Scope {
  readonly #args: Map<string, string>;
  readonly #declared = new Set<string>();

  constructor(automatic: ReadonlyMap<string, string>) {
    this.#args = new Map(automatic);
  }

  declare(name: string, value: string | undefined): void {
    this.#declared.add(name);
    if (value !== undefined) this.#args.set(name, value);
  }

  lookup(name: string): string | undefined {
    return this.#args.get(name);
  }

  explain(name: string): Absence {
    if (this.#declared.has(name)) return { type: 'declared' };
    return { type: 'undefined', hint: `give it with ARG ${name} before FROM`, names: this.#args.keys() };
  }
}

/** What the instructions of a stage see: ENV first, then ARG, then `ARCH`. */
export class StageScope implements Scope {
  readonly #meta: MetaScope;
  readonly #env: Map<string, string>;
  readonly #args: Map<string, string | undefined>;
  readonly #base: 'known' | 'unknown';

  private constructor(
    meta: MetaScope,
    { env, args, base }: { env: Map<string, string>; args: Map<string, string | undefined>; base: 'known' | 'unknown' },
  ) {
    this.#meta = meta;
    this.#env = env;
    this.#args = args;
    this.#base = base;
  }

  /** The scope at the start of a stage whose base has this environment; undefined where it is not known yet. */
  static onBase(meta: MetaScope, environment: Readonly<Record<string, string>> | undefined): StageScope {
    const base = environment === undefined ? 'unknown' : 'known';
    return new StageScope(meta, { env: new Map(Object.entries(environment ?? {})), args: new Map(), base });
  }

  /** The scope at the start of a stage that goes on from another: it has all that was set there. */
  static onStage(meta: MetaScope, stage: StageScope): StageScope {
    return new StageScope(meta, { env: new Map(stage.#env), args: new Map(stage.#args), base: stage.#base });
  }

  setEnv(name: string, value: string): void {
    this.#env.set(name, value);
  }

  declareArg(name: string, value: string | undefined): void {
    this.#args.set(name, value);
  }

  /** The value an ARG of the stage takes over from before the first FROM. */
  inherited(name: string): string | undefined {
    return this.#meta.lookup(name);
  }

  lookup(name: string): string | undefined {
    return this.#env.get(name) ?? this.#args.get(name) ?? (name === 'ARCH' ? this.#meta.lookup(name) : undefined);
  }

  explain(name: string): Absence {
    if (this.#args.has(name)) return { type: 'declared' };
    if (this.#meta.lookup(name) !== undefined) {
      const hint = `repeat it in this stage: ARG ${name}`;
      return { type: 'undefined', hint, names: [] };
    }
    if (this.#base === 'unknown') return { type: 'unknown' };
    return { type: 'undefined', names: [...this.#args.keys(), ...this.#env.keys()] };
  }

  /** ENV, over ARG, as a command that runs in the stage gets it. */
  environment(): ReadonlyMap<string, string> {
    const args = [...this.#args].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    return new Map([...args, ...this.#env]);
  }

  /** ENV alone: what the image keeps. */
  imageEnvironment(): ReadonlyMap<string, string> {
    return new Map(this.#env);
  }
}

function platformArgs(prefix: string, platform: Platform): readonly [string, string][] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ];
}
