/** Reads image-syncer's older single file, `{ auth: {...}, images: {...} }`. */

import { checkKeys, Faults, type MapNode, readMap } from '@kubecrate/documents';
import { readDocument } from './config-document.ts';
import type { AuthEntry } from './credentials.ts';
import { authOf } from './read-auth.ts';
import { type RuleOptions, rulesOf } from './read-rules.ts';
import type { RuleSet } from './rule.ts';

export interface SyncConfig extends RuleSet {
  readonly auth: readonly AuthEntry[];
}

/** @throws KubecrateError INVALID_CONFIG that names every fault with its line, and no secret */
export async function readConfig(text: string, file: string, options: RuleOptions): Promise<SyncConfig> {
  const faults = new Faults(file);
  const root = await readDocument(text, faults);
  checkKeys(root, ['auth', 'images'], faults);
  const part = (key: string): MapNode | undefined => {
    const entry = root.entries.find((candidate) => candidate.key === key);
    return entry === undefined ? undefined : readMap(entry.value, key, faults);
  };
  const images = part('images');
  const auth = part('auth');
  if (images === undefined && faults.count === 0) faults.at(root.line, 'it has no images');
  const config = {
    ...(images === undefined ? { rules: [], failed: [] } : rulesOf(images, faults, options)),
    auth: auth === undefined ? [] : authOf(auth, faults, options.environment),
  };
  faults.throwIfAny('INVALID_CONFIG', `cannot read ${JSON.stringify(file)}`);
  return config;
}
