/** Signatures, SBOMs and other artifacts that speak of an image, taken along with it. */

import { Readable } from 'node:stream';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import { algorithmOf, type Descriptor, descriptorOf, hexOf, isManifestMediaType, MEDIA_TYPES } from '@kubecrate/oci';
import { copyGraph, type GraphContent, type GraphCopy, type Tagged } from './copy-graph.ts';
import type { CopyRun } from './copy-run.ts';
import { isHosted, isReferrerLister, isTagLister } from './powers.ts';
import { readManifest } from './read-content.ts';
import type { OperationOptions, ReadOnlyTarget, Target } from './target.ts';

/** What was found to refer to a graph, and the tags under which the destination keeps it. */
export interface ReferrerContent extends GraphContent {
  readonly tags: readonly Tagged[];
}

/** A signature of an SBOM of a signature: nobody goes further. */
const MAX_DEPTH = 4;

/** cosign's names beside the image, `sha256-<hex>.sig` (cosign, SIGNATURE_SPEC.md). */
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom'];

/** Copies what refers to `subjects`; the platforms of a graph do not matter to its signatures. */
export async function copyReferrers(
  run: CopyRun,
  graph: GraphCopy,
  subjects: readonly Descriptor[],
): Promise<ReferrerContent> {
  const found = await Promise.all(
    subjects.map((subject) => copyReferrersOf(run, { ...graph, platforms: undefined }, subject, 1)),
  );
  return join(found);
}

async function copyReferrersOf(
  run: CopyRun,
  graph: GraphCopy,
  subject: Descriptor,
  depth: number,
): Promise<ReferrerContent> {
  if (depth > MAX_DEPTH) return EMPTY;
  const [listed, named] = await Promise.all([copyListed(run, graph, subject, depth), copyNamed(run, graph, subject)]);
  return join([listed, named]);
}

/** What the source lists as referrers; stock registries find it at the destination by the fallback tag. */
async function copyListed(
  run: CopyRun,
  graph: GraphCopy,
  subject: Descriptor,
  depth: number,
): Promise<ReferrerContent> {
  const referrers = await listReferrers(run, graph.source, subject);
  if (referrers.length === 0) return EMPTY;
  const graphs = await Promise.all(referrers.map((referrer) => copyGraph(run, graph, referrer)));
  const deeper = await Promise.all(referrers.map((referrer) => copyReferrersOf(run, graph, referrer, depth + 1)));
  const content = join([...graphs.map((found) => ({ ...found, tags: [] })), ...deeper]);
  // A registry keeps the list of referrers itself, or its client does; anything else is told here.
  if (isHosted(graph.destination)) return content;
  return join([content, await writeFallbackIndex(run, graph.destination, subject, referrers)]);
}

async function listReferrers(
  run: CopyRun,
  source: ReadOnlyTarget,
  subject: Descriptor,
): Promise<readonly Descriptor[]> {
  if (!isReferrerLister(source)) return [];
  const { signal } = run.options;
  const tags = await tagsOf(run, source);
  const found = await lookFor(run, source, async () => {
    const referrers: Descriptor[] = [];
    for await (const referrer of source.referrers(subject, { signal, tags })) referrers.push(referrer);
    return referrers;
  });
  return (found ?? []).filter(({ mediaType }) => isManifestMediaType(mediaType));
}

async function copyNamed(run: CopyRun, graph: GraphCopy, subject: Descriptor): Promise<ReferrerContent> {
  const { source, destination } = graph;
  const { signal } = run.options;
  const tags = await tagsOf(run, source);
  const names = COSIGN_SUFFIXES.map((suffix) => `${fallbackTag(subject)}${suffix}`);
  const copies = names.map(async (tag): Promise<ReferrerContent> => {
    if (tags?.has(tag) === false) return EMPTY;
    const descriptor = await lookFor(run, source, () => source.resolve(tag, { signal }));
    if (descriptor === undefined) return EMPTY;
    const content = await copyGraph(run, graph, descriptor);
    await run.request([destination], () => destination.tag(descriptor, tag, { signal }));
    return { ...content, tags: [{ tag, descriptor }] };
  });
  return join(await Promise.all(copies));
}

/**
 * All tags of a registry's repository: one listing in place of four questions for each manifest. Undefined where the registry does not
 * list them, or has so many that asking costs less.
 */
function tagsOf(run: CopyRun, source: ReadOnlyTarget): Promise<ReadonlySet<string> | undefined> {
  if (!isHosted(source) || !isTagLister(source) || run.mute.has(source.host)) return Promise.resolve(undefined);
  const { signal } = run.options;
  const list = async (): Promise<ReadonlySet<string> | undefined> => {
    try {
      const tags = new Set<string>();
      for await (const tag of source.tags({ signal, pages: TAG_PAGES })) tags.add(tag);
      return tags;
    } catch (error) {
      if (error instanceof KubecrateError && !UNREACHABLE.has(error.code)) return undefined;
      throw error;
    }
  };
  return run.tags(source, () => lookFor(run, source, list));
}

/** Pages of tags that are worth their requests. */
const TAG_PAGES = 3;

/**
 * Asks a source for what may be beside an image; undefined where there is nothing. A source that gave the image and cannot be asked
 * for more (a mirror whose upstream is out of reach) costs one warning, not the image.
 */
async function lookFor<T>(run: CopyRun, source: ReadOnlyTarget, ask: () => Promise<T>): Promise<T | undefined> {
  const host = isHosted(source) ? source.host : undefined;
  if (host !== undefined && run.mute.has(host)) return undefined;
  try {
    return await run.request([source], ask);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    if (host === undefined || !(error instanceof KubecrateError) || !UNASKABLE.has(error.code)) throw error;
    if (!run.mute.has(host)) {
      run.mute.add(host);
      const message = `signatures and SBOMs of images of ${host} are not looked for: ${error.message}`;
      run.options.onEvent?.({ type: 'warning', message });
    }
    return undefined;
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set(['NETWORK', 'TLS', 'RATE_LIMITED']);
const UNASKABLE: ReadonlySet<string> = new Set([...UNREACHABLE, 'REGISTRY', 'UNAUTHORIZED', 'DENIED']);

async function resolveIfThere(target: Target, tag: string, options: OperationOptions): Promise<Descriptor | undefined> {
  try {
    return await target.resolve(tag, options);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Adds `referrers` to the index at the fallback tag (distribution-spec, "Referrers Tag Schema"). */
async function writeFallbackIndex(
  run: CopyRun,
  destination: Target,
  subject: Descriptor,
  referrers: readonly Descriptor[],
): Promise<ReferrerContent> {
  const { signal } = run.options;
  const tag = fallbackTag(subject);
  const before = await resolveIfThere(destination, tag, { signal });
  const known = before === undefined ? undefined : (await readManifest(destination, before, { signal })).manifest;
  const all = new Map<string, Descriptor>();
  for (const referrer of known?.kind === 'index' ? known.manifests : []) all.set(referrer.digest, referrer);
  for (const referrer of referrers) all.set(referrer.digest, referrer);
  const manifests = [...all.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }));
  const descriptor = descriptorOf(MEDIA_TYPES.ociIndex, bytes);
  await destination.push(descriptor, Readable.from([bytes], { objectMode: false }), { signal });
  await destination.tag(descriptor, tag, { signal });
  return { manifests: [descriptor], blobs: [], tags: [{ tag, descriptor }] };
}

/** `sha256-<hex>` */
function fallbackTag({ digest }: Descriptor): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}`.slice(0, 128);
}

const EMPTY: ReferrerContent = { manifests: [], blobs: [], tags: [] };

function join(contents: readonly ReferrerContent[]): ReferrerContent {
  return {
    manifests: contents.flatMap(({ manifests }) => manifests),
    blobs: contents.flatMap(({ blobs }) => blobs),
    tags: contents.flatMap(({ tags }) => tags),
  };
}
