/** The seam to an engine that runs containers: a builder asks for a run, and knows neither Docker nor Podman. */

import type { Readable } from 'node:stream';

export interface ContainerRun {
  /** A tar of the root file system. */
  readonly rootfs: Readable;
  readonly command: readonly string[];
  /** `NAME=VALUE` */
  readonly environment: readonly string[];
  readonly network: 'default' | 'none' | 'host';
  /** `linux/amd64` */
  readonly platform: string;
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** What a command left behind; disposing removes the container and the image it ran from. */
export interface ContainerChanges extends AsyncDisposable {
  /** Paths without a leading slash, sorted: what was made or changed. */
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  /** A tar of the whole root file system afterwards. */
  export(): Promise<Readable>;
}

export interface ContainerEngine {
  /** Runs a command to its end. @throws KubecrateError ENGINE where it exits with another code than 0, with the end of what it printed */
  run(request: ContainerRun): Promise<ContainerChanges>;
}
