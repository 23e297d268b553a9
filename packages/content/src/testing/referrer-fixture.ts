/** What is said about an image: referrers with a subject, and cosign's signatures under a tag. */

import { type Descriptor, hexOf, MEDIA_TYPES } from '@kubecrate/oci';
import { blob, type ManifestFixture, manifest } from './manifest-fixture.ts';

export interface ReferrerOptions {
  /** Default `application/vnd.example.sbom`. */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What it says. */
  readonly text?: string;
}

/** An artifact whose subject is `subject`. */
export function referrer(
  subject: Descriptor,
  { artifactType = 'application/vnd.example.sbom', annotations, text = 'a bill of materials' }: ReferrerOptions = {},
): ManifestFixture {
  const config = blob(MEDIA_TYPES.ociEmpty, '{}');
  const layer = blob(artifactType, text);
  const { mediaType, digest, size } = subject;
  const value = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    artifactType,
    config: config.descriptor,
    layers: [layer.descriptor],
    subject: { mediaType, digest, size },
    ...(annotations === undefined ? {} : { annotations }),
  };
  return manifest(value, { blobs: [config, layer] });
}

/** A signature in the form that cosign stores under {@link cosignTag}; the signature itself is made up. */
export function cosignSignature(subject: Descriptor): ManifestFixture {
  const payload = blob(
    'application/vnd.dev.cosign.simplesigning.v1+json',
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': 'example.com/app' },
        image: { 'docker-manifest-digest': subject.digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  const config = blob(
    MEDIA_TYPES.ociConfig,
    JSON.stringify({
      architecture: '',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: [payload.descriptor.digest] },
    }),
  );
  const annotations = { 'dev.cosignproject.cosign/signature': Buffer.from('signature').toString('base64') };
  const value = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: config.descriptor,
    layers: [{ ...payload.descriptor, annotations }],
  };
  return manifest(value, { blobs: [config, payload] });
}

/** `sha256-<hex>.sig` */
export function cosignTag(subject: Descriptor): string {
  return `sha256-${hexOf(subject.digest)}.sig`;
}
