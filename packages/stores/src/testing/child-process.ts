/** Programs of a test in a process of their own, to be killed, starved of disk, or run beside each other. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ChildOptions {
  /** Files cannot grow beyond this, as on a full disk. Kibibytes. */
  readonly fileSizeLimit?: number;
}

/** A process, and what it wrote when it is over. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves once the program has written `text` to its standard output. */
  wrote(text: string): Promise<void>;
  /** Waits for the end. */
  ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly output: string }>;
}

/**
 * Runs `program` with the exports of the TypeScript module `source` and texts as arguments. It is handed over as its source text:
 * it uses its parameters, globals, `process.getBuiltinModule`, and nothing around it, not even `await using`.
 */
export function startChild<M>(
  source: URL,
  program: (module: M, ...texts: string[]) => Promise<void>,
  texts: readonly string[],
  { fileSizeLimit }: ChildOptions = {},
): Child {
  const limit = fileSizeLimit === undefined ? '' : `ulimit -f ${fileSizeLimit * 2}; `;
  const code = `
    import { createServer } from 'vite';
    const resolve = { conditions: ['source'], externalConditions: ['source'], noExternal: [/^@kubecrate\\//] };
    const server = await createServer({
      configFile: false,
      logLevel: 'error',
      oxc: { target: 'es2023' },
      resolve,
      ssr: { resolve, noExternal: resolve.noExternal },
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
      optimizeDeps: { noDiscovery: true },
    });
    const module = await server.ssrLoadModule(${JSON.stringify(fileURLToPath(source))});
    await (${program.toString()})(module, ...${JSON.stringify(texts)});
    await server.close();
  `;
  const child = spawn(
    'sh',
    ['-c', `${limit}exec "$0" "$@"`, process.execPath, '--input-type=module', '--eval', code],
    // Where vite is found.
    { cwd: fileURLToPath(new URL('../../../..', import.meta.url)), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const append = (chunk: Buffer): void => {
    output += chunk;
    child.emit('output');
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  const closed = once(child, 'close');
  return {
    process: child,
    async wrote(text): Promise<void> {
      while (!output.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the program ended: ${output}`);
        await Promise.race([once(child, 'output'), closed]);
      }
    },
    async ended() {
      await closed;
      return { code: child.exitCode, signal: child.signalCode, output };
    },
  };
}
