/** A chart in a registry: found by its address and version, its archive fetched. */

import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { chartTag, versionOfTag } from '@kubecrate/charts';
import { type Fetcher, readManifest, verifying } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import { openAtomicFile } from '@kubecrate/files';
import { type Descriptor, type Digest, formatReference, hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import type { RegistryClient } from '@kubecrate/registry';
import { type ChartAddress, parseChartAddress } from './chart-address.ts';
import { chooseTag } from './chart-version.ts';

export interface RemoteChart {
  /** The whole reference, without `oci://`. */
  readonly name: string;
  readonly digest: Digest;
  /** `mysql-8.8.19.tgz`, as Helm names it. */
  readonly fileName: string;
  readonly archive: Descriptor;
  /** The signature that was pushed with it. */
  readonly provenance: Descriptor | undefined;
  readonly source: Fetcher;
}

/**
 * Finds `oci://HOST/PATH/NAME`; `version` is a version or a range, and the newest release is taken where neither it nor the address
 * says which.
 * @throws NotFoundError; KubecrateError UNSUPPORTED for what is no chart, USAGE for two versions, INVALID_REFERENCE
 */
export async function findRemoteChart(
  chart: string,
  version: string | undefined,
  registries: RegistryClient,
  signal: AbortSignal,
): Promise<RemoteChart> {
  const address = parseChartAddress(chart);
  const source = registries.repository(address.domain, address.repository);
  const wanted = await referenceOf(address, version, () => source.tags({ signal }));
  const { digest, ...found } = await source.resolve(wanted.digest ?? wanted.tag ?? '', { signal });
  const { manifest } = await readManifest(source, { digest, ...found }, { signal });
  const layers = manifest.kind === 'manifest' ? manifest.layers : [];
  const archive = layers.find(({ mediaType }) => mediaType === MEDIA_TYPES.helmChart);
  const name = formatReference(wanted);
  if (archive === undefined) {
    throw new KubecrateError('UNSUPPORTED', `cannot pull ${name}: it has no layer of type ${MEDIA_TYPES.helmChart}`, {
      hint: 'it is no chart; images are for kubecrate pull',
    });
  }
  const provenance = layers.find(({ mediaType }) => mediaType === MEDIA_TYPES.helmProvenance);
  return { name, digest, fileName: fileNameOf(wanted), archive, provenance, source };
}

/** The archive in memory. @throws KubecrateError LIMIT_EXCEEDED */
export async function readRemoteChart(
  { name, archive, source }: RemoteChart,
  { signal }: { readonly signal: AbortSignal },
): Promise<Buffer> {
  if (archive.size > MAX_ARCHIVE_SIZE) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `cannot read the chart ${name}: its archive has ${archive.size} bytes, the limit is ${MAX_ARCHIVE_SIZE}`,
    );
  }
  const content = await source.fetch(archive, { signal });
  return await pipeline(content, verifying(archive), (verified) => buffer(verified), { signal });
}

/** Writes one layer of a chart into a file, whole or not at all. */
export async function writeLayer(
  source: Fetcher,
  layer: Descriptor,
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await using file = await openAtomicFile(path, { signal });
  await pipeline(await source.fetch(layer, { signal }), verifying(layer), file.writable(), { signal });
  await file.commit();
}

/** No chart unpacks to more than this, so no archive is larger. Bytes. */
const MAX_ARCHIVE_SIZE = 100 * 1024 * 1024;

/** What is asked for: a digest, a tag that is written out, or the version that is chosen among the tags there are. */
async function referenceOf(
  address: ChartAddress,
  version: string | undefined,
  tags: () => AsyncIterable<string>,
): Promise<ChartAddress> {
  const { tag, digest } = address;
  const asked = tag ?? digest;
  if (asked !== undefined && version !== undefined && chartTag(version) !== asked) {
    throw new KubecrateError('USAGE', `the chart has two versions: ${asked} and ${version}`);
  }
  return asked === undefined ? { ...address, tag: await chooseTag(address, version, tags) } : address;
}

/** Both parts are checked for what registries take, and have no `/`. */
function fileNameOf({ repository, tag, digest }: ChartAddress): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return `${name}-${tag === undefined ? `sha256-${digest === undefined ? '' : hexOf(digest)}` : versionOfTag(tag)}.tgz`;
}
