/** Moving a manifest and everything under it: children before parents. */

import { Readable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import {
  type Descriptor,
  type ImageManifest,
  MAX_MANIFEST_SIZE,
  MEDIA_TYPES,
  matchesPlatform,
  type Platform,
  parseImageConfig,
  platformOfConfig,
} from '@kubecrate/oci';
import { copyBlob, placeOf } from './copy-blob.ts';
import type { CopyRun } from './copy-run.ts';
import { isHosted } from './powers.ts';
import { type LoadedManifest, readContent, readManifest } from './read-content.ts';
import { platformMissing, platformsOf, selectPlatforms } from './select-platforms.ts';
import { successorsOf } from './successors.ts';
import type { ReadOnlyTarget, Target } from './target.ts';
import { wrongContent } from './verify.ts';

/** A graph on its way; `image` names it for people. */
export interface GraphCopy {
  readonly image: string;
  readonly source: ReadOnlyTarget;
  readonly destination: Target;
  /** The tags that the image gets at the destination. */
  readonly tags: readonly string[];
  /** A repository in the storage of the destination that may have the blobs. */
  readonly mountFrom?: string | undefined;
  /** The platforms wanted; all where undefined. */
  readonly platforms: readonly Platform[] | undefined;
  /** Told of each manifest as soon as it is known to belong to the graph, long before its blobs are there. */
  readonly onManifest?: ((descriptor: Descriptor) => void) | undefined;
}

/** Everything of a graph that is at the destination now. */
export interface GraphContent {
  /** Parents before children. */
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
}

/** A tag and the manifest it names. */
export interface Tagged {
  readonly tag: string;
  readonly descriptor: Descriptor;
}

/** Nested indexes deeper than this are refused: nobody makes them, but anybody could. */
const MAX_DEPTH = 8;

/**
 * Brings the manifest `root` and what is under it to the destination. Manifests are walked always, since a destination may
 * hold half a graph from a run that was broken off; only blobs are asked for with `exists`.
 */
export async function copyGraph(run: CopyRun, graph: GraphCopy, root: Descriptor): Promise<GraphContent> {
  const content = await copyNode(run, graph, root, 0);
  const unique = (descriptors: readonly Descriptor[]): readonly Descriptor[] => [
    ...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values(),
  ];
  return { manifests: unique(content.manifests), blobs: unique(content.blobs) };
}

/** `isNew`: the destination did not have the manifest. */
interface CopiedNode extends GraphContent {
  readonly isNew: boolean;
}

async function copyNode(run: CopyRun, graph: GraphCopy, node: Descriptor, depth: number): Promise<CopiedNode> {
  if (depth > MAX_DEPTH) {
    throw new KubecrateError('LIMIT_EXCEEDED', `image ${graph.image}: indexes are nested more than ${MAX_DEPTH} deep`);
  }
  const loaded = await load(run, graph, node);
  const { manifest } = loaded;
  const wanted = await selectChildren(run, graph, loaded, depth);
  graph.onManifest?.(node);
  const [children, found] = await Promise.all([
    settle(wanted.manifests.map((child) => copyNode(run, graph, child, depth + 1))),
    settle(wanted.blobs.map((descriptor) => copyBlob(run, { ...graph, descriptor }))),
  ]);
  // A registry takes a manifest after everything under it: where a part was missing, so is the whole.
  const isAbsent = found.includes('absent') || children.some((child) => child.isNew);
  const isNew = await pushManifest(run, graph, loaded, isAbsent ? 'absent' : 'unknown');
  return {
    isNew,
    manifests: [{ ...node, mediaType: manifest.mediaType }, ...children.flatMap(({ manifests }) => manifests)],
    blobs: [...wanted.blobs, ...children.flatMap(({ blobs }) => blobs)],
  };
}

/** From the destination where it has the manifest already, else from the source. */
function load(run: CopyRun, { source, destination }: GraphCopy, node: Descriptor): Promise<LoadedManifest> {
  const { signal } = run.options;
  return run.manifest(node.digest, async () => {
    const near = !isHosted(destination) && (await destination.exists(node, { signal }));
    if (near) return readManifest(destination, node, { signal });
    return run.request([source], () => readManifest(source, node, { signal }));
  });
}

async function selectChildren(
  run: CopyRun,
  graph: GraphCopy,
  { manifest }: LoadedManifest,
  depth: number,
): Promise<{ manifests: readonly Descriptor[]; blobs: readonly Descriptor[] }> {
  if (manifest.kind === 'manifest') {
    if (depth === 0) await checkPlatform(run, graph, manifest);
    return successorsOf(manifest);
  }
  const { manifests, missing } = selectPlatforms(manifest, graph.platforms);
  if (missing.length > 0) refuseMissing(run, graph, missing, platformsOf(manifest));
  return successorsOf({ ...manifest, manifests });
}

/** An image without an index has one platform, that of its configuration; an artifact (a chart) has none and suits every platform. */
async function checkPlatform(run: CopyRun, graph: GraphCopy, { config }: ImageManifest): Promise<void> {
  if (graph.platforms === undefined || !IMAGE_CONFIGS.has(config.mediaType) || config.size > MAX_MANIFEST_SIZE) return;
  const has = platformOfConfig(parseImageConfig(await loadConfig(run, graph, config)));
  if (has === undefined) return;
  const missing = graph.platforms.filter((platform) => !matchesPlatform(has, platform));
  if (missing.length > 0) refuseMissing(run, graph, missing, [has]);
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

/** Reads a configuration and, since its bytes are here now, stores it. */
async function loadConfig(run: CopyRun, graph: GraphCopy, config: Descriptor): Promise<Buffer> {
  const { source, destination } = graph;
  const { signal } = run.options;
  if (!isHosted(destination) && (await destination.exists(config, { signal })))
    return readContent(destination, config, { signal });
  const bytes = await run
    .request([source], () => readContent(source, config, { signal }))
    .catch((error: unknown) => {
      throw isHosted(source) ? wrongContent(`read blob ${config.digest} of ${placeOf(source)}`, error) : error;
    });
  if (!isHosted(destination)) {
    await destination.push(config, Readable.from([bytes], { objectMode: false }), { signal });
  }
  return bytes;
}

function refuseMissing(
  run: CopyRun,
  { image }: GraphCopy,
  missing: readonly Platform[],
  has: readonly Platform[],
): void {
  const { onMissingPlatform } = run.options;
  const error = platformMissing(image, missing, has);
  // Who chooses what a missing platform is can choose otherwise.
  if (onMissingPlatform === 'error') {
    const hint = `${error.hint}; build and mirror go on without it with --missing-platform=warn`;
    throw new KubecrateError(error.code, error.message, { cause: error, hint });
  }
  if (onMissingPlatform !== 'warn') throw error;
  run.options.onEvent?.({ type: 'warning', message: error.message });
}

/** True where the destination did not have it. */
async function pushManifest(
  run: CopyRun,
  { destination }: GraphCopy,
  loaded: LoadedManifest,
  found: 'absent' | 'unknown',
): Promise<boolean> {
  const { signal } = run.options;
  const descriptor = { ...loaded.descriptor, mediaType: loaded.manifest.mediaType };
  const push = async (): Promise<boolean> => {
    if (!(found === 'absent' && isHosted(destination)) && (await destination.exists(descriptor, { signal })))
      return false;
    await destination.push(descriptor, Readable.from([loaded.bytes], { objectMode: false }), { signal });
    return true;
  };
  return await run.push(destination, descriptor.digest, () => run.request([destination], push));
}

/** Waits for all of them, so that nothing goes on behind a failure; then fails with the first one. */
async function settle<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}
