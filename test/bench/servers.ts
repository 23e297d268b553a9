/** The servers of the benchmarks: Debian's docker-registry, and a proxy that makes it far. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KUBECRATE } from './bench.ts';

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
}

/** Serves a registry directory with docker-registry, read-only. */
export function startRegistry(directory: string): Promise<RunningServer> {
  return serveDirectory(directory, { storage: { maintenance: { readonly: { enabled: true } } } });
}

/** Serves a registry directory with docker-registry, for writing too; every request is a line of the file `accessLog`. */
export function startWritableRegistry(directory: string, accessLog?: string): Promise<RunningServer> {
  return serveDirectory(directory, {}, accessLog);
}

async function serveDirectory(
  directory: string,
  { storage }: { readonly storage?: object },
  accessLog?: string,
): Promise<RunningServer> {
  const port = await freePort();
  const scratch = await mkdtemp(join(tmpdir(), 'kubecrate-registry-'));
  const config = join(scratch, 'config.yml');
  const settings = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: accessLog === undefined } },
    storage: {
      filesystem: { rootdirectory: directory, maxthreads: 100 },
      cache: { blobdescriptor: 'inmemory' },
      ...storage,
    },
    http: { addr: `127.0.0.1:${port}` },
  };
  await writeFile(config, JSON.stringify(settings));
  const log = accessLog === undefined ? undefined : await open(accessLog, 'a');
  const child = spawn('docker-registry', ['serve', config], {
    stdio: ['ignore', log?.fd ?? 'ignore', 'ignore'],
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  await log?.close();
  await reachable(port);
  return stopped(child, port, () => rm(scratch, { recursive: true, force: true }));
}

/** A proxy in front of `to` that waits `delayMs` before each request and sends at most `bytesPerSecond` on each connection. */
export async function startFarProxy(to: number, delayMs: number, bytesPerSecond: number): Promise<RunningServer> {
  const port = await freePort();
  const script = fileURLToPath(new URL('./far-proxy.js', import.meta.url));
  const args = [script, port, to, delayMs, bytesPerSecond].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await reachable(port);
  return stopped(child, port, async () => undefined);
}

/** Serves a registry directory with kubecrate. */
export async function startOurServer(directory: string): Promise<RunningServer> {
  const port = await freePort();
  const [node = '', ...args] = [...KUBECRATE, 'serve', directory, '--addr', `127.0.0.1:${port}`];
  const child = spawn(node, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await reachable(port);
  return stopped(child, port, async () => undefined);
}

/** Serves the blobs of a registry directory with nginx: two processes and sendfile, which is as much as this machine's loopback gives. */
export async function startNginx(directory: string): Promise<RunningServer> {
  const port = await freePort();
  const scratch = await mkdtemp(join(tmpdir(), 'kubecrate-nginx-'));
  const config = join(scratch, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const lines = [
    `worker_processes 2; daemon off; pid ${scratch}/pid; error_log ${scratch}/error.log; user root;`,
    'events { worker_connections 256; }',
    'http { access_log off; sendfile on; tcp_nopush on;',
    ...temporary.map((name) => `${name}_temp_path ${scratch}/${name};`),
    `server { listen 127.0.0.1:${port}; location = /v2/ { return 200; }`,
    'location ~ "blobs/sha256:(?<first>..)(?<rest>.*)$" {',
    `alias ${directory}/docker/registry/v2/blobs/sha256/$first/$first$rest/data; } } }`,
  ];
  await writeFile(config, lines.join('\n'));
  const child = spawn('nginx', ['-c', config], { stdio: ['ignore', 'ignore', 'ignore'] });
  await reachable(port);
  return stopped(child, port, () => rm(scratch, { recursive: true, force: true }));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Waits until a server answers on loopback. */
export async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answered = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
  throw new Error(`nothing answers on port ${port}`);
}

/** Stops a child process with its scope. */
export function stopped(child: ChildProcess, port: number, after: () => Promise<void>): RunningServer {
  return {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      if (child.exitCode === null) {
        const closed = once(child, 'close');
        child.kill();
        await closed;
      }
      await after();
    },
  };
}
