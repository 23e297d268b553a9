/** `template` of a program as a child process. */

import { execFile } from 'node:child_process';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LARGEST_OUTPUT = 256 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

/** Runs `program... template args...` to its end, whatever its exit code; fails where it does not start or is killed. */
export function runTemplate(program: readonly string[], args: readonly string[]): Promise<Run> {
  const [command = '', ...before] = program;
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: LARGEST_OUTPUT, timeout: TIMEOUT_MS };
    execFile(command, [...before, 'template', ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(new Error(`${[...program, 'template', ...args].join(' ')}: ${error.message}`));
    });
  });
}
