/**
 * The commands that a page shows, run in its order in a directory of its own.
 *
 * - A block ```` ```LANGUAGE file=PATH ```` is written to that file.
 * - A block ```` ```console run ```` is a list of commands, `$ ...`, each with the lines it prints; `exit=N` says how they end (default 0).
 *   A line of the output that is `...` stands for any lines. A command that ends in `&` runs until the page ends.
 * - Digests, ids and sizes of a page are from another day: each may be another one, and the same one has to be the same again.
 * - Lines `saved IMAGE` that follow each other come in any order.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freePort } from '../fixtures/free-port.ts';
import type { Block } from './page.ts';

export interface Command {
  readonly line: string;
  /** What it prints, of standard output and standard error together. */
  readonly output: string;
  readonly exit: number;
}

/** The commands of a block; none where it is no list of commands to run. */
export function commandsOf({ info, text, line: at }: Block): readonly Command[] {
  if (info[0] !== 'console' || info[1] !== 'run') return [];
  const exit = Number(info.find((word) => word.startsWith('exit='))?.slice('exit='.length) ?? 0);
  const commands = text.split(/^\$ /m);
  if (commands.shift() !== '') throw new Error(`the block of line ${at} does not begin with a command`);
  return commands.map((command) => {
    const end = command.indexOf('\n');
    return { line: command.slice(0, end), output: command.slice(end + 1), exit };
  });
}

/** Where the commands of a page run. */
export class Console implements AsyncDisposable {
  readonly directory: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #started: ChildProcess[] = [];
  /** Addresses of the page, by the one that stands for each. */
  readonly #addresses = new Map<string, string>();

  /** `registry`: where `localhost:5000` leads. */
  constructor(directory: string, env: Readonly<Record<string, string>>, registry: string) {
    this.directory = directory;
    this.#env = env;
    this.#addresses.set('localhost:5000', registry);
  }

  async writeFile(path: string, text: string): Promise<void> {
    const file = join(this.directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Runs one command and gives what it printed and how it ended; of one that goes on, what it printed first. */
  async run(line: string): Promise<Pick<Command, 'output' | 'exit'>> {
    const command = await this.#withOwnAddresses(line);
    const child = spawn('bash', ['-c', `exec 2>&1\numask 022\n${command.replace(/ &$/, '')}`], {
      cwd: this.directory,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    this.#started.push(child);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    const closed = once(child, 'close');
    if (line.endsWith(' &')) {
      while (!output.includes('\n') && child.exitCode === null)
        await Promise.race([once(child.stdout, 'data'), closed]);
      return { output: this.#withAddressesOfPage(output), exit: child.exitCode ?? 0 };
    }
    const [exit] = await closed;
    return { output: this.#withAddressesOfPage(output), exit: exit as number };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const closed = once(child, 'close');
      // With its group: bash may have started the program as a child of its own.
      process.kill(-child.pid, 'SIGKILL');
      await closed;
    }
  }

  /** Commands listen where nobody else does. */
  async #withOwnAddresses(command: string): Promise<string> {
    for (const [address] of command.matchAll(/127\.0\.0\.1:\d+/g)) {
      if (!this.#addresses.has(address)) this.#addresses.set(address, `127.0.0.1:${await freePort()}`);
    }
    return replaceAll(command, new Map([...this.#addresses].filter(([address]) => address.startsWith('127.'))));
  }

  #withAddressesOfPage(output: string): string {
    const back = new Map([...this.#addresses].map(([page, own]) => [own, page]));
    return replaceAll(output, back).replaceAll(this.directory, '/home/me/kubecrate');
  }
}

/** Numbers of one page: what stands for a digest or an id, and what for a size, is the same wherever it comes again. */
export class Numbers {
  readonly #known = new Map<string, string>();

  hide(text: string): string {
    return text
      .replace(/[0-9a-f]{64}/g, (hex) => this.#name(hex.slice(0, 12), 'digest'))
      .replace(/\b(?=[a-f]*[0-9])[0-9a-f]{12}\b/g, (hex) => this.#name(hex, 'digest'))
      .replace(/\b\d+(\.\d+)? (B|[kK]i?B|Mi?B|bytes)\b/g, '<size>')
      .replace(/ {2,}/g, '  ');
  }

  #name(text: string, kind: string): string {
    const known = this.#known.get(text) ?? `<${kind} ${this.#known.size + 1}>`;
    this.#known.set(text, known);
    return known;
  }
}

/** The output with the lines that come in any order sorted. */
export function normal(output: string): string {
  return output.replace(
    /^saved .*\n(?:saved .*\n)+/gm,
    (lines) => `${lines.trimEnd().split('\n').sort().join('\n')}\n`,
  );
}

/** The lines of `actual` for which `expected` has `...` are left out. */
export function abridge(actual: string, expected: string): string {
  const [head, ...rest] = expected.split(/^\.\.\.\n/m);
  if (head === undefined || rest.length === 0 || !actual.startsWith(head)) return actual;
  let at = head.length;
  let text = head;
  for (const part of rest) {
    const found = part === '' ? actual.length : actual.indexOf(`\n${part}`, at - 1) + 1;
    if (found < at) return actual;
    text += `...\n${part}`;
    at = found + part.length;
  }
  return at === actual.length ? text : actual;
}

function replaceAll(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((done, [from, to]) => done.replaceAll(from, to), text);
}
