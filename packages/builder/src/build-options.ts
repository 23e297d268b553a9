/** What a build is told. */

import type { Readable } from 'node:stream';
import type { ContainerEngine, OnEvent, OperationOptions, Target } from '@kubecrate/content';
import type { DiscoverChartOptions, ImageList } from '@kubecrate/discovery';
import type { Platform, Reference } from '@kubecrate/oci';
import type { Naming, Registries } from '@kubecrate/saver';
import type { ClusterImageType } from './extension.ts';
import type { SelectImagesOptions } from './select-images.ts';

/**
 * When the base image is asked for at its registry: `missing`, if the store has none; `always`; `never`; `newer`, if its tag there names
 * another digest.
 */
export type PullPolicy = 'missing' | 'always' | 'never' | 'newer';

/** What the names of charts in the registry begin with, where nothing else is said. */
export const CHARTS_REPOSITORY = 'helm-charts';

/** How charts are searched for images, and where they go. */
export interface BuildChartOptions extends Omit<DiscoverChartOptions, 'signal'> {
  /** What the names of the charts of `charts/` begin with in the registry, or nothing where it is empty; {@link CHARTS_REPOSITORY} unless given. */
  readonly chartsRepository?: string | undefined;
}

export interface BuildOptions extends BuildChartOptions, SelectImagesOptions {
  /** The directory that COPY takes files from. */
  readonly context: string;
  readonly kubefile: { readonly text: string; readonly file: string };
  /** The names that the image gets in the store. */
  readonly names: readonly Reference[];
  /** At least one; with several, the result is an index. */
  readonly platforms: readonly Platform[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly imageLists: readonly ImageList[];
  readonly ignored: ImageList | undefined;
  readonly type: ClusterImageType;
  /** `lite` saves no container images. */
  readonly mode: 'all' | 'lite';
  readonly pull: PullPolicy;
  readonly naming: Naming;
  readonly onMissingPlatform: 'error' | 'warn';
  /** Seconds since 1970 for everything that carries a time. */
  readonly sourceDateEpoch: number;
  /** The version of kubecrate, for the annotation that names the builder. */
  readonly version: string;
}

/** Where a build keeps what it makes: the local image store, whose tags are whole references. */
export interface BuildStore extends Target {
  /** Protects everything that is stored from here on until it is disposed of, although no name refers to it yet. */
  lease(options?: OperationOptions): Promise<AsyncDisposable>;
}

/** What a build works with. */
export interface BuildTools {
  readonly store: BuildStore;
  readonly registries: Registries;
  /** Downloads what ADD and APP name by URL. */
  download(url: string, options: { readonly signal: AbortSignal | undefined }): Promise<Readable>;
  /** Connects to the engine that RUN uses. @throws KubecrateError ENGINE where none answers */
  engine(): Promise<ContainerEngine>;
  /** A directory for temporary files, on the disk of the store. */
  readonly temporary: string;
  readonly onEvent: OnEvent;
  /** Told what the commands of RUN print. */
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}
