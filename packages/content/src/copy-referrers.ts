/** Signatures, SBOMs and other artifacts that speak of an image, taken along with it. */

import { Readable } from 'node:stream';
import { NotFoundError } from '@kubecrate/errors';
import { type Descriptor, descriptorOf, MEDIA_TYPES } from '@kubecrate/oci';
import { fallbackTag, lookBeside } from './beside.ts';
import { isCompanionTagger } from './companions.ts';
import { copyGraph, type GraphContent, type GraphCopy, type Tagged } from './copy-graph.ts';
import type { CopyRun } from './copy-run.ts';
import { isHosted } from './powers.ts';
import { readManifest } from './read-content.ts';
import type { OperationOptions, Target } from './target.ts';

/** What was found to refer to a graph, and the tags under which the destination keeps it. */
export interface ReferrerContent extends GraphContent {
  readonly tags: readonly Tagged[];
}

/** A signature of an SBOM of a signature: nobody goes further. */
const MAX_DEPTH = 4;

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
  const { listed, named } = await lookBeside(run, graph.source, subject);
  return join(
    await Promise.all([
      copyListed(run, graph, { subject, referrers: listed, depth }),
      copyNamed(run, graph, subject, named),
    ]),
  );
}

/** What the source lists as referrers; stock registries find it at the destination by the fallback tag. */
async function copyListed(
  run: CopyRun,
  graph: GraphCopy,
  {
    subject,
    referrers,
    depth,
  }: { readonly subject: Descriptor; readonly referrers: readonly Descriptor[]; readonly depth: number },
): Promise<ReferrerContent> {
  if (referrers.length === 0) return EMPTY;
  const graphs = await Promise.all(referrers.map((referrer) => copyGraph(run, graph, referrer)));
  const deeper = await Promise.all(referrers.map((referrer) => copyReferrersOf(run, graph, referrer, depth + 1)));
  const content = join([...graphs.map((found) => ({ ...found, tags: [] })), ...deeper]);
  // A registry keeps the list of referrers itself, or its client does, and so does a store of images; anything else is told here.
  if (isHosted(graph.destination) || isCompanionTagger(graph.destination)) return content;
  return join([content, await writeFallbackIndex(run, graph.destination, subject, referrers)]);
}

/** What has a name beside the image, under the same name. */
async function copyNamed(
  run: CopyRun,
  graph: GraphCopy,
  subject: Descriptor,
  named: readonly Tagged[],
): Promise<ReferrerContent> {
  const { destination, tags: names } = graph;
  const { signal } = run.options;
  const copies = named.map(async ({ tag, descriptor }): Promise<ReferrerContent> => {
    const content = await copyGraph(run, graph, descriptor);
    await run.request([destination], () =>
      isCompanionTagger(destination)
        ? destination.tagCompanion({ tag, descriptor, subject, names }, { signal })
        : destination.tag(descriptor, tag, { signal }),
    );
    return { ...content, tags: [{ tag, descriptor }] };
  });
  return join(await Promise.all(copies));
}

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

const EMPTY: ReferrerContent = { manifests: [], blobs: [], tags: [] };

function join(contents: readonly ReferrerContent[]): ReferrerContent {
  return {
    manifests: contents.flatMap(({ manifests }) => manifests),
    blobs: contents.flatMap(({ blobs }) => blobs),
    tags: contents.flatMap(({ tags }) => tags),
  };
}
