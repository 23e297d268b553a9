/** Choosing a version of a chart among the tags of its repository, as Helm does. */

import { chartTag, versionOfTag } from '@kubecrate/charts';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import {
  type Constraints,
  compareVersions,
  GoError,
  parseConstraints,
  parseVersion,
  satisfies,
  type Version,
} from '@kubecrate/gotemplate';
import { formatReference, isTag, type Reference } from '@kubecrate/oci';

/**
 * The tag for a version; for a range, that of the highest version in it; for none, that of the highest release.
 * @throws NotFoundError where no tag is in the range; KubecrateError INVALID_ARGUMENT for what is neither a version nor a range
 */
export async function chooseTag(
  chart: Reference,
  version: string | undefined,
  tags: () => AsyncIterable<string>,
): Promise<string> {
  if (version !== undefined && EXACT.test(version) && isTag(chartTag(version))) return chartTag(version);
  const range = rangeOf(version ?? '*');
  let highest: { readonly tag: string; readonly version: Version } | undefined;
  for await (const tag of tags()) {
    const found = versionOf(tag);
    if (found === undefined || !satisfies(found, range)) continue;
    if (highest === undefined || compareVersions(found, highest.version) > 0) highest = { tag, version: found };
  }
  if (highest !== undefined) return highest.tag;
  const what = version === undefined ? 'release' : `version ${version}`;
  throw new NotFoundError(`${formatReference(chart)} has no ${what} of a chart`, {
    hint: 'look at its tags, or give another --version',
  });
}

/** A whole version; anything shorter is a range, as in Helm. */
const EXACT = /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

function rangeOf(text: string): Constraints {
  try {
    return parseConstraints(text);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    throw new KubecrateError('INVALID_ARGUMENT', `--version ${JSON.stringify(text)} is no version and no range`, {
      cause: error,
    });
  }
}

function versionOf(tag: string): Version | undefined {
  try {
    return parseVersion(versionOfTag(tag));
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
