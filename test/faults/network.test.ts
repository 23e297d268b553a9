// A network that is far, slow, or turns bits over, between the program and our server.

import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { type RunningServer, startServer } from '@kubecrate/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTcpProxy, type TcpFault } from '../fixtures/tcp-proxy.ts';
import { openScene, type Scene } from './scene.ts';

const APP = image({ seed: 'app', layers: [{ seed: 'layer', size: 1_000_000 }] });
const LAYER = APP.layers[0]!.descriptor.digest;

let server: RunningServer;
let scene: Scene;
beforeEach(async () => {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('team/app'), APP, '1');
  server = await startServer(namespace, { access: 'writable' });
  scene = await openScene();
});
afterEach(async () => {
  await scene[Symbol.asyncDispose]();
  await server.close();
});

const COMMANDS: readonly (readonly [string, (host: string) => readonly string[]])[] = [
  ['pull', (host) => ['pull', '--platform', 'linux/amd64', `${host}/team/app:1`]],
  ['mirror', (host) => ['mirror', '--dir', 'other', '--platform', 'linux/amd64', `${host}/team/app:1`]],
  ['copy to an archive', (host) => ['copy', '--all', `docker://${host}/team/app:1`, 'oci-archive:app.tar']],
];

test.each(COMMANDS)('%s gets over a network that is far and slow', async (_, args) => {
  await using proxy = await startTcpProxy(server.port, () => ({ delayMs: 150, bytesPerSecond: 1_500_000 }));
  await scene.workspace.ok(args(proxy.host), { env: scene.env });
  expect(proxy.connections()).toBeGreaterThan(0);
});

test.each(COMMANDS.slice(0, 2))('%s fetches a layer once more in which a bit was turned over', async (_, args) => {
  await using proxy = await startTcpProxy(server.port, () => ({ corruptAt: 600_000 }));
  const outcome = await scene.workspace.run([...args(proxy.host), '--progress', 'plain'], { env: scene.env });
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(outcome.stderr).toMatch(new RegExp(`retrying .*${LAYER}.*has the digest`));
});

test.each(COMMANDS.slice(2))(
  '%s refuses a layer in which a bit was turned over, and takes the right one next time',
  async (_, args) => {
    let fault: TcpFault | undefined = { corruptAt: 600_000 };
    await using proxy = await startTcpProxy(server.port, () => fault);
    const outcome = await scene.workspace.run(args(proxy.host), { env: scene.env });
    expect(outcome.code, outcome.stderr).toBe(1);
    expect(outcome.stderr.match(/^error: /gm)).toHaveLength(1);
    expect(outcome.stderr).toContain(LAYER);
    await scene.expectUntouched();
    fault = undefined;
    await scene.workspace.ok(args(proxy.host), { env: scene.env });
  },
);

test('push gets over it too', async () => {
  const { workspace } = scene;
  await workspace.ok(['pull', '--platform', 'linux/amd64', `${server.host}/team/app:1`]);
  await using proxy = await startTcpProxy(server.port, () => ({ delayMs: 150, bytesPerSecond: 1_500_000 }));
  const pushed = await workspace.ok(['push', `${server.host}/team/app:1`, `${proxy.host}/back/app:1`]);
  expect(pushed).toContain(APP.descriptor.digest);
});
