/** A content digest, `sha256:<64 lower-case hex>` (OCI image-spec, descriptor.md, "Digests"). */

import { createHash, type Hash } from 'node:crypto';
import { KubecrateError } from '@kubecrate/errors';

declare const digestBrand: unique symbol;

/** A checked digest; only {@link parseDigest} and {@link digestOf} make one. */
export type Digest = string & { readonly [digestBrand]: true };

/** The algorithms whose content kubecrate can verify. */
export type DigestAlgorithm = 'sha256' | 'sha512';

const FORMS: Readonly<Record<DigestAlgorithm, RegExp>> = {
  sha256: /^sha256:[a-f0-9]{64}$/,
  sha512: /^sha512:[a-f0-9]{128}$/,
};

/** True where `text` is a digest of a known algorithm, exactly as the specification writes it. */
export function isDigest(text: string): text is Digest {
  return FORMS.sha256.test(text) || FORMS.sha512.test(text);
}

/**
 * Reads a digest.
 * @throws KubecrateError INVALID_DIGEST for anything but a sha256 or sha512 digest in lower case.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new KubecrateError('INVALID_DIGEST', `cannot parse digest ${JSON.stringify(text.slice(0, 200))}`, {
    hint: 'a digest is "sha256:" and 64 lower-case hexadecimal digits',
  });
}

/** The sha256 digest of bytes that are in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return digestFrom(createHash('sha256').update(bytes));
}

/** The digest that a sha256 hash has reached; the hash is used up. */
export function digestFrom(hash: Hash): Digest {
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** `sha256` of `sha256:<hex>`. */
export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hexadecimal part of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}
