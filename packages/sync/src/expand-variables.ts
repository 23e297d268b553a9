/** `${NAME}` in values of configuration. */

import { KubecrateError } from '@kubecrate/errors';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Replaces each `${NAME}`; every other `$` stays as it is. @throws KubecrateError INVALID_CONFIG where a variable is not set */
export function expandVariables(text: string, environment: Environment): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = environment[name];
    if (value !== undefined) return value;
    throw new KubecrateError('INVALID_CONFIG', `variable ${name} is not set`, { hint: `set it: export ${name}=...` });
  });
}
