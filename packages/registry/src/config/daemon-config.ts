/** The keys of kubecrate's own configuration, named as in daemon.json, that say how registries are reached. */

import { KubecrateError } from '@kubecrate/errors';

export interface DaemonConfig {
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
  /** `insecure-skip-verify-enforce`: no certificate of any registry is checked. */
  readonly verification: 'strict' | 'skip';
}

/** Reads the text of a `config.json`; other keys are for others. @throws KubecrateError INVALID_CONFIG */
export function parseDaemonConfig(text: string, file: string): DaemonConfig {
  const refuse = (reason: string): never => {
    throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}: ${reason}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KubecrateError('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}: it is not JSON`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('it is no object');
  const fields = value as Readonly<Record<string, unknown>>;
  const strings = (name: string): readonly string[] => {
    const list = fields[name] ?? [];
    if (!Array.isArray(list)) return refuse(`${name} is not a list of strings`);
    return list.map((item) => (typeof item === 'string' ? item : refuse(`${name} is not a list of strings`)));
  };
  const skip = fields['insecure-skip-verify-enforce'] ?? false;
  if (typeof skip !== 'boolean') return refuse('insecure-skip-verify-enforce is not true or false');
  return {
    registryMirrors: strings('registry-mirrors'),
    insecureRegistries: strings('insecure-registries'),
    verification: skip ? 'skip' : 'strict',
  };
}
