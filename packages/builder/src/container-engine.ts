/** What RUN needs of a container engine; packages above give one that speaks to Docker or Podman. */

import type { Readable } from 'node:stream';

export interface ContainerRun {
  /** A tar of the root file system. */
  readonly rootfs: Readable;
  readonly command: readonly string[];
  /** `NAME=VALUE` */
  readonly environment: readonly string[];
  readonly network: 'default' | 'none' | 'host';
  readonly platform: string;
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** What a command left behind; disposing removes the container and its image. */
export interface ContainerChanges extends AsyncDisposable {
  /** Paths without a leading slash, sorted. */
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  /** A tar of the whole root file system afterwards. */
  export(): Promise<Readable>;
}

export interface ContainerEngine {
  /** Runs a command to its end. @throws KubecrateError ENGINE where it exits with another code than 0, with the end of what it printed */
  run(request: ContainerRun): Promise<ContainerChanges>;
}
