/** Putting something between a store and its user; the powers of the store stay visible to the type guards. */

/** A target that answers with `verbs` where they have the method, and with `target` for everything else. */
export function wrapping<T extends object>(target: T, verbs: Partial<T>): T {
  return new Proxy(target, {
    get(inner, name): unknown {
      const own: unknown = Reflect.get(verbs, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
}
