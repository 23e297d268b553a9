/** Changes to the entries of the index, as values. */

import type { Descriptor, Digest } from '@kubecrate/oci';
import { entriesNamed, nameOf, unnamed } from '@kubecrate/stores';

type Entries = readonly Descriptor[];

/** The annotation of an entry that is no image but says something about one (a signature, an SBOM): the digest of that image. */
export const SUBJECT_ANNOTATION = 'io.kubecrate.subject';

export function isImageEntry({ annotations }: Descriptor): boolean {
  return annotations?.[SUBJECT_ANNOTATION] === undefined;
}

/** True for an image without a name. */
export function isUnnamedImage(entry: Descriptor): boolean {
  return isImageEntry(entry) && nameOf(entry) === undefined;
}

/** True for what says something about content that is among `digests`. */
export function refersTo({ annotations }: Descriptor, digests: ReadonlySet<Digest>): boolean {
  const all: ReadonlySet<string> = digests;
  return all.has(annotations?.[SUBJECT_ANNOTATION] ?? '');
}

/** The entries of a name, most often one. */
export function imageEntriesNamed(entries: Entries, name: string): Entries {
  return entriesNamed(entries.filter(isImageEntry), name);
}

/**
 * With one more entry. Its name is taken from whatever had it, and an image that loses its last name stays without one;
 * an image that has a name needs no entry without.
 */
export function withEntry(entries: Entries, entry: Descriptor): Entries {
  const name = nameOf(entry);
  if (name === undefined) return withImage(entries, entry);
  const renamed = imageEntriesNamed(entries, name);
  const others = entries.filter(
    (other) => !renamed.includes(other) && !(isUnnamedImage(other) && other.digest === entry.digest),
  );
  return renamed.reduce<Entries>(withImage, [...others, entry]);
}

/** Without these entries; the images stay, without a name if that was their last. */
export function withoutNames(entries: Entries, gone: Entries): Entries {
  return gone.reduce<Entries>(
    withImage,
    entries.filter((entry) => !gone.includes(entry)),
  );
}

/** With an image in the list, whatever it is called. */
function withImage(entries: Entries, image: Descriptor): Entries {
  const isListed = entries.some((entry) => isImageEntry(entry) && entry.digest === image.digest);
  return isListed ? entries : [...entries, unnamed(image)];
}
