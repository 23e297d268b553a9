/** Image manifests and indexes (OCI image-spec manifest.md, image-index.md; Docker schema 2 and manifest list). */

import { KubecrateError } from '@kubecrate/errors';
import { type Descriptor, parseAnnotations, parseDescriptor } from './descriptor.ts';
import { expectArray, type Fields, optionalString, parseJsonObject } from './fields.ts';
import { isImageManifestMediaType, isIndexMediaType, isSchema1MediaType, MEDIA_TYPES } from './media-types.ts';

/** A manifest or index larger than this is refused, as registries do. Bytes. */
export const MAX_MANIFEST_SIZE: number = 4 * 1024 * 1024;

/** One image, or one artifact, for one platform. */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Several manifests under one name, most often one for each platform. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export type Manifest = ImageManifest | ImageIndex;

/**
 * Reads the bytes of a manifest or an index. `mediaType` is what the descriptor or the registry said, if anything did;
 * the body's own `mediaType` wins, and where neither says it the shape decides, index first (as distribution does).
 * @throws KubecrateError INVALID_MANIFEST, or UNSUPPORTED for Docker's schema 1.
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): Manifest {
  if (bytes.byteLength > MAX_MANIFEST_SIZE) {
    throw new KubecrateError(
      'LIMIT_EXCEEDED',
      `cannot read a manifest of ${bytes.byteLength} bytes: the limit is ${MAX_MANIFEST_SIZE}`,
    );
  }
  const fields = parseJsonObject(bytes, 'manifest');
  const type = manifestMediaType(fields, mediaType);
  if (isIndexMediaType(type)) return parseIndex(fields, type);
  if (isImageManifestMediaType(type)) return parseImageManifest(fields, type);
  if (isSchema1MediaType(type)) {
    throw new KubecrateError('UNSUPPORTED', 'the registry gave a manifest of Docker schema 1, which was withdrawn', {
      hint: 'push the image again with a current Docker, or use another tag',
    });
  }
  throw new KubecrateError('INVALID_MANIFEST', `cannot read a manifest of media type ${JSON.stringify(type)}`);
}

function manifestMediaType(fields: Fields, said: string | undefined): string {
  const own = optionalString(fields, 'mediaType', 'manifest');
  if (own !== undefined) return own;
  if (said !== undefined && (isIndexMediaType(said) || isImageManifestMediaType(said) || isSchema1MediaType(said)))
    return said;
  if (fields['schemaVersion'] === 1) return MEDIA_TYPES.dockerSchema1;
  return Array.isArray(fields['manifests']) ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest;
}

function parseImageManifest(fields: Fields, mediaType: string): ImageManifest {
  const layers = expectArray(fields['layers'] ?? [], 'manifest.layers');
  return {
    kind: 'manifest',
    mediaType,
    config: parseDescriptor(fields['config'], 'manifest.config'),
    layers: layers.map((layer, i) => parseDescriptor(layer, `manifest.layers[${i}]`)),
    ...sharedFields(fields, 'manifest'),
  };
}

function parseIndex(fields: Fields, mediaType: string): ImageIndex {
  const manifests = expectArray(fields['manifests'] ?? [], 'index.manifests');
  return {
    kind: 'index',
    mediaType,
    manifests: manifests.map((child, i) => parseDescriptor(child, `index.manifests[${i}]`)),
    ...sharedFields(fields, 'index'),
  };
}

function sharedFields(fields: Fields, where: string): Pick<ImageManifest, 'subject' | 'artifactType' | 'annotations'> {
  const subject =
    fields['subject'] === undefined || fields['subject'] === null
      ? undefined
      : parseDescriptor(fields['subject'], `${where}.subject`);
  const artifactType = optionalString(fields, 'artifactType', where);
  const annotations = parseAnnotations(fields['annotations'], `${where}.annotations`);
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
