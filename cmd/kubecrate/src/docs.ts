/** Writes the reference of the command line: `node dist/docs.js DIRECTORY`. */

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandPages } from './command-pages.ts';
import { buildProgram } from './program.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: docs.js DIRECTORY');
const pages = commandPages(
  await buildProgram(['--help'], {
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
    now: Date.now,
  }),
);
await mkdir(directory, { recursive: true });
for (const name of await readdir(directory)) if (name.endsWith('.md')) await rm(join(directory, name));
for (const [name, text] of pages) await writeFile(join(directory, name), text);
