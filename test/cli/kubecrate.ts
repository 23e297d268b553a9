/** The real program as a child process, in a home, with a store and a working directory of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** How a run ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What is on standard input; nothing where it is absent. */
  readonly input?: string;
  /** The largest file that the program may write, in KiB: a write beyond it fails, as on a disk that is full. */
  readonly fileLimit?: number;
}

/** A run that is not waited for. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves with the first line of standard output; rejects where the program ends without one. */
  firstLine(): Promise<string>;
}

export interface Workspace extends AsyncDisposable {
  /** The working directory. */
  readonly directory: string;
  readonly home: string;
  readonly store: string;
  start(args: readonly string[], options?: RunOptions): Running;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs, and fails with what was printed unless the exit code is 0; gives standard output. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
}

/** The built program. */
export const PROGRAM: string = join(import.meta.dirname, '..', '..', 'cmd', 'kubecrate', 'bin', 'kubecrate.js');

/** Makes a workspace; no configuration of this machine's user reaches the program. */
export async function openWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'kubecrate-cli-'));
  const [directory, home, store] = [join(root, 'work'), join(root, 'home'), join(root, 'store')];
  // What a run that is killed leaves behind goes with the workspace.
  const temporary = join(root, 'tmp');
  for (const made of [directory, home, temporary]) await mkdir(made);
  const base = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    TMPDIR: temporary,
    TZ: 'UTC',
    KUBECRATE_STORE: store,
  };
  const start = (args: readonly string[], { env = {}, input, fileLimit }: RunOptions = {}): Running => {
    const limit = fileLimit === undefined ? [] : ['bash', '-c', 'ulimit -f "$0" && exec "$@"', String(fileLimit)];
    const [command = '', ...rest] = [...limit, process.execPath, PROGRAM, ...args];
    const child = spawn(command, rest, {
      cwd: directory,
      env: { ...base, ...env },
      stdio: 'pipe',
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    const lines: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => lines.push(String(chunk)));
    const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
      ([[code], stdout, stderr]): Outcome => ({ code: code as number | null, stdout, stderr }),
    );
    const firstLine = async (): Promise<string> => {
      const over = ended.then(({ code, stderr }) => {
        if (!lines.join('').includes('\n')) throw new Error(`ended with ${code}: ${stderr}`);
      });
      while (!lines.join('').includes('\n')) await Promise.race([once(child.stdout, 'data'), over]);
      return lines.join('').split('\n')[0] ?? '';
    };
    return { child, ended, firstLine };
  };
  const run = (args: readonly string[], options?: RunOptions): Promise<Outcome> => start(args, options).ended;
  return {
    directory,
    home,
    store,
    start,
    run,
    async ok(args, options) {
      const { code, stdout, stderr } = await run(args, options);
      if (code !== 0) throw new Error(`kubecrate ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
