/** The images of one repository: what its tags name, what is there by its digest alone, and what is broken. */

import { successorsOf } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, type Digest, formatReference, isDigest } from '@kubecrate/oci';
import { type BrokenManifest, type FoundManifest, PULL_AGAIN, type WholeManifest } from './manifest-file.ts';
import type { KubekeyRepositoryName } from './paths.ts';
import type { ManifestsFolder } from './read-folder.ts';
import { conflictBetween } from './read-tag.ts';

/** An image as it is called: by its tag, or by its digest where no tag has it and no index contains it. */
export interface KubekeyName extends KubekeyRepositoryName {
  readonly tag?: string;
  readonly digest?: Digest;
  /** `docker.io/library/nginx:1.25`; the repository alone where its tags cannot be known. */
  readonly name: string;
  /** The same with the folder it lies in, as KubeKey itself spells it: `registry-1.docker.io/library/nginx:1.25`. */
  readonly spellings: readonly string[];
}

export interface KubekeyImage extends KubekeyName {
  readonly descriptor: Descriptor;
}

/** An image that cannot be read, with the file that is why. */
export interface BrokenImage extends KubekeyName, Pick<BrokenManifest, 'kind' | 'path' | 'error'> {}

/** One repository, in every folder in which it lies. */
export interface KubekeyRepositoryContents {
  readonly name: KubekeyRepositoryName;
  readonly folders: readonly ManifestsFolder[];
  readonly images: readonly KubekeyImage[];
  readonly broken: readonly BrokenImage[];
}

export function repositoryContents(
  name: KubekeyRepositoryName,
  folders: readonly ManifestsFolder[],
): KubekeyRepositoryContents {
  const images: KubekeyImage[] = [];
  const broken: BrokenImage[] = [];
  const add = (reference: { readonly tag?: string; readonly digest?: Digest }, found: FoundManifest): void => {
    const called = nameOf(name, folders, reference);
    if (found.state === 'whole') images.push({ ...called, descriptor: found.descriptor });
    else broken.push({ ...called, kind: found.kind, path: found.path, error: found.error });
  };
  const untagged = untaggedManifests(folders);
  for (const tag of new Set(folders.flatMap(({ tags }) => [...tags.keys()]))) {
    const found = tagged(folders, tag);
    add({ tag }, found.state === 'whole' ? checked(found, folders, untagged) : found);
  }
  const layouts = folders.flatMap(({ layout }) => layout ?? []);
  for (const layout of layouts) add({}, layout);
  // Without the list of tags, what is there by its digest may be an image of any of them.
  if (layouts.length === 0) for (const [digest, found] of untagged) add({ digest }, found);
  return { name, folders, images, broken };
}

function nameOf(
  name: KubekeyRepositoryName,
  folders: readonly ManifestsFolder[],
  reference: { readonly tag?: string; readonly digest?: Digest },
): KubekeyName {
  const whole = formatReference({ ...name, ...reference });
  const suffix = reference.tag ?? reference.digest;
  const spelled = [name.domain, ...folders.map(({ folder }) => folder)].map(
    (folder) => `${folder}/${name.repository}${suffix === undefined ? '' : `:${suffix}`}`,
  );
  return { ...name, ...reference, name: whole, spellings: [...new Set([whole, ...spelled])] };
}

/** What every folder that has the tag agrees on. */
function tagged(folders: readonly ManifestsFolder[], tag: string): FoundManifest {
  const found = folders.flatMap(({ tags }) => tags.get(tag) ?? []);
  const whole = found.filter((each) => each.state === 'whole');
  const answer = found.find((each) => each.state === 'broken') ?? conflictBetween(whole) ?? whole[0];
  if (answer === undefined) throw new KubecrateError('NOT_FOUND', `no folder has the tag ${JSON.stringify(tag)}`);
  return answer;
}

/** What is there by its digest, is no tag's, and is in no index: images that were pulled by their digest. */
function untaggedManifests(folders: readonly ManifestsFolder[]): Map<Digest, FoundManifest> {
  const needed = new Set<Digest>();
  for (const { tags, digests, layout } of folders) {
    for (const found of [...tags.values(), ...digests.values(), ...(layout === undefined ? [] : [layout])])
      for (const digest of partsOf(found)) needed.add(digest);
    for (const found of tags.values()) for (const digest of namedBy(found)) needed.add(digest);
  }
  const untagged = new Map<Digest, FoundManifest>();
  for (const { digests } of folders)
    for (const [digest, found] of digests)
      if (!needed.has(digest) && untagged.get(digest)?.state !== 'broken') untagged.set(digest, found);
  return untagged;
}

/** What a tag names; a list of tags names it even where its file is broken. */
function namedBy(found: FoundManifest): readonly Digest[] {
  if (found.state === 'whole') return [found.descriptor.digest];
  return [found.path.slice(found.path.lastIndexOf('/') + 1)].filter(isDigest);
}

function partsOf(found: FoundManifest): Iterable<Digest> {
  return found.state === 'whole' ? successorsOf(found.manifest).manifests.map(({ digest }) => digest) : found.mentions;
}

/**
 * A tag file that was altered and still is a manifest. We write every manifest by its digest too; KubeKey up to 4.0.3 does not for what
 * is tagged. So one without a tag that has the very same parts as a tag file without its digest is what that one was.
 */
function checked(
  found: WholeManifest,
  folders: readonly ManifestsFolder[],
  untagged: Map<Digest, FoundManifest>,
): FoundManifest {
  const { path, descriptor } = found;
  if (folders.some(({ digests }) => digests.has(descriptor.digest))) return found;
  const original = [...untagged.values()].find((each) => each.state === 'whole' && allParts(each) === allParts(found));
  if (original?.state !== 'whole') return found;
  untagged.delete(original.descriptor.digest);
  const what = `${JSON.stringify(path)} was altered: its digest is ${descriptor.digest}, not that of ${JSON.stringify(original.path)}`;
  const error = new KubecrateError('DIGEST_MISMATCH', what, { hint: PULL_AGAIN });
  return { state: 'broken', kind: 'corrupt', path, error, mentions: new Set() };
}

function allParts({ manifest }: WholeManifest): string {
  const { manifests, blobs } = successorsOf(manifest);
  return [...manifests, ...blobs].map(({ digest }) => digest).join();
}
