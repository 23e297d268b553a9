/** Helm charts as OCI artifacts, as `helm push` makes them. */

import { gzipSync } from 'node:zlib';
import { MEDIA_TYPES } from '@kubecrate/oci';
import { blob, type ManifestFixture, manifest } from './manifest-fixture.ts';
import { type TarFixture, tarOf } from './tar-fixture.ts';

export interface ChartOptions {
  readonly name: string;
  /** A semantic version; a `+` of it is `_` in the tag. */
  readonly version: string;
  /** The text of values.yaml. */
  readonly values?: string;
  /** Templates by file name, in place of one Deployment of the image that the values name. */
  readonly templates?: Readonly<Record<string, string>>;
  /** Further files of the chart, by their path in it (`charts/sub/Chart.yaml`). */
  readonly files?: TarFixture;
  /** Text of a provenance file; it becomes a second layer. */
  readonly provenance?: string;
}

/** A chart as an artifact: configuration, chart layer, and the provenance layer if there is one. */
export function chart(options: ChartOptions): ManifestFixture {
  const { name, version, provenance } = options;
  const metadata = { name, version, apiVersion: 'v2', description: `Chart ${name}`, appVersion: '1.0.0' };
  const config = blob(MEDIA_TYPES.helmConfig, JSON.stringify(metadata));
  const layers = [
    blob(MEDIA_TYPES.helmChart, chartArchive(options)),
    ...(provenance === undefined ? [] : [blob(MEDIA_TYPES.helmProvenance, provenance)]),
  ];
  const value = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    annotations: {
      'org.opencontainers.image.title': name,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.description': metadata.description,
    },
  };
  return manifest(value, { blobs: [config, ...layers] });
}

/** The `.tgz` of a chart. */
export function chartArchive({ name, version, values, templates, files = {} }: ChartOptions): Buffer {
  const chartYaml = `apiVersion: v2\nname: ${name}\nversion: ${version}\ndescription: Chart ${name}\nappVersion: 1.0.0\n`;
  const inside: TarFixture = {
    'Chart.yaml': chartYaml,
    'values.yaml': values ?? `image:\n  repository: ${name}\n  tag: 1.0.0\n`,
    ...Object.fromEntries(
      Object.entries(templates ?? { 'deployment.yaml': DEPLOYMENT }).map(([file, text]) => [`templates/${file}`, text]),
    ),
    ...files,
  };
  const entries = Object.entries(inside).map(([path, entry]) => [`${name}/${path}`, entry] as const);
  return gzipSync(tarOf(Object.fromEntries(entries)), { level: 1 });
}

/** The tag that `helm push` gives a version. */
export function chartTag(version: string): string {
  return version.replaceAll('+', '_');
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  selector:
    matchLabels: { app: {{ .Chart.Name }} }
  template:
    metadata:
      labels: { app: {{ .Chart.Name }} }
    spec:
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
`;
