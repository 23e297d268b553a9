/** A store that remembers what it was asked. */

/** One call of a verb, with the digest or the tag it was about. */
export interface Call {
  readonly verb: string;
  readonly subject: string;
}

export interface Counting<T extends object> {
  readonly target: T;
  /** In the order of the calls. */
  readonly calls: readonly Call[];
  /** The subjects of the calls of one verb: `subjectsOf('push')`. */
  subjectsOf(verb: keyof T & string): readonly string[];
}

/** Counts every call of every verb, those of optional powers too. */
export function counting<T extends object>(target: T): Counting<T> {
  const calls: Call[] = [];
  const counted = new Proxy(target, {
    get(inner, name): unknown {
      const value: unknown = Reflect.get(inner, name, inner);
      if (typeof value !== 'function') return value;
      return (...values: readonly unknown[]): unknown => {
        calls.push({ verb: String(name), subject: subjectOf(values[0]) });
        return Reflect.apply(value, inner, values);
      };
    },
  });
  const subjectsOf = (verb: string): readonly string[] =>
    calls.filter((call) => call.verb === verb).map(({ subject }) => subject);
  return { target: counted, calls, subjectsOf };
}

function subjectOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'digest' in value) return String(value.digest);
  return typeof value === 'string' ? value : '';
}
