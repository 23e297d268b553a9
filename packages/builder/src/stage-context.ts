/** What the instructions of a stage work with: trees, downloads, archives, layers, containers. */

import { join } from 'node:path';
import {
  type FileTree,
  type IgnoreMatcher,
  openDirectoryTree,
  type TarInput,
  type TreeOptions,
  tempDirectory,
} from '@kubecrate/files';
import type { ExpandedCopy, ExpandedRun } from '@kubecrate/kubefile';
import { formatPlatform, type Platform } from '@kubecrate/oci';
import { openArchiveTree, openImageTree, type PackedLayer, packFiles } from '@kubecrate/packer';
import { isTar } from './archive-kind.ts';
import { loadBase } from './base-image.ts';
import type { BuildOptions, BuildTools } from './build-options.ts';
import { downloadFile, fileNameOf } from './download-file.ts';
import { readIgnoreFile } from './ignore-file.ts';
import { runStep } from './run-step.ts';
import { type Layer, SCRATCH, type StageImage } from './stage-image.ts';

/** What an instruction needs of the build it is part of. */
export interface StageContext extends TreeOptions {
  readonly context: FileTree;
  readonly ignore: IgnoreMatcher | undefined;
  /** Seconds since 1970, of every entry that is made. */
  readonly mtime: number;
  /** The root file system as it is after the layers so far. */
  rootfs(image: StageImage): Promise<FileTree>;
  /** The root file system of another stage or image. */
  from(source: NonNullable<ExpandedCopy['from']>): Promise<FileTree>;
  /** A downloaded file, as a tree that holds it alone. */
  download(url: string, checksum: string | undefined): Promise<{ readonly tree: FileTree; readonly name: string }>;
  /** The content of a local tar archive; undefined where the file is none. */
  archive(tree: FileTree, path: string): Promise<FileTree | undefined>;
  pack(entries: readonly TarInput[]): Promise<Layer>;
  run(image: StageImage, instruction: ExpandedRun): Promise<Layer | undefined>;
}

export interface StageContextOptions {
  readonly platform: Platform;
  /** The images of the stages that are done, by number. */
  readonly images: ReadonlyMap<number, StageImage>;
  readonly options: BuildOptions;
  readonly tools: BuildTools;
}

/** Opens what the stages of one platform share; everything temporary of it goes when it is disposed of. */
export async function openStageContext(shared: StageContextOptions): Promise<StageContext & AsyncDisposable> {
  const { options, tools, platform } = shared;
  const { store, signal, temporary } = tools;
  const treeOptions = { tempDirectory: temporary, signal };
  const downloads = await tempDirectory(temporary);
  const opened: AsyncDisposable[] = [downloads];
  const keep = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  let last: { readonly layers: StageImage['layers']; readonly tree: FileTree } | undefined;
  const rootfs = async ({ layers }: StageImage): Promise<FileTree> => {
    if (last?.layers === layers) return last.tree;
    const descriptors = layers.map(({ descriptor }) => descriptor);
    last = { layers, tree: keep(await openImageTree(store, descriptors, treeOptions)) };
    return last.tree;
  };
  const pack = (entries: readonly TarInput[]): Promise<PackedLayer> => packFiles(entries, store, treeOptions);
  return {
    signal,
    context: openDirectoryTree(options.context),
    ignore: await readIgnoreFile(options.context),
    mtime: options.sourceDateEpoch,
    rootfs,
    pack,
    from: async (source) => {
      if (source.type === 'stage') return rootfs(shared.images.get(source.index) ?? SCRATCH);
      return rootfs((await loadBase(source, platform, { ...tools, pull: options.pull })).image);
    },
    download: async (url, checksum) => {
      const { path } = keep(await tempDirectory(downloads.path));
      const name = fileNameOf(url);
      await downloadFile(tools, { url, checksum, path: join(path, name) });
      return { tree: openDirectoryTree(path), name };
    },
    archive: async (tree, path) => {
      const open = (): ReturnType<FileTree['open']> => tree.open(path, { signal });
      return (await isTar(await open())) ? keep(await openArchiveTree(open, treeOptions)) : undefined;
    },
    run: async (image, instruction) => {
      const step = {
        engine: await tools.engine(),
        rootfs: await rootfs(image),
        instruction,
        environment: image.containerEnvironment,
        platform: formatPlatform(platform),
        mtime: options.sourceDateEpoch,
        onOutput: tools.onOutput,
        temporary,
        signal,
      };
      return runStep(step, pack);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
    },
  };
}
