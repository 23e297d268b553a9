// `build` and `mirror` are stopped while a layer comes slowly: nothing half-written is visible, and the next run goes on.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { startServer } from '@kubecrate/server';
import { verifyRegistryDirectory } from '@kubecrate/stores';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Running } from '../cli/kubecrate.ts';
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
