/** Rules to copies: every tag that is meant, before anything moves. */

import { KubecrateError, redactName } from '@kubecrate/errors';
import { isTag, type Reference } from '@kubecrate/oci';
import type { FailedRule, Repository, Rule } from './rule.ts';

/** One manifest to bring from a registry to another. */
export interface SyncCopy {
  readonly rule: Rule;
  readonly source: Reference;
  readonly destination: Repository;
  /** None for an image that is known by its digest alone. */
  readonly tags: readonly string[];
}

export interface Expansion {
  /** In the order of the rules, tags in ascending order. */
  readonly copies: readonly SyncCopy[];
  readonly failed: readonly FailedRule[];
  /** Rules that stand for no tag at all: an empty repository, an expression that is found in none. */
  readonly empty: readonly Rule[];
}

/** Lists the tags of a repository. */
export type ListTags = (repository: Repository) => AsyncIterable<string>;

/** Lists the tags that rules without tags need, once a repository, and expands all rules. */
export async function expandRules(
  rules: readonly Rule[],
  listTags: ListTags,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Expansion> {
  options.signal?.throwIfAborted();
  const listings = new Map<string, Promise<readonly string[]>>();
  const tagsOf = (repository: Repository): Promise<readonly string[]> => {
    const name = `${repository.domain}/${repository.repository}`;
    const listing = listings.get(name) ?? collect(listTags(repository));
    listings.set(name, listing);
    return listing;
  };
  const expanded = await Promise.all(
    rules.map(async (rule) => {
      try {
        return { rule, copies: await expandRule(rule, tagsOf) };
      } catch (error) {
        return { rule, copies: [], error };
      }
    }),
  );
  options.signal?.throwIfAborted();
  return {
    copies: expanded.flatMap(({ copies }) => copies),
    failed: expanded.flatMap((one) => ('error' in one ? [{ rule: one.rule, error: one.error }] : [])),
    empty: expanded.flatMap((one) => ('error' in one || one.copies.length > 0 ? [] : [one.rule])),
  };
}

async function collect(tags: AsyncIterable<string>): Promise<readonly string[]> {
  const list: string[] = [];
  for await (const tag of tags) if (isTag(tag)) list.push(tag);
  return list.sort();
}

async function expandRule(
  rule: Rule,
  tagsOf: (repository: Repository) => Promise<readonly string[]>,
): Promise<readonly SyncCopy[]> {
  const { repository, selector } = rule.source;
  const { repository: destination, tags: renamed } = rule.destination;
  if (selector.kind === 'digest') {
    const { digest, tag } = selector;
    const source = { ...repository, ...(tag === undefined ? {} : { tag }), digest };
    return [{ rule, source, destination, tags: renamed ?? (tag === undefined ? [] : [tag]) }];
  }
  const tags = selector.kind === 'tags' ? selector.tags : (await tagsOf(repository)).filter(matcher(rule));
  if (tags.length > 0 && renamed !== undefined && renamed.length !== tags.length)
    throw countMismatch(rule, tags, renamed);
  return tags.map((tag, index) => ({
    rule,
    source: { ...repository, tag },
    destination,
    tags: [renamed?.[index] ?? tag],
  }));
}

function matcher({ source: { selector } }: Rule): (tag: string) => boolean {
  return selector.kind === 'pattern' ? (tag) => selector.pattern.matcher(tag).find() : () => true;
}

function countMismatch(rule: Rule, tags: readonly string[], renamed: readonly string[]): KubecrateError {
  const shown = tags.length > 5 ? `${tags.slice(0, 5).join(', ')}, ...` : tags.join(', ');
  return new KubecrateError(
    'INVALID_ARGUMENT',
    `${rule.file}:${rule.line}: rule ${JSON.stringify(redactName(rule.text))}: the source stands for ${tags.length} tags (${shown}) and the destination names ${renamed.length}`,
    { hint: 'name no tag at the destination to keep those of the source' },
  );
}
