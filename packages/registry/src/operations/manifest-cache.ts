/** Manifests that passed through this client lately: a tag, and a second reader, need no second request. */

import type { Digest } from '@kubecrate/oci';

export interface CachedManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Bounded by bytes; the oldest go first. Keys carry the repository, since what one has another may refuse. */
export class ManifestCache {
  readonly #entries = new Map<string, CachedManifest>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(name: string, digest: Digest): CachedManifest | undefined {
    return this.#entries.get(`${name}@${digest}`);
  }

  put(name: string, digest: Digest, manifest: CachedManifest): void {
    this.remove(name, digest);
    this.#entries.set(`${name}@${digest}`, manifest);
    this.#bytes += manifest.bytes.byteLength;
    for (const [key, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#limit) return;
      this.#entries.delete(key);
      this.#bytes -= bytes.byteLength;
    }
  }

  remove(name: string, digest: Digest): void {
    const key = `${name}@${digest}`;
    this.#bytes -= this.#entries.get(key)?.bytes.byteLength ?? 0;
    this.#entries.delete(key);
  }
}
