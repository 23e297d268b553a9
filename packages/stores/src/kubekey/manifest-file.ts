/** One file of a directory of manifests, read and held against its name. */

import { type OperationOptions, verifyBytes } from '@kubecrate/content';
import { hasCode, KubecrateError, messageOf } from '@kubecrate/errors';
import {
  type Descriptor,
  type Digest,
  digestOf,
  isDigest,
  MAX_MANIFEST_SIZE,
  type Manifest,
  parseManifest,
} from '@kubecrate/oci';
import type { StoredFiles } from '../files/stored-files.ts';

export type FoundManifest = WholeManifest | BrokenManifest;

export interface WholeManifest {
  readonly state: 'whole';
  /** Relative to the images directory. */
  readonly path: string;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/** A file that should be a manifest, and why it is none. */
export interface BrokenManifest {
  readonly state: 'broken';
  /** `missing`: something names the file. `conflict`: another file says otherwise. */
  readonly kind: 'missing' | 'corrupt' | 'conflict';
  readonly path: string;
  readonly error: KubecrateError;
  /** Digests in what can be read of it: what they name is part of something. */
  readonly mentions: ReadonlySet<Digest>;
}

/** Undefined where there is no such file; one that has a digest for a name holds the content of that digest. */
export async function readManifestFile(
  files: StoredFiles,
  path: string,
  { signal }: OperationOptions = {},
): Promise<FoundManifest | undefined> {
  let bytes: Buffer | undefined;
  try {
    bytes = await files.read(path, MAX_MANIFEST_SIZE, { signal });
    return bytes === undefined ? undefined : parse(path, bytes);
  } catch (error) {
    const reason = UNREADABLE.find((code) => hasCode(error, code));
    if (reason === undefined) throw error;
    const what = reason === 'DIGEST_MISMATCH' ? 'was cut or altered' : 'is no manifest';
    const broken = new KubecrateError(reason, `${JSON.stringify(path)} ${what}: ${messageOf(error)}`, {
      hint: PULL_AGAIN,
      cause: error,
    });
    return { state: 'broken', kind: 'corrupt', path, error: broken, mentions: digestsIn(bytes) };
  }
}

function parse(path: string, bytes: Buffer): WholeManifest {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const digest = isDigest(name) ? name : digestOf(bytes);
  verifyBytes({ mediaType: '', digest, size: bytes.byteLength }, bytes);
  const manifest = parseManifest(bytes);
  const descriptor = { mediaType: manifest.mediaType, digest, size: bytes.byteLength };
  return { state: 'whole', path, descriptor, manifest };
}

function digestsIn(bytes: Buffer | undefined): ReadonlySet<Digest> {
  const words: readonly string[] = bytes?.toString('latin1').match(/sha(?:256|512):[0-9a-f]{64,128}/g) ?? [];
  return new Set(words.filter(isDigest));
}

/** A pull writes anew what is not as it should be. */
export const PULL_AGAIN = 'pull the image again';

const UNREADABLE = ['INVALID_MANIFEST', 'INVALID_DIGEST', 'DIGEST_MISMATCH', 'LIMIT_EXCEEDED', 'UNSUPPORTED'] as const;
