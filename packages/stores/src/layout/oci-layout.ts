/** An OCI image layout in a directory (image-spec image-layout.md) as a target whose tags are the names in `index.json`. */

import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type {
  BlobResolver,
  BulkReceiver,
  Deleter,
  FetchOptions,
  Fill,
  Linker,
  Locator,
  OperationOptions,
  Segment,
  TagLister,
  Target,
} from '@kubecrate/content';
import { NotFoundError } from '@kubecrate/errors';
import type { Descriptor, Digest } from '@kubecrate/oci';
import { BlobFiles } from '../blobs/blob-files.ts';
import { directoryFiles } from '../files/directory-files.ts';
import { Staging } from '../staging/staging.ts';
import {
  entriesNamed,
  formatLayoutIndex,
  INDEX_FILE,
  LAYOUT_FILE,
  LAYOUT_TEXT,
  layoutBlobPath,
  type NamedImage,
  named,
  unnamed,
} from './layout-index.ts';
import { OciLayoutFiles } from './oci-layout-files.ts';

/**
 * Opens a layout to read it: the directory must be one. To write, a directory that is missing or empty becomes one with the first content.
 * @throws NotFoundError; KubecrateError INVALID_ARCHIVE
 */
export async function openOciLayout(
  directory: string,
  options: OperationOptions & { readonly access: 'read' | 'write' },
): Promise<OciLayout> {
  const files = directoryFiles(directory);
  const layout = new OciLayoutFiles(files);
  if (options.access === 'read' || (await files.size(LAYOUT_FILE)) !== undefined) await layout.check(options);
  return new OciLayout(directory, layout);
}

/** One process at a time writes names; any number may write content. */
export class OciLayout implements Target, TagLister, Deleter, BlobResolver, Locator, Linker, BulkReceiver {
  readonly #directory: string;
  readonly #files: OciLayoutFiles;
  readonly #staging: Staging;
  readonly #blobs: BlobFiles;
  /** The last change of `index.json`; changes follow one another. */
  #updated: Promise<void> = Promise.resolve();

  constructor(directory: string, files: OciLayoutFiles) {
    this.#directory = directory;
    this.#files = files;
    this.#staging = new Staging(directory);
    this.#blobs = new BlobFiles(this.#staging, (digest) => join(directory, layoutBlobPath(digest)));
  }

  fetch(descriptor: Descriptor, options?: FetchOptions): Promise<Readable> {
    return this.#blobs.fetch(descriptor, options);
  }

  exists(descriptor: Descriptor, options?: OperationOptions): Promise<boolean> {
    return this.#blobs.exists(descriptor, options);
  }

  resolveBlob(digest: Digest, options?: OperationOptions): Promise<Descriptor> {
    return this.#blobs.resolveBlob(digest, options);
  }

  push(descriptor: Descriptor, content: Readable, options?: OperationOptions): Promise<void> {
    return this.#blobs.push(descriptor, content, options);
  }

  receive(descriptor: Descriptor, fill: Fill, options?: OperationOptions): Promise<'received' | 'declined'> {
    return this.#blobs.receive(descriptor, fill, options);
  }

  link(descriptor: Descriptor, path: string, options?: OperationOptions): Promise<'linked' | 'declined'> {
    return this.#blobs.link(descriptor, path, options);
  }

  locate(descriptor: Descriptor, options?: OperationOptions): Promise<readonly Segment[]> {
    return this.#blobs.locate(descriptor, options);
  }

  async resolve(nameOrDigest: string, options: OperationOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    return await this.#files.resolve(nameOrDigest, options);
  }

  /** The images of the layout with their names; none where nothing was written yet. */
  images(options?: OperationOptions): Promise<readonly NamedImage[]> {
    return this.#files.images(options);
  }

  tags(options?: OperationOptions): AsyncIterable<string> {
    return this.#files.tags(options);
  }

  /** Names a manifest; `tag` is a tag, or a whole reference, which is then written in full in both annotations. */
  async tag(descriptor: Descriptor, tag: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (!(await this.exists(descriptor, options)))
      throw new NotFoundError(`manifest ${descriptor.digest} is not there`);
    await this.#update((entries) => {
      const renamed = new Set(entriesNamed(entries, tag));
      const others = entries.filter((entry) => !renamed.has(entry));
      return [...others, named(withoutData(descriptor), tag)];
    });
  }

  async untag(tag: string, options: OperationOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#update((entries) => {
      const gone = new Set(entriesNamed(entries, tag));
      if (gone.size === 0)
        throw new NotFoundError(`image ${JSON.stringify(tag)} is not in ${JSON.stringify(this.#directory)}`);
      return entries.filter((entry) => !gone.has(entry));
    });
  }

  async delete(descriptor: Descriptor, options: OperationOptions = {}): Promise<void> {
    if (!(await this.exists(descriptor, options))) throw new NotFoundError(`content ${descriptor.digest} is not there`);
    await this.#update((entries) => entries.filter(({ digest }) => digest !== descriptor.digest));
    await this.#blobs.remove(descriptor.digest);
  }

  async #update(change: (entries: readonly Descriptor[]) => readonly Descriptor[]): Promise<void> {
    const update = this.#updated.then(async () => {
      const entries = await this.#files.entries();
      const changed = change(entries);
      if (changed.length === 0 && entries.length === 0) return;
      await this.#staging.write(join(this.#directory, LAYOUT_FILE), LAYOUT_TEXT);
      await this.#staging.write(join(this.#directory, INDEX_FILE), formatLayoutIndex(changed));
    });
    // The next change goes on after a failed one; the failure is told to whoever made this one.
    this.#updated = update.catch(() => undefined);
    await update;
  }
}

/** What an index entry says of a manifest: nothing of where it came from. */
function withoutData({ data: _data, ...descriptor }: Descriptor): Descriptor {
  return unnamed(descriptor);
}
