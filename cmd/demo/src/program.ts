/** Running kubecrate as a person does: as a process of its own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../kubecrate/bin/kubecrate.js', import.meta.url));

/** Shows the command line, runs it, shows what it prints; gives what it printed to standard output. @throws Error where it fails */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  console.log(`\n$ kubecrate ${args.join(' ')}`);
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    process.stdout.write(chunk);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`kubecrate ${args[0]} ended with code ${code}`);
  return printed;
}

/** A `kubecrate serve` that runs until it is disposed of. */
export interface Serving extends AsyncDisposable {
  /** `127.0.0.1:40123` */
  readonly host: string;
}

/** Starts a server on a free port and waits until it says where it listens. */
export async function serve(subject: string, env: NodeJS.ProcessEnv): Promise<Serving> {
  const args = ['serve', subject, '--addr', '127.0.0.1:0'];
  console.log(`\n$ kubecrate ${args.join(' ')} &`);
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    const host = /https?:\/\/([^\s/]+)/.exec(line)?.[1];
    if (host === undefined) continue;
    return {
      host,
      async [Symbol.asyncDispose](): Promise<void> {
        const closed = once(child, 'close');
        child.kill();
        await closed;
      },
    };
  }
  throw new Error(`kubecrate serve ${subject} ended before it listened`);
}
