/** A chart as an OCI artifact: what `helm push` puts into a registry. */

import { encodeString, writeJson } from '@kubecrate/gotemplate';
import type { ChartMetadata } from '../chart/chart.ts';
import { metadataObject } from '../render/chart-object.ts';

/** A layer of the artifact; which media type goes with it, `MEDIA_TYPES` of @kubecrate/oci says. */
export interface ChartLayer {
  readonly content: 'chart' | 'provenance';
  readonly data: Buffer;
}

/** All that a manifest of the chart is made of. */
export interface ChartArtifact {
  /** The name of the chart: the last part of its repository. */
  readonly name: string;
  readonly version: string;
  /** The version as a tag can say it. */
  readonly tag: string;
  /** The JSON of Chart.yaml. */
  readonly config: Buffer;
  /** The archive, then its provenance if there is one. */
  readonly layers: readonly ChartLayer[];
  readonly annotations: ReadonlyMap<string, string>;
}

export interface ChartArtifactOptions {
  /** The content of the `.prov` file beside the archive. */
  readonly provenance?: Buffer;
  /** When the archive was made; Helm takes the time of the file. */
  readonly created: Date;
}

/** The artifact of a chart archive, whose Chart.yaml has been read already (`loadChart`). */
export function chartArtifact(metadata: ChartMetadata, archive: Buffer, options: ChartArtifactOptions): ChartArtifact {
  const layers: ChartLayer[] = [{ content: 'chart', data: archive }];
  if (options.provenance !== undefined) layers.push({ content: 'provenance', data: options.provenance });
  return {
    name: metadata.name,
    version: metadata.version,
    tag: chartTag(metadata.version),
    config: encodeString(writeJson(metadataObject(metadata), { escape: 'html' })),
    layers,
    annotations: artifactAnnotations(metadata, options.created),
  };
}

/** A version as a tag: `+`, which tags cannot have, is `_`. */
export function chartTag(version: string): string {
  return version.replaceAll('+', '_');
}

/** The version that a tag stands for. */
export function versionOfTag(tag: string): string {
  return tag.replaceAll('_', '+');
}

/** The annotations of the manifest: those of Chart.yaml beside what Helm makes of its fields. */
function artifactAnnotations(metadata: ChartMetadata, created: Date): Map<string, string> {
  const { description, name, version, home, sources, maintainers } = metadata;
  const own: readonly (readonly [string, string])[] = [
    ['description', description],
    ['title', name],
    ['version', version],
    ['url', home],
    ['created', created.toISOString().replace(/\.\d+Z$/, 'Z')],
    ['source', sources[0] ?? ''],
    ['authors', maintainers.map(({ name: who, email }) => (email === '' ? who : `${who} (${email})`)).join(', ')],
  ];
  const annotations = new Map<string, string>();
  for (const [key, value] of own) if (value.trim() !== '') annotations.set(`${OCI_PREFIX}${key}`, value);
  for (const [key, value] of metadata.annotations) {
    if (key !== `${OCI_PREFIX}title` && key !== `${OCI_PREFIX}version`) annotations.set(key, value);
  }
  return annotations;
}

const OCI_PREFIX = 'org.opencontainers.image.';
