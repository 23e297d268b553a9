/** A context for a program that is only looked at: nothing runs in it. */

import type { Context } from '../../cmd/kubecrate/src/context.ts';

export function idleContext(): Context {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: {},
    cwd: '/',
    home: '/',
    arch: 'x64',
    uid: undefined,
    signal: new AbortController().signal,
    program: { script: 'kubecrate', args: [] },
    cores: 1,
    interrupt: () => undefined,
    now: () => 0,
  };
}
