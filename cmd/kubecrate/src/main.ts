/** The process: its streams, its signals, its exit code. Nothing below this file reads them by itself. */

import { setMaxListeners } from 'node:events';
import { availableParallelism, homedir } from 'node:os';
import { runProgram } from './program.ts';

const controller = new AbortController();
// Every transfer of a run listens to this one signal.
setMaxListeners(0, controller.signal);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    stop(signal);
    // A second signal does not wait for anything.
    process.once(signal, () => process.exit(code));
  });
}

function stop(signal: 'SIGINT' | 'SIGTERM'): void {
  controller.abort(new DOMException(`stopped by ${signal}`, 'AbortError'));
}

// A file beyond the limit of this user (ulimit -f) is an error of the write, not the end of the process.
process.on('SIGXFSZ', () => undefined);
// A reader that goes away (`kubecrate images | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  arch: process.arch,
  uid: process.getuid?.(),
  signal: controller.signal,
  program: { script: process.argv[1] ?? '', args: process.argv.slice(2) },
  cores: availableParallelism(),
  interrupt: () => stop('SIGINT'),
  now: Date.now,
});
