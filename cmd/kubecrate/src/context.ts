/** What a command gets of the process: passed in, so that nothing below reads globals. */

/** A stream that takes text. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface Context {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** The processor of this machine, in Node's spelling. */
  readonly arch: NodeJS.Process['arch'];
  /** The numeric user; undefined where the system has none. */
  readonly uid: number | undefined;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** The script that this process runs, and its arguments. */
  readonly program: { readonly script: string; readonly args: readonly string[] };
  /** How many threads run at once on this machine. */
  readonly cores: number;
  /** Does what SIGINT does: a terminal that is read key by key sends none for Ctrl-C. */
  readonly interrupt: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
