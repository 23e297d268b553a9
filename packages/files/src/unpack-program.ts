/** Unpacking by a program of the system, for what Node cannot unpack itself. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KubecrateError, systemCode } from '@kubecrate/errors';

/** The programs, and the packages that have them in Debian, Fedora and Alpine alike or nearly so. */
const PROGRAMS = {
  gzip: { program: 'gzip', package: 'gzip' },
  zstd: { program: 'zstd', package: 'zstd' },
  xz: { program: 'xz', package: 'xz-utils' },
  bzip2: { program: 'bzip2', package: 'bzip2' },
} as const;

/**
 * The unpacked bytes of `content`, which is read while they are taken.
 * @throws KubecrateError UNSUPPORTED where the program is not installed, INVALID_ARCHIVE where it refuses the content
 */
export async function* unpackByProgram(content: Readable, compression: keyof typeof PROGRAMS): AsyncGenerator<Buffer> {
  const { program } = PROGRAMS[compression];
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors = lastText(child.stderr);
  try {
    await started(once(child, 'spawn'), compression);
    const exit = once(child, 'close');
    const fed = pipeline(content, child.stdin).then(
      () => undefined,
      (error: unknown) => error,
    );
    yield* child.stdout;
    const [code] = await exit;
    const failure = await fed;
    // A program that gives up closes its input: then its own words say why.
    if (failure !== undefined && systemCode(failure) !== 'EPIPE') throw failure;
    if (code !== 0) throw refused(program, errors());
  } finally {
    child.kill();
    content.destroy();
  }
}

async function started(spawned: Promise<unknown>, compression: keyof typeof PROGRAMS): Promise<void> {
  try {
    await spawned;
  } catch (error) {
    const { program, package: name } = PROGRAMS[compression];
    throw new KubecrateError('UNSUPPORTED', `cannot unpack ${compression}: the program ${program} cannot be run`, {
      hint: `install the package ${name}`,
      cause: error,
    });
  }
}

/** Keeps the last lines of a stream. */
function lastText(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-1000);
  });
  return () => text.trim();
}

function refused(program: string, words: string): KubecrateError {
  return new KubecrateError(
    'INVALID_ARCHIVE',
    `cannot unpack the content: ${words === '' ? `${program} failed` : words}`,
    {
      hint: 'copy or download the file again',
    },
  );
}
