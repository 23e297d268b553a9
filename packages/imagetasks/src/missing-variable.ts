/** A variable that is not set: templates may ask whether it is there, and give a default; nothing else. */

import { KubecrateError } from '@kubecrate/errors';
import { GoError, type GoFunction, type GoMethod, type GoValue, Typed } from '@kubecrate/gotemplate';

/** What stands for the variable `key`. It is empty, its fields are missing as it is, and it fails where it becomes text. */
export function missingVariable(key: string): GoValue {
  const refuse = (): never => {
    throw new GoError(reasonOf(key));
  };
  // toJson and its like take an error of Go for an empty text.
  const refuseEncoding = (): never => {
    throw new KubecrateError('INVALID_TEMPLATE', reasonOf(key));
  };
  const methods = new AnyField({ params: [], run: (self) => self });
  return new Typed(
    { name: `${MARK}${JSON.stringify(key)}`, kind: 'invalid', methods, text: refuse, encoded: refuseEncoding },
    null,
  );
}

/** The name of the missing variable in a message about a value of its type, or what a missing key is called. */
export function missingIn(reason: string): string | undefined {
  const at = reason.indexOf(MARK);
  const [, name] = /^("(?:[^"\\]|\\.)*")/.exec(at === -1 ? '' : reason.slice(at + MARK.length)) ?? [];
  if (name !== undefined) return reasonOf(JSON.parse(name) as string);
  return /map has no entry for key "(?:[^"\\]|\\.)*"/.exec(reason)?.[0];
}

/** A function as templates call it: a missing variable is refused, unless the function asks whether something is there. */
export function refusingMissing(name: string, fn: GoFunction): GoFunction {
  const own = ASKING.get(name);
  if (own !== undefined) return { ...fn, params: own.params, run: (args, call) => own.run(args) ?? fn.run(args, call) };
  if (name === 'coalesce') return { ...fn, run: (args, call) => fn.run(args, call) ?? args.find(isMissing) ?? null };
  if (TOLERANT.has(name)) return fn;
  return {
    ...fn,
    run: (args, call) => {
      const missing = args.find(isMissing);
      if (missing instanceof Typed) throw new GoError(missing.type.name);
      return fn.run(args, call);
    },
  };
}

function isMissing(value: GoValue | undefined): boolean {
  return value instanceof Typed && value.type.name.startsWith(MARK);
}

const MARK = 'missing variable ';

function reasonOf(key: string): string {
  return `map has no entry for key ${JSON.stringify(key)}`;
}

/** What takes a value that is not there for empty, or only keeps it. */
const TOLERANT: ReadonlySet<string> = new Set([
  ...['default', 'empty', 'all', 'any', 'kindIs', 'typeIs', 'typeIsLike'],
  ...['list', 'tuple', 'dict', 'not'],
]);

/** Tests whose parameters have types: what is not there is a map without the key, and a condition that does not hold. */
const ASKING: ReadonlyMap<
  string,
  { readonly params: readonly string[]; run(args: readonly GoValue[]): GoValue | undefined }
> = new Map([
  [
    'hasKey',
    {
      params: ['interface {}', 'string'],
      run: ([map]) => {
        if (isMissing(map)) return false;
        if (map instanceof Map) return undefined;
        throw new GoError('hasKey takes a map and a key');
      },
    },
  ],
  [
    'ternary',
    {
      params: ['interface {}', 'interface {}', 'interface {}'],
      run: ([, whenFalse = null, condition = null]) => {
        if (isMissing(condition)) return whenFalse;
        if (typeof condition === 'boolean') return undefined;
        throw new GoError('the condition of ternary should be true or false');
      },
    },
  ],
]);

/** Every field of what is missing is missing. */
class AnyField extends Map<string, GoMethod> {
  readonly #method: GoMethod;

  constructor(method: GoMethod) {
    super();
    this.#method = method;
  }

  override get(): GoMethod {
    return this.#method;
  }
}
