/**
 * Companions: entries of what has a tag made from the digest of an image (`sha256-<hex>.sig`), kept under the repositories of that image.
 * They are no images: the annotation of their subject says so.
 */

import { type Companion, subjectOfTag } from '@kubecrate/content';
import type { Descriptor } from '@kubecrate/oci';
import { formatReference, parseReference } from '@kubecrate/oci';
import { named, nameOf, unnamed } from '@kubecrate/stores';
import { isImageEntry, SUBJECT_ANNOTATION } from './entries.ts';

type Entries = readonly Descriptor[];

/** The entries with those of a companion, in place of what had its names: one for each repository. */
export function withCompanion(entries: Entries, { tag, descriptor, subject, names }: Companion): Entries {
  const { mediaType, digest, size } = descriptor;
  const entry = { mediaType, digest, size, annotations: { [SUBJECT_ANNOTATION]: subject.digest } };
  const places = new Set(names.map((name) => nameIn(name, tag)));
  // The tag alone, where the image has no name either.
  const added = [...(places.size === 0 ? [tag] : places)].map((name) => named(entry, name));
  const replaced = new Set(added.map(nameOf));
  return [...entries.filter((other) => isImageEntry(other) || !replaced.has(nameOf(other))), ...added];
}

/**
 * What a tag like `sha256-<hex>.sig` means in the repository of `name`, else in any: one that is known under another name of its image
 * is said of the same content.
 */
export function companionTagged(entries: Entries, tag: string, name: string | undefined): Descriptor | undefined {
  if (subjectOfTag(tag) === undefined) return undefined;
  const found = entries.filter((entry) => !isImageEntry(entry) && tagOf(nameOf(entry) ?? '') === tag);
  const own = name === undefined ? undefined : nameIn(name, tag);
  const entry = found.find((one) => nameOf(one) === own) ?? found.at(-1);
  return entry === undefined ? undefined : unannotated(entry);
}

/** Entries as older versions wrote them, where such a tag alone became the name of an image (`docker.io/library/sha256-<hex>.sig:latest`). */
export function withKnownCompanions(entries: Entries): Entries {
  return entries.map((entry) => {
    const [, tag] = MISTAKEN.exec(nameOf(entry) ?? '') ?? [];
    const subject = tag === undefined ? undefined : subjectOfTag(tag);
    if (tag === undefined || subject === undefined || !isImageEntry(entry)) return entry;
    const { annotations } = unnamed(entry);
    return named({ ...unnamed(entry), annotations: { ...annotations, [SUBJECT_ANNOTATION]: subject } }, tag);
  });
}

const MISTAKEN = /^docker\.io\/library\/(sha(?:256|512)-[0-9a-f]+(?:\.[a-z]+)?):latest$/;

/** `tag` in the repository of an image. */
function nameIn(name: string, tag: string): string {
  const { domain, repository } = parseReference(name);
  return formatReference({ domain, repository, tag });
}

function tagOf(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

function unannotated({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
