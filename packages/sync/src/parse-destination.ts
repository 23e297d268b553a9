/** Reads a destination of a rule, and holds it against the source. */

import { KubecrateError } from '@kubecrate/errors';
import { parseReference } from '@kubecrate/oci';
import { splitTags } from './parse-source.ts';
import type { Destination, Repository, Selector, Source } from './rule.ts';

/** Where a source goes whose destination is empty. */
export interface DefaultDestination {
  readonly registry?: string;
  readonly namespace?: string;
}

/**
 * `text` may name one tag for each tag of the source, or the digest of the source; an empty one means `defaults`.
 * @throws KubecrateError INVALID_REFERENCE, INVALID_ARGUMENT where source and destination do not fit
 */
export function parseDestination(text: string, source: Source, defaults: DefaultDestination): Destination {
  if (text === '') return { repository: defaultRepository(source.repository, defaults) };
  const { name, tags } = splitTags(text);
  const reference = parseReference(name);
  const repository = { domain: reference.domain, repository: reference.repository };
  const { selector } = source;
  if (reference.digest !== undefined) {
    if (selector.kind !== 'digest') {
      throw unfit(
        'the destination has a digest and the source has none',
        'an image is put under a digest only from that digest',
      );
    }
    if (selector.digest !== reference.digest) throw unfit('source and destination have different digests');
    return reference.tag === undefined ? { repository } : { repository, tags: [reference.tag] };
  }
  if (tags === undefined) return { repository };
  const wanted = countOf(selector);
  if (wanted !== undefined && wanted !== tags.length) {
    throw unfit(
      `the source has ${counted(wanted)} and the destination ${counted(tags.length)}`,
      'give none at the destination to keep them, or as many as the source has',
    );
  }
  return { repository, tags };
}

function counted(count: number): string {
  return count === 1 ? 'one tag' : `${count} tags`;
}

/** How many tags the source has; undefined where the registry has to be asked. */
function countOf(selector: Selector): number | undefined {
  if (selector.kind === 'tags') return selector.tags.length;
  return selector.kind === 'digest' ? 1 : undefined;
}

/** The first part of the path is the namespace that the default one stands in for. */
function defaultRepository({ repository }: Repository, { registry, namespace }: DefaultDestination): Repository {
  if (!registry || !namespace) {
    throw new KubecrateError('INVALID_ARGUMENT', 'the destination is empty and there is no default one', {
      hint: 'give --registry and --namespace, or set DEFAULT_REGISTRY and DEFAULT_NAMESPACE',
    });
  }
  const name = repository.includes('/') ? repository.slice(repository.indexOf('/') + 1) : repository;
  const reference = parseReference(`${registry}/${namespace}/${name}`);
  return { domain: reference.domain, repository: reference.repository };
}

function unfit(reason: string, hint?: string): KubecrateError {
  return new KubecrateError('INVALID_ARGUMENT', reason, hint === undefined ? {} : { hint });
}
