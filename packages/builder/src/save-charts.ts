/** The chart archives of a cluster image, brought into its registry: no other registry is asked for them. */

import { chartArtifact, loadChartArchive } from '@kubecrate/charts';
import { type CopyResult, copyImages, type OperationOptions } from '@kubecrate/content';
import type { ChartLocation } from '@kubecrate/discovery';
import { KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import { isRepository, isTag } from '@kubecrate/oci';
import { type ContentStore, type SavedContents, viewStore } from '@kubecrate/saver';
import type { BuildTools } from './build-options.ts';
import { chartStore } from './chart-store.ts';

/** A chart that the registry of the image serves. */
export interface SavedChart extends SavedContents {
  /** The archive in the root file system. */
  readonly path: string;
  readonly result: Exclude<CopyResult, { readonly status: 'failed' }>;
}

export interface SaveChartsOptions {
  /** What their names begin with; an empty one leaves them with their own names. */
  readonly repository: string;
  /** When their manifests say that they were made: seconds since 1970. */
  readonly created: number;
}

/**
 * Stores every archive of `charts/` as `helm push` would push it, with the provenance that lies beside it. An archive whose name or
 * version no registry takes is left where it is, with a warning.
 * @throws KubecrateError CONFLICT where two different archives are one version of one chart
 */
export async function saveCharts(
  tree: FileTree,
  charts: readonly ChartLocation[],
  { repository: prefix, created }: SaveChartsOptions,
  { store, onEvent, signal }: { readonly store: ContentStore } & Pick<BuildTools, 'onEvent' | 'signal'>,
): Promise<readonly SavedChart[]> {
  const destinations = viewStore(store);
  const saved = new Map<string, SavedChart>();
  for (const { path, kind } of charts) {
    if (kind !== 'archive' || !path.startsWith('charts/')) continue;
    const artifact = await artifactAt(tree, path, created, { signal });
    const repository = prefix === '' ? artifact.name : `${prefix}/${artifact.name}`;
    const name = `${repository}:${artifact.tag}`;
    if (!isRepository(repository) || !isTag(artifact.tag)) {
      const message = `${path}: it is not in the registry: ${JSON.stringify(name)} is no name of one`;
      onEvent({ type: 'warning', message });
      continue;
    }
    const job = {
      image: path,
      source: await chartStore(artifact, { signal }),
      reference: artifact.tag,
      destination: destinations.repository(repository),
      tags: [artifact.tag],
    };
    const [result] = (await copyImages([job], { existing: 'rewrite', signal })).results;
    if (result === undefined) throw new RangeError('one job has one result');
    if (result.status === 'failed') throw result.error;
    const other = saved.get(name);
    if (other !== undefined && other.result.descriptor.digest !== result.descriptor.digest) {
      throw new KubecrateError('CONFLICT', `two charts claim the name ${name}: ${other.path} and ${path}`, {
        hint: 'leave one of them out, or give one another version',
      });
    }
    saved.set(name, { path, named: { repository }, result });
  }
  return [...saved.values()];
}

async function artifactAt(
  tree: FileTree,
  path: string,
  created: number,
  options: OperationOptions,
): Promise<ReturnType<typeof chartArtifact>> {
  const archive = await readWhole(tree, path, options);
  const { signal } = options;
  const { metadata } = await loadChartArchive(path, archive, signal === undefined ? {} : { signal });
  const beside = `${path}.prov`;
  const provenance = (await tree.stat(beside, options))?.type === 'file';
  return chartArtifact(metadata, archive, {
    created: new Date(created * 1000),
    ...(provenance ? { provenance: await readWhole(tree, beside, options) } : {}),
  });
}

/** An archive unpacks to no more than this, so it is no larger itself. Bytes. */
const MAX_ARCHIVE_SIZE = 100 * 1024 * 1024;

async function readWhole(tree: FileTree, path: string, options: OperationOptions): Promise<Buffer> {
  const entry = await tree.stat(path, options);
  if (entry === undefined) throw new NotFoundError(`${path} is not there`);
  if (entry.size > MAX_ARCHIVE_SIZE) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `cannot read ${path}: it has ${entry.size} bytes, the limit is ${MAX_ARCHIVE_SIZE}`,
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of await tree.open(path, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
