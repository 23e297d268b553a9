// The program several times at once over one store: pulling, building, removing, pruning - and killed.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const BASE = { seed: 'base', size: 300_000 };
const APPS = ['a', 'b', 'c'].map((seed) => image({ seed, layers: [BASE, { seed, size: 100_000 }] }));

async function registry(): ReturnType<typeof startServer> {
  const namespace = memoryNamespace();
  for (const [i, app] of APPS.entries()) await pushImage(namespace.repository(`app${i}`), app, '1');
  return startServer(namespace);
}

async function cluster(workspace: Workspace, host: string): Promise<void> {
  await writeFile(join(workspace.directory, 'Kubefile'), 'FROM scratch\nCOPY imageList manifests\n');
  await writeFile(join(workspace.directory, 'imageList'), `${host}/app0:1\n${host}/app1:1\n`);
}

const PLATFORM = ['--platform', 'linux/amd64'];

test('processes that pull, build, remove and prune at once lose nothing and corrupt nothing', async () => {
  await using server = await registry();
  await using workspace = await openWorkspace();
  await cluster(workspace, server.host);
  const { host } = server;
  await workspace.ok(['pull', ...PLATFORM, `${host}/app2:1`]);
  const rounds = async (...commands: readonly (readonly string[])[]): Promise<void> => {
    for (let round = 0; round < 3; round += 1) for (const command of commands) await workspace.ok(command);
  };
  await Promise.all([
    rounds(['pull', ...PLATFORM, `${host}/app0:1`], ['rmi', `${host}/app0:1`]),
    rounds(['build', '-t', 'cluster:1', ...PLATFORM, '.'], ['rmi', 'cluster:1']),
    rounds(['prune'], ['images']),
    rounds(['build', '-t', 'cluster:2', ...PLATFORM, '.']),
  ]);
  expect((await workspace.ok(['images', '-q'])).split('\n').filter(Boolean).sort()).toEqual(
    ['cluster:2', `${host}/app2:1`].sort(),
  );
  await workspace.ok(['verify']);
  await workspace.ok(['prune']);
  await workspace.ok(['verify']);
  await workspace.ok(['save', '-o', 'cluster.tar', 'cluster:2']);
  await workspace.ok(['rmi', 'cluster:2', `${host}/app2:1`]);
  await workspace.ok(['prune']);
  const left = JSON.parse(await workspace.ok(['prune', '--output', 'json'])) as { digests: readonly string[] };
  expect(left.digests).toEqual([]);
}, 180_000);

test('kill -9 at any moment leaves a store that verify passes, and that the next command goes on with', async () => {
  await using server = await registry();
  await using workspace = await openWorkspace();
  await cluster(workspace, server.host);
  const { host } = server;
  await workspace.ok(['pull', ...PLATFORM, `${host}/app2:1`]);
  for (const wait of [300, 450, 600, 750, 900]) {
    const builds = ['one', 'two'].map((name) => workspace.start(['build', '-t', `${name}:1`, ...PLATFORM, '.']));
    await sleep(wait);
    for (const { child } of builds) child.kill('SIGKILL');
    for (const { ended } of builds) await ended;
    await workspace.ok(['verify']);
    await workspace.ok(['rmi', '-f', 'one:1', 'two:1']);
  }
  await workspace.ok(['build', '-t', 'cluster:1', ...PLATFORM, '.']);
  await workspace.ok(['prune']);
  await workspace.ok(['verify', 'cluster:1']);
  await workspace.ok(['verify', `${host}/app2:1`]);
}, 180_000);
