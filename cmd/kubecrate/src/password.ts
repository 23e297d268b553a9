/** Passwords from standard input: given by a program, or typed without an echo. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { KubecrateError } from '@kubecrate/errors';
import type { Context } from './context.ts';

/** A password longer than this is none. Bytes. */
const MAX_PASSWORD_SIZE = 64 * 1024;

/** Everything on standard input, without the end of its last line. @throws KubecrateError USAGE where that is nothing */
export async function readPassword(stdin: Context['stdin']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    size += chunks.at(-1)?.byteLength ?? 0;
    if (size > MAX_PASSWORD_SIZE)
      throw new KubecrateError('USAGE', `the password on standard input has more than ${MAX_PASSWORD_SIZE} bytes`);
  }
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '') throw new KubecrateError('USAGE', 'Password Required: standard input is empty');
  return password;
}

/** Asks a person. What is typed is shown for `visible` answers only. @throws KubecrateError USAGE where nobody is there */
export async function ask(question: string, echo: 'visible' | 'hidden', context: Context): Promise<string> {
  const { stdin, stderr, signal, interrupt } = context;
  if (stdin.isTTY !== true)
    throw new KubecrateError('USAGE', 'Cannot perform an interactive login from a non TTY device', {
      hint: 'give -u NAME and --password-stdin',
    });
  let shown = true;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (shown) stderr.write(String(chunk));
      done();
    },
  });
  const lines = createInterface({ input: stdin, output, terminal: true });
  const gone = new AbortController();
  // Ctrl-C and Ctrl-D are read as keys here: no signal comes of them.
  lines.once('SIGINT', interrupt);
  lines.once('close', () => gone.abort(new KubecrateError('ABORTED', `nothing was given for "${question.trim()}"`)));
  const stop = AbortSignal.any([signal, gone.signal]);
  try {
    const answer = lines.question(question, { signal: stop });
    shown = echo === 'visible';
    return await answer;
  } catch (error) {
    stop.throwIfAborted();
    throw error;
  } finally {
    lines.close();
    if (echo === 'hidden') stderr.write('\n');
  }
}
