/** Indexes: several manifests under one name, with the attestations that BuildKit adds if they are wanted. */

import { isImageManifestMediaType, MEDIA_TYPES } from '@kubecrate/oci';
import { blob, type ManifestFixture, manifest } from './manifest-fixture.ts';

export interface IndexOptions {
  /** The family of media types. Default `oci`. */
  readonly format?: 'oci' | 'docker';
  /** `one-each`: beside each image its attestation, as BuildKit writes it. Default `none`. */
  readonly attestations?: 'none' | 'one-each';
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An index over these manifests (images, or indexes in turn). */
export function index(
  children: readonly ManifestFixture[],
  { format = 'oci', attestations = 'none', annotations }: IndexOptions = {},
): ManifestFixture {
  const images = children.filter(({ descriptor }) => isImageManifestMediaType(descriptor.mediaType));
  const manifests = [...children, ...(attestations === 'one-each' ? images.map(attestationOf) : [])];
  const value = {
    schemaVersion: 2,
    mediaType: format === 'oci' ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.dockerManifestList,
    manifests: manifests.map(({ descriptor }) => descriptor),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return manifest(value, { manifests });
}

/** The attestation manifest of an image: platform `unknown/unknown`, tied to the image by annotations. */
export function attestationOf(image: ManifestFixture): ManifestFixture {
  const { digest } = image.descriptor;
  const statement = blob(
    'application/vnd.in-toto+json',
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://slsa.dev/provenance/v0.2',
      subject: [{ name: 'image', digest: { sha256: digest.slice('sha256:'.length) } }],
      predicate: {},
    }),
  );
  const config = blob(
    MEDIA_TYPES.ociConfig,
    JSON.stringify({
      architecture: 'unknown',
      os: 'unknown',
      config: {},
      rootfs: { type: 'layers', diff_ids: [statement.descriptor.digest] },
    }),
  );
  const layer = {
    ...statement.descriptor,
    annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
  };
  const value = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: config.descriptor,
    layers: [layer],
  };
  const made = manifest(value, { blobs: [config, statement] });
  return {
    ...made,
    descriptor: {
      ...made.descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest },
    },
  };
}
