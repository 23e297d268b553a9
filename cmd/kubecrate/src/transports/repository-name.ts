/** The name of an image in a registry directory, which knows repositories without their registry. */

import { KubecrateError } from '@kubecrate/errors';
import { isRepository, parseReference, tagOrDigest, withDefaultTag } from '@kubecrate/oci';

/** `library/mysql:8` is the tag `8` of the repository `library/mysql`. @throws KubecrateError USAGE, INVALID_REFERENCE */
export function repositoryName(
  name: string | undefined,
  text: string,
): { readonly repository: string; readonly reference: string } {
  if (name === undefined) {
    throw new KubecrateError('USAGE', `${JSON.stringify(text)} names no image`, {
      hint: 'append :REPOSITORY:TAG, for example :library/mysql:8',
    });
  }
  // Any registry would do: the name begins after it.
  const reference = withDefaultTag(parseReference(`localhost/${name}`));
  if (isRepository(reference.repository))
    return { repository: reference.repository, reference: tagOrDigest(reference) };
  throw new KubecrateError('INVALID_REFERENCE', `${JSON.stringify(name)} is no repository with a tag`);
}
