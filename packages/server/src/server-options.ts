/** What a server is started with. */

import type { ServerEvent } from './server-event.ts';

export interface ServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Whether clients may push and delete, where the targets can. Default `read-only`. */
  readonly access?: 'read-only' | 'writable';
  /** Serve https with this certificate. */
  readonly tls?: TlsOptions;
  /** Who may connect, by Basic authentication. Default: everyone. */
  readonly users?: readonly Credentials[];
  /**
   * The repository of the namespace that answers for the one a client asked for. `ns` is the registry that the client meant,
   * where it says so (containerd does, to mirrors). Default: the same name.
   */
  readonly repositoryFor?: (repository: string, ns: string | undefined) => string;
  /** Where uploads are kept until they are whole: best on the file system of the targets. Default: the system's temporary directory. */
  readonly uploadDirectory?: string;
  /** A connection on which nothing moves for so long is closed. Default 60 000. */
  readonly idleTimeoutMs?: number;
  /** Connections at a time; more are closed at once. Default 1024. */
  readonly maxConnections?: number;
  readonly onEvent?: (event: ServerEvent) => void;
}

/** PEM texts. */
export interface TlsOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Only clients whose certificate one of these authorities signed may connect. */
  readonly clientCa?: string | Buffer;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}
