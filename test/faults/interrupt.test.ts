// `build` and `mirror` are stopped while a layer comes slowly: nothing half-written is visible, and the next run goes on.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { startServer } from '@kubecrate/server';
import { verifyRegistryDirectory } from '@kubecrate/stores';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Running } from '../cli/kubecrate.ts';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { startTcpProxy } from '../fixtures/tcp-proxy.ts';
import { BEFORE, openScene, type Scene, tagsIn } from './scene.ts';

const app = image({ seed: 'app', layers: [{ seed: 'small' }, { seed: 'large', size: 3_000_000 }] });
const { digest } = app.layers[1]!.descriptor;

interface SlowRegistry extends AsyncDisposable {
  readonly host: string;
  /** The first byte that each request for the large layer asked for. */
  readonly starts: readonly number[];
  /** From now on it is fast. */
  hurry(): void;
}

async function slowRegistry(): Promise<SlowRegistry> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), app, '1');
  const server = await startServer(namespace);
  const starts: number[] = [];
  const counting = await startHttpProxy(server.url, ({ method, path, headers }) => {
    if (method === 'GET' && path.includes(digest))
      starts.push(Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0));
    return undefined;
  });
  let bytesPerSecond: number | undefined = 400_000;
  const slow = await startTcpProxy(counting.port, () => (bytesPerSecond === undefined ? {} : { bytesPerSecond }));
  return {
    host: slow.host,
    starts,
    hurry: () => {
      bytesPerSecond = undefined;
    },
    async [Symbol.asyncDispose]() {
      await slow[Symbol.asyncDispose]();
      await counting[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** Waits until so much of the large layer is there. */
async function arrived({ child, ended }: Running, bytes: number): Promise<void> {
  let seen = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    seen += String(chunk);
  });
  const over = ended.then(({ stderr }) => {
    throw new Error(`ended before ${bytes} bytes were there: ${stderr}`);
  });
  const there = (): boolean =>
    [...seen.matchAll(PROGRESS)].some(([, of, number]) => of === digest && Number(number) >= bytes);
  while (!there()) await Promise.race([once(child.stderr!, 'data'), over]);
}

const PROGRESS = /"type":"progress","digest":"([^"]+)","bytes":(\d+)/g;

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

const COMMANDS = {
  build: ['build', '-t', 'test:1', '-o', 'out.tar', '--progress', 'json', '--platform', 'linux/amd64', '.'],
  mirror: ['mirror', '--dir', 'mirror', '--progress', 'json', '--platform', 'linux/amd64', '--image-list', 'imageList'],
} as const;

describe.each(['build', 'mirror'] as const)('%s', (command) => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('is stopped by %s', async (signal) => {
    await using registry = await slowRegistry();
    await scene.write({ Kubefile: 'FROM scratch\nCOPY imageList manifests\n', imageList: `${registry.host}/app:1\n` });
    const args = COMMANDS[command];
    const run = scene.workspace.start(args, { env: scene.env });
    await arrived(run, 500_000);
    run.child.kill(signal);
    const outcome = await Promise.race([run.ended, sleep(20_000, 'still running', { ref: false })]);
    if (signal === 'SIGKILL') {
      expect(outcome).toMatchObject({ code: null });
      await expectNothingHalf();
    } else {
      expect(outcome).toMatchObject({ code: 130, stdout: '' });
      expect((outcome as { stderr: string }).stderr).toContain(`stopped by ${signal}`);
      await scene.expectUntouched();
    }
    registry.hurry();
    await scene.workspace.ok(args);
    expect(registry.starts.at(-1), 'the first byte that the second run asked for').toBeGreaterThan(100_000);
    if (command === 'build') await scene.workspace.ok(['verify', 'test:1']);
    else expect(await tagsIn(scene.mirror)).toEqual(['app:1', 'library/before:1']);
    expect((await verifyRegistryDirectory(scene.mirror)).problems).toEqual([]);
    await scene.workspace.ok(['prune']);
    await scene.workspace.ok(['verify']);
  });
});

/** What a process that could not tidy up leaves is nowhere to be seen. */
async function expectNothingHalf(): Promise<void> {
  const store = await openImageStore(scene.workspace.store);
  expect((await store.verify({})).problems).toEqual([]);
  expect((await store.images({})).flatMap(({ names }) => names)).toEqual(['docker.io/library/before:1']);
  expect(await readFile(scene.tarball, 'utf8')).toBe(BEFORE);
  expect(await tagsIn(scene.mirror)).toEqual(['library/before:1']);
  const { problems } = await verifyRegistryDirectory(scene.mirror);
  expect(problems.filter(({ kind }) => kind !== 'unreferenced')).toEqual([]);
}

test('prune frees the work files of a build that was killed', async () => {
  const workspace = await openWorkspace();
  await using _workspace = workspace;
  await writeFile(join(workspace.directory, 'blobfile'), randomBytes(40_000_000));
  await writeFile(join(workspace.directory, 'Kubefile'), 'FROM scratch\nCOPY blobfile etc/\n');
  const build = workspace.start(['build', '-t', 'x:1', '--platform', 'linux/amd64', '.']);
  const work = join(workspace.store, 'tmp');
  while ((await bytesIn(work)) < 1_000_000) await sleep(5);
  build.child.kill('SIGKILL');
  await build.ended;
  const left = await bytesIn(work);
  const { bytes } = JSON.parse(await workspace.ok(['prune', '--output', 'json']));
  expect(bytes).toBeGreaterThanOrEqual(left);
  expect(await readdir(work)).toEqual([]);
});

async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
