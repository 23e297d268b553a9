/** What a verification of an images directory remembers: every manifest in every folder, the blobs of the pool once. */

import { type OperationOptions, successorsOf } from '@kubecrate/content';
import { messageOf } from '@kubecrate/errors';
import { type Descriptor, type Digest, formatReference } from '@kubecrate/oci';
import type { BrokenManifest, FoundManifest, WholeManifest } from '../kubekey/manifest-file.ts';
import { manifestPath } from '../kubekey/paths.ts';
import type { ManifestsFolder } from '../kubekey/read-folder.ts';
import type { KubekeyRepositoryContents } from '../kubekey/repository-images.ts';
import { type Problem, Verification, type VerifyReport } from './verify-content.ts';

export class KubekeyCheck {
  readonly #pool: Verification;
  readonly #problems = new Map<string, Problem>();
  /** The sizes of manifests; the same one may lie in several places. */
  readonly #read = new Map<Digest, number>();
  /** Paths of manifests that were looked at, and the same for each image. */
  readonly #walked = new Set<string>();
  readonly #told = new Set<string>();

  /** `pool` gives the blobs of the directory. */
  constructor(pool: ConstructorParameters<typeof Verification>[0], options: OperationOptions) {
    this.#pool = new Verification(pool, options);
  }

  report(): VerifyReport {
    const { checked, bytes, problems } = this.#pool.report();
    return {
      checked: checked + this.#read.size,
      bytes: [...this.#read.values()].reduce((sum, size) => sum + size, bytes),
      problems: [...problems, ...this.#problems.values()],
    };
  }

  add(problem: Problem): void {
    this.#problems.set(`${problem.where} ${problem.subject}`, problem);
  }

  async repository({ name, folders, images, broken }: KubekeyRepositoryContents): Promise<void> {
    for (const image of broken) {
      this.#walked.add(image.path);
      this.#broken(image, image.name);
    }
    for (const { name: where, tag, digest } of images) {
      for (const folder of folders) {
        const found = digest === undefined ? folder.tags.get(tag ?? '') : folder.digests.get(digest);
        if (found !== undefined) await this.#manifest(folder, found, where);
      }
    }
    // What no image led to: of tags that are not known any more, or of an index that is broken.
    for (const folder of folders)
      for (const [digest, found] of folder.digests)
        if (!this.#walked.has(found.path)) await this.#manifest(folder, found, formatReference({ ...name, digest }));
  }

  async #manifest(folder: ManifestsFolder, found: FoundManifest, where: string): Promise<void> {
    const told = `${where} ${found.path}`;
    if (this.#told.has(told)) return;
    this.#told.add(told);
    this.#walked.add(found.path);
    if (found.state === 'broken') {
      this.#broken(found, where);
      return;
    }
    const { descriptor, manifest } = found;
    const own = folder.digests.get(descriptor.digest);
    if (own !== undefined) this.#walked.add(own.path);
    if (own?.state === 'broken') this.#broken(own, where);
    this.#read.set(descriptor.digest, descriptor.size);
    const { manifests, blobs } = successorsOf(manifest);
    for (const blob of blobs) await this.#blob(blob, where);
    for (const { digest } of manifests) {
      const child = folder.digests.get(digest) ?? taggedAs(folder, digest);
      if (child !== undefined) await this.#manifest(folder, child, where);
      else this.#missing(manifestPath(folder.folder, folder.repository, digest), where, descriptor);
    }
  }

  /** Read once, and told of every image that needs it. */
  async #blob(descriptor: Descriptor, where: string): Promise<void> {
    if ((await this.#pool.content(descriptor, where)) === 'good') return;
    const first = this.#pool.report().problems.find(({ subject }) => subject === descriptor.digest);
    if (first !== undefined && first.where !== where) this.add({ ...first, where });
  }

  #broken({ kind, path, error }: Pick<BrokenManifest, 'kind' | 'path' | 'error'>, where: string): void {
    this.add({ kind, subject: path, where, message: messageOf(error) });
  }

  #missing(path: string, where: string, index: Descriptor): void {
    this.add({ kind: 'missing', subject: path, where, message: `the index ${index.digest} needs it` });
  }
}

/** Up to v4.0.3, what is tagged is not there by its digest. */
function taggedAs({ tags }: ManifestsFolder, digest: Digest): WholeManifest | undefined {
  for (const found of tags.values()) if (found.state === 'whole' && found.descriptor.digest === digest) return found;
  return undefined;
}
