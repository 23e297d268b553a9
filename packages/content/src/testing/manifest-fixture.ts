/** What every generator of this folder makes: content with its descriptor, and manifests with what is under them. */

import { type Descriptor, descriptorOf } from '@kubecrate/oci';

/** Content in memory. */
export interface BlobFixture {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** A manifest or an index, and everything it needs to be pushed. */
export interface ManifestFixture extends BlobFixture {
  /** The manifests under it. */
  readonly manifests: readonly ManifestFixture[];
  /** The configuration and the layers of this manifest itself. */
  readonly blobs: readonly BlobFixture[];
}

/** Bytes or text as content of a media type. */
export function blob(mediaType: string, content: Uint8Array | string): BlobFixture {
  const bytes = Buffer.from(content);
  return { descriptor: descriptorOf(mediaType, bytes), bytes };
}

/** A manifest out of its JSON value. */
export function manifest(
  value: { readonly mediaType: string },
  { manifests = [], blobs = [] }: Partial<Pick<ManifestFixture, 'manifests' | 'blobs'>> = {},
): ManifestFixture {
  return { ...blob(value.mediaType, JSON.stringify(value)), manifests, blobs };
}
