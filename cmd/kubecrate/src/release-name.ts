/** The name of a release. */

import { KubecrateError } from '@kubecrate/errors';

/** Gives the name back. @throws KubecrateError USAGE for what Helm takes for no name */
export function requireReleaseName(name: string): string {
  if (RELEASE_NAME.test(name) && name.length <= 53) return name;
  const problem =
    name === ''
      ? 'no name provided'
      : `invalid release name, must match regex ${RELEASE_NAME.source} and the length must not be longer than 53`;
  throw new KubecrateError('USAGE', `release name ${JSON.stringify(name)}: ${problem}`, {
    hint: 'lower-case letters, digits, "-" and ".", at most 53 of them',
  });
}

/** As Helm has it (pkg/chartutil/validate_name.go). */
const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
