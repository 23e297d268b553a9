/** Reads the source of a rule: `repository`, `:tag`, `:tag1,tag2`, `@digest`, or `:/expression/`. */

import { KubecrateError, messageOf, redactName } from '@kubecrate/errors';
import { isTag, parseReference, type Reference } from '@kubecrate/oci';
import { RE2JS } from 're2js';
import type { Selector, Source } from './rule.ts';

/** @throws KubecrateError INVALID_REFERENCE, INVALID_ARGUMENT */
export function parseSource(text: string): Source {
  const slash = /^[a-z]+:\/\//i.test(text) ? -1 : text.indexOf(':/');
  if (slash !== -1) {
    const { repository } = splitReference(parseReference(text.slice(0, slash)));
    return { repository, selector: parsePattern(text.slice(slash + 1)) };
  }
  const { name, tags } = splitTags(text);
  const reference = parseReference(name);
  const { repository } = splitReference(reference);
  return { repository, selector: selectorOf(reference, tags) };
}

/** A name without its tags, and the tags after its last colon; undefined where it has none. */
export function splitTags(text: string): { readonly name: string; readonly tags: readonly string[] | undefined } {
  const colon = text.includes('@') ? -1 : text.lastIndexOf(':');
  const isTagged = colon !== -1 && !text.slice(colon).includes('/') && !text.endsWith('://');
  if (!isTagged) {
    if (text.includes(',')) throw refusal(text, 'a list of tags needs a colon before it', 'for example name:1.0,1.1');
    return { name: text, tags: undefined };
  }
  const tags = text
    .slice(colon + 1)
    .split(',')
    .map((tag) => tag.trim());
  for (const tag of tags) {
    if (tag === '') throw refusal(text, 'one of its tags is empty', 'take out the comma that has no tag beside it');
    if (!isTag(tag)) throw refusal(text, `${JSON.stringify(tag)} is no tag`);
  }
  const name = text.slice(0, colon);
  if (/:[^/]*$/.test(name) && name.includes('/'))
    throw refusal(text, 'it has two tags', 'write a list of them with commas');
  return { name, tags };
}

function splitReference({ domain, repository }: Reference): Pick<Source, 'repository'> {
  return { repository: { domain, repository } };
}

function selectorOf({ tag, digest }: Reference, tags: readonly string[] | undefined): Selector {
  if (digest !== undefined) return { kind: 'digest', digest, ...(tag === undefined ? {} : { tag }) };
  return tags === undefined ? { kind: 'all' } : { kind: 'tags', tags };
}

function parsePattern(text: string): Selector {
  if (text.length < 2 || !text.endsWith('/')) {
    throw refusal(
      text,
      'an expression for tags begins and ends with "/"',
      `did you mean ${JSON.stringify(`${text}/`)}?`,
    );
  }
  const expression = text.slice(1, -1);
  try {
    return { kind: 'pattern', pattern: RE2JS.compile(expression), text: expression };
  } catch (cause) {
    throw new KubecrateError('INVALID_ARGUMENT', `cannot read the expression ${text}: ${messageOf(cause)}`, {
      cause,
      hint: 'expressions are those of Go (RE2): https://github.com/google/re2/wiki/Syntax',
    });
  }
}

function refusal(text: string, reason: string, hint?: string): KubecrateError {
  const message = `cannot read ${JSON.stringify(redactName(text))}: ${reason}`;
  return new KubecrateError('INVALID_REFERENCE', message, hint === undefined ? {} : { hint });
}
