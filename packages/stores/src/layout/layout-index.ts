/** `index.json` of an OCI image layout (image-spec image-layout.md) and the names in it. */

import { KubecrateError } from '@kubecrate/errors';
import {
  algorithmOf,
  type Descriptor,
  type Digest,
  expectArray,
  formatReference,
  hexOf,
  MEDIA_TYPES,
  parseDescriptor,
  parseJsonObject,
  parseReference,
  withDefaultTag,
} from '@kubecrate/oci';

/** `oci-layout`, whose content is fixed. */
export const LAYOUT_FILE = 'oci-layout';
export const LAYOUT_TEXT: string = JSON.stringify({ imageLayoutVersion: '1.0.0' });
export const INDEX_FILE = 'index.json';

/** Indexes of layouts larger than this are refused. Bytes. */
export const MAX_INDEX_SIZE: number = 64 * 1024 * 1024;

/** The two annotations that name an image: the first is what skopeo, podman and oras look for, the second what containerd does. */
export const REF_NAME = 'org.opencontainers.image.ref.name';
export const IMAGE_NAME = 'io.containerd.image.name';

/** A manifest that a layout or an archive holds, with all its names; an image may have none. */
export interface NamedImage {
  readonly descriptor: Descriptor;
  readonly names: readonly string[];
}

/** Where a layout keeps content, relative to its directory. */
export function layoutBlobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** The entries of `index.json`, as they are. @throws KubecrateError INVALID_MANIFEST */
export function parseLayoutIndex(bytes: Uint8Array): readonly Descriptor[] {
  const fields = parseJsonObject(bytes, INDEX_FILE);
  return expectArray(fields['manifests'] === null ? [] : fields['manifests'], `${INDEX_FILE}.manifests`).map(
    (entry, i) => parseDescriptor(entry, `${INDEX_FILE}.manifests[${i}]`),
  );
}

export function formatLayoutIndex(entries: readonly Descriptor[]): string {
  return `${JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: entries }, undefined, 2)}\n`;
}

/** @throws KubecrateError INVALID_ARCHIVE where `text` of the file `oci-layout` is of a version that is not known */
export function checkLayoutVersion(bytes: Uint8Array, where: string): void {
  const { imageLayoutVersion: version } = parseJsonObject(bytes, LAYOUT_FILE);
  if (version === '1.0.0') return;
  throw new KubecrateError(
    'INVALID_ARCHIVE',
    `cannot read the OCI layout ${JSON.stringify(where)}: its version is ${JSON.stringify(version)}, not "1.0.0"`,
  );
}

/** The name of an entry: the whole reference where it is known, else what the layout calls it. */
export function nameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[IMAGE_NAME] ?? entry.annotations?.[REF_NAME];
}

/** An entry without its names. */
export function unnamed({ annotations, ...descriptor }: Descriptor): Descriptor {
  const others = Object.entries(annotations ?? {}).filter(([key]) => key !== REF_NAME && key !== IMAGE_NAME);
  return others.length === 0 ? descriptor : { ...descriptor, annotations: Object.fromEntries(others) };
}

/** An entry under a name: a whole reference (in both annotations), or a tag alone. */
export function named(descriptor: Descriptor, name: string): Descriptor {
  const reference = wholeReference(name);
  const names = reference === undefined ? { [REF_NAME]: name } : { [REF_NAME]: reference, [IMAGE_NAME]: reference };
  return { ...unnamed(descriptor), annotations: { ...unnamed(descriptor).annotations, ...names } };
}

/** Entries grouped by what they name, in their order. */
export function imagesOf(entries: readonly Descriptor[]): readonly NamedImage[] {
  const images = new Map<Digest, { descriptor: Descriptor; names: string[] }>();
  for (const entry of entries) {
    const image = images.get(entry.digest) ?? { descriptor: unnamed(entry), names: [] };
    images.set(entry.digest, image);
    const name = nameOf(entry);
    if (name !== undefined && !image.names.includes(name)) image.names.push(name);
  }
  return [...images.values()];
}

/**
 * The entries that `name` means: those it names exactly, else those whose reference is the same when spelled out
 * (`alpine:3` and `docker.io/library/alpine:3`).
 */
export function entriesNamed(entries: readonly Descriptor[], name: string): readonly Descriptor[] {
  const exact = entries.filter(
    ({ annotations }) => annotations?.[REF_NAME] === name || annotations?.[IMAGE_NAME] === name,
  );
  if (exact.length > 0) return exact;
  const reference = spelledOut(name);
  return reference === undefined ? [] : entries.filter((entry) => spelledOut(nameOf(entry) ?? '') === reference);
}

/** A name with more than a tag, in full; undefined for a tag alone and for what is no reference. */
function wholeReference(name: string): string | undefined {
  return /[/:@]/.test(name) ? spelledOut(name) : undefined;
}

function spelledOut(name: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(name)));
  } catch (error) {
    if (error instanceof KubecrateError && error.code === 'INVALID_REFERENCE') return undefined;
    throw error;
  }
}
