/** The manifests of one repository where they are written: in every folder of it, the same. */

import { join } from 'node:path';
import { type Descriptor, type Digest, MAX_MANIFEST_SIZE } from '@kubecrate/oci';
import { BlobFiles } from '../blobs/blob-files.ts';
import type { KubekeyStorage } from './kubekey-repository.ts';
import { readManifestFile } from './manifest-file.ts';
import {
  foldersToRead,
  foldersToWrite,
  type KubekeyRepositoryName,
  LAYOUT,
  manifestPath,
  manifestsPath,
} from './paths.ts';
import { readLayout, readTagAs } from './read-tag.ts';
import { formatTagLayout } from './tag-layout.ts';
import { inTurn } from './turns.ts';

export class ManifestFolders {
  /** The files of the first folder, by digest; what is pushed there is brought to the others with {@link spread}. */
  readonly first: BlobFiles;
  readonly #storage: KubekeyStorage;
  readonly #name: KubekeyRepositoryName;

  constructor(storage: KubekeyStorage, name: KubekeyRepositoryName) {
    this.#storage = storage;
    this.#name = name;
    this.first = new BlobFiles(storage.staging, (digest) => this.#file(this.#firstFolder(), digest));
  }

  /** True where every folder has the manifest, every byte as it should be. */
  async hold({ digest }: Descriptor): Promise<boolean> {
    for (const folder of await this.#folders()) if (!(await this.#holds(folder, digest))) return false;
    return true;
  }

  /** True where every folder has the tag of that manifest, in the form in which tags are written. */
  async holdTag(tag: string, { digest }: Descriptor): Promise<boolean> {
    const { files, layout } = this.#storage;
    for (const folder of await this.#folders()) {
      const found = await readTagAs(files, { folder, repository: this.#name.repository, tag, form: layout });
      if (found?.state !== 'whole' || found.descriptor.digest !== digest) return false;
    }
    return true;
  }

  /** Blobs are taken for whole by their size; of a manifest every byte is looked at, and an altered one goes. */
  async makeRoom({ digest }: Descriptor): Promise<void> {
    const found = await readManifestFile(this.#storage.files, this.#path(this.#firstFolder(), digest));
    if (found?.state === 'broken') await this.first.remove(digest);
  }

  /** Brings a manifest that was written in the first folder to the others. */
  async spread({ digest }: Descriptor): Promise<void> {
    const [first = '', ...others] = await this.#folders();
    for (const folder of others) {
      if (await this.#holds(folder, digest)) continue;
      const bytes = await this.#storage.files.read(this.#path(first, digest), MAX_MANIFEST_SIZE);
      if (bytes !== undefined) await this.#write(folder, digest, bytes);
    }
  }

  async writeTag(tag: string, digest: Digest, bytes: Buffer): Promise<void> {
    const { files, layout } = this.#storage;
    for (const folder of await this.#folders()) {
      // A tag that is there in the other form too would name the image that it was.
      const isFile = tag !== LAYOUT && (await files.size(this.#path(folder, tag))) !== undefined;
      const isListed = (await this.#listedTags(folder)).has(tag);
      if (layout === 'v4.0.0' || isFile) await this.#write(folder, tag, bytes);
      if (layout === 'v4.0.5' || isListed) await this.#listTag(folder, tag, { digest, bytes });
    }
  }

  async #listTag(
    folder: string,
    tag: string,
    { digest, bytes }: { readonly digest: Digest; readonly bytes: Buffer },
  ): Promise<void> {
    const { turns, staging } = this.#storage;
    await inTurn(turns, this.#path(folder, LAYOUT), async () => {
      const tags = new Map(await this.#listedTags(folder)).set(tag, digest);
      await this.#write(folder, digest, bytes);
      await staging.write(this.#file(folder, LAYOUT), formatTagLayout(tags));
    });
  }

  /** None where the list is broken: it is made anew. */
  async #listedTags(folder: string): Promise<ReadonlyMap<string, Digest>> {
    const layout = await readLayout(this.#storage.files, { folder, repository: this.#name.repository });
    return layout.state === 'listed' ? layout.tags : new Map();
  }

  async #holds(folder: string, digest: Digest): Promise<boolean> {
    return (await readManifestFile(this.#storage.files, this.#path(folder, digest)))?.state === 'whole';
  }

  async #write(folder: string, reference: string, bytes: Buffer): Promise<void> {
    await this.#storage.staging.write(this.#file(folder, reference), bytes);
  }

  #path(folder: string, reference: string): string {
    return manifestPath(folder, this.#name.repository, reference);
  }

  #file(folder: string, reference: string): string {
    return join(this.#storage.directory, this.#path(folder, reference));
  }

  #firstFolder(): string {
    return foldersToWrite(this.#name.domain, this.#storage.layout)[0] ?? this.#name.domain;
  }

  /** Those of the layout, and those in which the repository lies already: they would go on to hold what it was. */
  async #folders(): Promise<readonly string[]> {
    const { domain, repository } = this.#name;
    const written = foldersToWrite(domain, this.#storage.layout);
    const others: string[] = [];
    for (const folder of foldersToRead(domain).filter((folder) => !written.includes(folder)))
      if ((await this.#storage.files.names(manifestsPath(folder, repository), 'file')).length > 0) others.push(folder);
    return [...written, ...others];
  }
}
