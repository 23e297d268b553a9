// A body that stops coming while its connection stays open: in the process of the test with a patience of milliseconds, and through the
// program with one of a second.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageFixture, image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openRegistryClient, type RegistryClient } from '@kubecrate/registry';
import { createImageSaver } from '@kubecrate/saver';
import { startServer } from '@kubecrate/server';
import { verifyRegistryDirectory } from '@kubecrate/stores';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace } from '../cli/kubecrate.ts';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { tagsIn } from './scene.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubecrate-stall-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function impatientClient(): RegistryClient {
  return openRegistryClient({
    retry: { attempts: 2, delayMs: 1, maximumDelayMs: 1, random: () => 1 },
    timeouts: { connectMs: 5000, stallMs: 500 },
  });
}

/** A registry with `app:1`, whose layer stalls after so many bytes of the body as long as `stallsAfter` says so. */
async function stallingRegistry(app: ImageFixture, stallsAfter: () => number | undefined) {
  const ranges: string[] = [];
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), app, '1');
  const server = await startServer(namespace);
  const { digest } = app.layers[0]!.descriptor;
  const proxy = await startHttpProxy(server.url, ({ path, headers }) => {
    if (!path.includes(digest)) return undefined;
    ranges.push(headers.range ?? 'whole');
    const after = stallsAfter();
    return after === undefined ? undefined : { kind: 'stall', after };
  });
  return {
    host: proxy.host,
    /** The Range headers of the requests for the layer, `whole` where there was none. */
    ranges,
    async [Symbol.asyncDispose](): Promise<void> {
      await proxy[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

test.each([
  ['streamed', 30_000],
  ['bulk', 3_000_000],
])('a %s layer that always stalls is an error that says so; nothing is served', async (_, size) => {
  const app = image({ seed: 'app', layers: [{ seed: 'layer', size }] });
  await using registry = await stallingRegistry(app, () => 0);
  await using client = impatientClient();
  const saving = createImageSaver({ from: client }).saveImages([`${registry.host}/app:1`], directory, 'amd64');
  const error = await saving.catch((reason: unknown) => reason as Error);
  expect(error).toMatchObject({ code: 'NETWORK', message: expect.stringContaining(`${registry.host}/app:1`) });
  expect((error as Error).message).toContain('0.5 s');
  expect((error as Error).message).toContain('tried 2 times');
  expect(await tagsIn(directory)).toEqual([]);
  const { problems } = await verifyRegistryDirectory(directory);
  expect(problems.filter(({ kind }) => kind !== 'unreferenced')).toEqual([]);
});

test('a layer that stalls once goes on where it stopped', async () => {
  const app = image({ seed: 'app', layers: [{ seed: 'layer', size: 3_000_000 }] });
  let stalls = true;
  await using registry = await stallingRegistry(app, () => (stalls ? 1_000_000 : undefined));
  await using client = openRegistryClient(
    { retry: { attempts: 2, delayMs: 1, maximumDelayMs: 1, random: () => 1 }, timeouts: { stallMs: 500 } },
    {
      onEvent: ({ type }) => {
        if (type === 'retrying') stalls = false;
      },
    },
  );
  await createImageSaver({ from: client }).saveImages([`${registry.host}/app:1`], directory, 'amd64');
  expect(await tagsIn(directory)).toEqual(['app:1']);
  expect((await verifyRegistryDirectory(directory)).problems).toEqual([]);
  expect(await readdir(directory)).toEqual(['docker']);
});

describe('--stall-timeout', () => {
  const app = image({ seed: 'app', layers: [{ seed: 'layer', size: 3_000_000 }] });

  test.each([
    ['pull', (name: string) => ['pull', name]],
    ['mirror', (name: string) => ['mirror', '--dir', 'mirror', name]],
    ['copy to an archive', (name: string) => ['copy', `docker://${name}`, 'oci-archive:app.tar']],
    ['copy to a layout', (name: string) => ['copy', `docker://${name}`, 'oci:layout']],
  ])('%s goes on over another connection, from the byte where the first one stalled', async (_, args) => {
    let stalls = 1;
    await using registry = await stallingRegistry(app, () => (stalls-- > 0 ? 1_000_000 : undefined));
    await using workspace = await openWorkspace();
    const options = ['--stall-timeout', '1', '--platform', 'linux/amd64', '--progress', 'plain'];
    const { code, stderr } = await workspace.run([...args(`${registry.host}/app:1`), ...options]);
    expect(stderr).toContain('sent nothing for 1 s');
    expect(code, stderr).toBe(0);
    expect(registry.ranges).toEqual(['whole', expect.stringMatching(/^bytes=[1-9]\d*-/)]);
    if (args('x')[0] === 'copy') return;
    await workspace.ok(['verify', ...(args('x')[0] === 'mirror' ? ['./mirror'] : [])]);
  });

  test('is a number of seconds', async () => {
    await using workspace = await openWorkspace();
    for (const wrong of ['0', '-1', 'soon', '1.5']) {
      const { code, stderr } = await workspace.run(['pull', `--stall-timeout=${wrong}`, 'app:1']);
      expect(stderr).toContain(`--stall-timeout "${wrong}" is no whole number from 1`);
      expect(code).toBe(2);
    }
  });
});
