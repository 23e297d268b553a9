import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { MemoryStore } from '@kubecrate/content';
import { bytesOf, chart, failingFetch, image, pushImage } from '@kubecrate/content/testing';
import { parseManifest } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { archiveStream } from '../archive/archive-stream.ts';
import { writeArchive } from '../archive/write-archive.ts';
import { temporaryDirectory } from '../testing/index.ts';
import { openDockerEngine } from './docker-engine.ts';
import { formatEngineAddress, parseEngineAddress } from './engine-address.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An engine's end of the API on a socket, as far as images are concerned; real engines are in the interop tests. */
async function startEngine(directory: string, answer: Answer): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(directory, 'engine.sock');
  const server = createServer((request, response) => {
    const reply = request.url === '/_ping' ? Promise.resolve(void response.end('OK')) : answer(request, response);
    reply.catch(() => response.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    path,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const app = image({ seed: 'app', layers: [{ seed: 'large', size: 300_000 }] });
const named = [{ descriptor: app.descriptor, names: ['docker.io/library/app:1'] }];

async function storeOfApp(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await pushImage(store, app);
  return store;
}

describe('loading into an engine', () => {
  test('sends the archive that would have been written, and tells what the engine says', async () => {
    await using directory = await temporaryDirectory();
    const store = await storeOfApp();
    const urls: unknown[] = [];
    let received: Buffer = Buffer.alloc(0);
    await using socket = await startEngine(directory.path, async (request, response) => {
      urls.push(request.url);
      received = await bytesOf(request);
      response.end('{"stream":"Loaded image: app:1\\n"}\n');
    });
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const said: string[] = [];
    await engine.load(store, named, { onMessage: (text) => said.push(text) });
    expect(urls).toEqual(['/images/load?quiet=true']);
    expect(said).toEqual(['Loaded image: app:1']);
    const file = join(directory.path, 'app.tar');
    await writeArchive(store, named, file, { format: 'docker-archive' });
    expect(received.equals(await readFile(file))).toBe(true);
  });

  test('fails where the engine reports a failure inside an answer of status 200', async () => {
    await using directory = await temporaryDirectory();
    await using socket = await startEngine(directory.path, async (request, response) => {
      await bytesOf(request);
      response.end(
        '{"stream":"Loading\\n"}\n{"errorDetail":{"message":"no space"},"error":"no space left on device"}\n',
      );
    });
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const loading = engine.load(await storeOfApp(), named);
    await expect(loading).rejects.toMatchObject({
      code: 'ENGINE',
      message: 'cannot load docker.io/library/app:1: the engine says: no space left on device',
    });
  });

  test('fails with the words of the engine where it refuses', async () => {
    await using directory = await temporaryDirectory();
    await using socket = await startEngine(directory.path, async (request, response) => {
      await bytesOf(request);
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"the disk is on fire"}');
    });
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const loading = engine.load(await storeOfApp(), named);
    await expect(loading).rejects.toMatchObject({
      code: 'ENGINE',
      message: expect.stringContaining('the disk is on fire'),
    });
  });

  test('fails with the failure of the source where that breaks off', async () => {
    await using directory = await temporaryDirectory();
    await using socket = await startEngine(directory.path, async (request, response) => {
      await bytesOf(request);
      response.end();
    });
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const broken = failingFetch(await storeOfApp(), 1000, { where: ({ size }) => size > 100_000 });
    await expect(engine.load(broken, named)).rejects.toHaveProperty('code', 'NETWORK');
  });

  test('refuses what no engine takes before anything is sent', async () => {
    await using directory = await temporaryDirectory();
    await using socket = await startEngine(directory.path, () => expect.fail('nothing is to be sent'));
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const store = new MemoryStore();
    const mysql = chart({ name: 'mysql', version: '1.0.0' });
    await pushImage(store, mysql);
    const loading = engine.load(store, [{ descriptor: mysql.descriptor, names: ['mysql:1.0.0'] }]);
    await expect(loading).rejects.toHaveProperty('code', 'UNSUPPORTED');
  });
});

describe('saving from an engine', () => {
  test('gives the image with its layers, and leaves nothing when it is done with', async () => {
    await using directory = await temporaryDirectory();
    await using temporary = await temporaryDirectory();
    const store = await storeOfApp();
    await using socket = await startEngine(directory.path, async (request, response) => {
      expect(request.url).toBe('/images/app:1/get');
      (await archiveStream(store, named, { format: 'docker-archive' })).pipe(response);
    });
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    {
      await using archive = await engine.save('docker.io/library/app:1', { temporaryDirectory: temporary.path });
      const manifest = parseManifest(await bytesOf(await archive.fetch(await archive.resolve('app:1'))));
      expect(manifest).toMatchObject({ config: { digest: app.config.descriptor.digest } });
      expect(await readdir(temporary.path)).toHaveLength(1);
    }
    expect(await readdir(temporary.path)).toEqual([]);
  });

  test.each<[string, Answer, string]>([
    [
      'does not have it',
      async (_request, response) => void response.writeHead(404).end('{"message":"No such image: app:1"}'),
      'NOT_FOUND',
    ],
    ['answers with something else', async (_request, response) => void response.end('hello'), 'INVALID_ARCHIVE'],
    [
      'breaks off',
      async (_request, response) => {
        response.write(Buffer.alloc(100_000));
        setTimeout(() => response.destroy(), 50);
      },
      'ENGINE',
    ],
  ])('fails where the engine %s, and leaves nothing', async (_what, answer, code) => {
    await using directory = await temporaryDirectory();
    await using temporary = await temporaryDirectory();
    await using socket = await startEngine(directory.path, answer);
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const saving = engine.save('app:1', { temporaryDirectory: temporary.path });
    await expect(saving).rejects.toHaveProperty('code', code);
    expect(await readdir(temporary.path)).toEqual([]);
  });

  test('refuses a name that is none before the engine is asked', async () => {
    await using directory = await temporaryDirectory();
    await using socket = await startEngine(directory.path, () => expect.fail('nothing is to be asked'));
    const engine = await openDockerEngine({ kind: 'socket', path: socket.path });
    const saving = engine.save('app?x=1/../', { temporaryDirectory: directory.path });
    await expect(saving).rejects.toHaveProperty('code', 'INVALID_REFERENCE');
  });
});

test('an engine that is not there is told, with what to do', async () => {
  await using directory = await temporaryDirectory();
  const opening = openDockerEngine({ kind: 'socket', path: join(directory.path, 'nothing.sock') });
  await expect(opening).rejects.toMatchObject({
    code: 'ENGINE',
    message: expect.stringContaining('no engine answers at unix://'),
    hint: expect.stringContaining('DOCKER_HOST'),
  });
});

describe('the address of an engine', () => {
  test.each([
    ['unix:///run/docker.sock', { kind: 'socket', path: '/run/docker.sock' }],
    ['/run/docker.sock', { kind: 'socket', path: '/run/docker.sock' }],
    ['tcp://10.0.0.1:2375', { kind: 'host', host: '10.0.0.1', port: 2375 }],
    ['tcp://docker', { kind: 'host', host: 'docker', port: 2375 }],
    ['https://docker', { kind: 'host', host: 'docker', port: 2376, tls: {} }],
    ['tcp://[::1]:2375', { kind: 'host', host: '::1', port: 2375 }],
  ])('%s is understood', (text, address) => expect(parseEngineAddress(text)).toEqual(address));

  test.each(['', 'unix://', 'ssh://host', 'docker.sock', 'tcp://', 'tcp://a b'])('%j is refused', (text) => {
    expect(() => parseEngineAddress(text)).toThrow("cannot parse the engine's address");
  });

  test('is written back for people', () => {
    expect(formatEngineAddress(parseEngineAddress('tcp://docker'))).toBe('tcp://docker:2375');
    expect(formatEngineAddress(parseEngineAddress('/run/docker.sock'))).toBe('unix:///run/docker.sock');
  });
});
