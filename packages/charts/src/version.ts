/** Versions and ranges of versions, by the rules of Masterminds' semver that Helm goes by. */

import { GoError, parseConstraints, parseVersion, satisfies } from '@kubecrate/gotemplate';

/** True for a version; `v1.2` is one. */
export function isVersion(text: string): boolean {
  return holds(() => {
    parseVersion(text);
    return true;
  });
}

/** True where the version is in the range; false also where either cannot be read. */
export function isInRange(range: string, version: string): boolean {
  return holds(() => satisfies(parseVersion(version), parseConstraints(range)));
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof GoError) return false;
    throw error;
  }
}
