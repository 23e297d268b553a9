/** Scopes of the token protocol, `repository:library/mysql:pull,push` (distribution, "Token Scope Documentation"). */

export type Scope = string;

export function pullScope(repository: string): Scope {
  return `repository:${repository}:pull`;
}

export function pushScope(repository: string): Scope {
  return `repository:${repository}:pull,push`;
}

export function deleteScope(repository: string): Scope {
  return `repository:${repository}:delete,pull`;
}

export const CATALOG_SCOPE: Scope = 'registry:catalog:*';

/** Several lists of scopes as one: each resource once with all its actions, in ascending order of their names. */
export function mergeScopes(...lists: readonly (readonly Scope[])[]): readonly Scope[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of lists.flat()) {
    const colon = scope.lastIndexOf(':');
    const resource = colon === -1 ? scope : scope.slice(0, colon);
    const set = actions.get(resource) ?? new Set();
    for (const action of colon === -1 ? [] : scope.slice(colon + 1).split(',')) if (action !== '') set.add(action);
    actions.set(resource, set);
  }
  return [...actions].map(([resource, set]) =>
    set.size === 0 ? resource : `${resource}:${[...set].sort().join(',')}`,
  );
}
