/**
 * Companions: what was found beside an image (signatures, SBOMs) and the tags it has there. A destination that forgets tags remembers
 * these, so that they are looked for when an image is new and not at every run.
 */

import { type Descriptor, digestOf, expectArray, expectObject, parseDescriptor, parseJsonObject } from '@kubecrate/oci';
import type { GraphContent, Tagged } from './copy-graph.ts';
import type { OperationOptions } from './target.ts';

export interface Companions extends GraphContent {
  readonly tags: readonly Tagged[];
}

/** A destination with a memory for companions, by the content that they were looked for. */
export interface CompanionKeeper {
  companionsOf(content: GraphContent, options?: OperationOptions): Promise<Companions | undefined>;
  keepCompanions(content: GraphContent, companions: Companions, options?: OperationOptions): Promise<void>;
}

/** What has a tag made from the digest of an image, `sha256-<hex>.sig`. */
export interface Companion extends Tagged {
  readonly subject: Descriptor;
  /** The names that the image gets, as `Tagger.tag` takes them. */
  readonly names: readonly string[];
}

/**
 * A destination of many repositories, where such a tag alone would name an image that nobody asked for: it keeps the companion with its
 * subject, under the repositories of the names, and finds referrers by their subject without an index of them.
 */
export interface CompanionTagger {
  tagCompanion(companion: Companion, options?: OperationOptions): Promise<void>;
}

export function isCompanionTagger<T extends object>(target: T): target is T & CompanionTagger {
  return 'tagCompanion' in target;
}

export function isCompanionKeeper<T extends object>(target: T): target is T & CompanionKeeper {
  return 'companionsOf' in target;
}

/** The name of a note about some content in a repository: equal for equal manifests, in any order. */
export function companionKey(repository: string, { manifests }: GraphContent): string {
  return digestOf(JSON.stringify([repository, ...manifests.map(({ digest }) => digest).sort()]));
}

export function formatCompanions({ manifests, blobs, tags }: Companions): string {
  return JSON.stringify({ manifests, blobs, tags });
}

/** @throws KubecrateError INVALID_MANIFEST */
export function parseCompanions(bytes: Uint8Array): Companions {
  const fields = parseJsonObject(bytes, 'companions');
  const descriptors = (name: string): readonly Descriptor[] =>
    expectArray(fields[name], `companions.${name}`).map((value, i) =>
      parseDescriptor(value, `companions.${name}[${i}]`),
    );
  const tags = expectArray(fields['tags'], 'companions.tags').map((value, i): Tagged => {
    const { tag, descriptor } = expectObject(value, `companions.tags[${i}]`);
    return { tag: String(tag), descriptor: parseDescriptor(descriptor, `companions.tags[${i}].descriptor`) };
  });
  return { manifests: descriptors('manifests'), blobs: descriptors('blobs'), tags };
}
