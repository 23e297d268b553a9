/** Which images a build of a context would save: the build without its end. */

import { type BuildChartOptions, previewImages } from '@kubecrate/builder';
import type { Discovery, ImageList } from '@kubecrate/discovery';
import { formatPlatform, type Platform } from '@kubecrate/oci';
import { parsePairs } from './arguments.ts';
import type { Context } from './context.ts';
import { downloadFile } from './download.ts';
import { openEngine } from './engine.ts';
import { readKubefile } from './kubefile-source.ts';
import { openStore, type StoreOptions } from './options.ts';
import { openReporter } from './reporters/reporter.ts';
import { VERSION } from './version.ts';

/** What is said from outside of the files: lists, and how charts are searched. */
export interface SearchOptions {
  readonly charts: BuildChartOptions;
  readonly lists: readonly ImageList[];
  readonly ignored: ImageList | undefined;
}

export interface PreviewOptions extends StoreOptions {
  readonly file?: string;
  readonly buildArg?: readonly string[];
}

/** @throws NotFoundError where the base image is not in the store: looking never fetches */
export async function previewContext(
  { path, platform }: { readonly path: string; readonly platform: Platform },
  search: SearchOptions,
  options: PreviewOptions,
  context: Context,
): Promise<Discovery> {
  const kubefile = await readKubefile(context.cwd, path, options.file);
  const store = await openStore(options, context);
  await using work = await store.workDirectory();
  using reporter = await openReporter('plain', context);
  return await previewImages(
    {
      context: kubefile.context,
      kubefile,
      names: [],
      platforms: [platform],
      buildArgs: parsePairs('--build-arg', options.buildArg, context.env),
      labels: {},
      annotations: {},
      imageLists: search.lists,
      ignored: search.ignored,
      type: 'kube-installer',
      mode: 'lite',
      pull: 'never',
      naming: 'plain',
      onMissingPlatform: 'warn',
      sourceDateEpoch: 0,
      version: VERSION,
      ...search.charts,
    },
    {
      store,
      registries: { repository: () => refuseFetch(platform) },
      download: (url, { signal }) => downloadFile(url, context, signal),
      engine: () => openEngine(context),
      temporary: work.path,
      onEvent: reporter.onEvent,
      onOutput: (text) => void context.stderr.write(text),
      signal: context.signal,
    },
  );
}

/** With the policy `never`, nothing asks for a registry. */
function refuseFetch(platform: Platform): never {
  throw new RangeError(`a look for images of ${formatPlatform(platform)} asked for a registry`);
}
