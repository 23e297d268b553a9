/**
 * What is read comes from mirrors first, tags too; what goes into a registry goes into the registry itself, also where a mirror has all
 * of it.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { type RunningServer, startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeChart } from '../fixtures/write-chart.ts';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const AMD64 = image({ seed: 'app' });
const BOTH = index([AMD64, image({ seed: 'app-arm', platform: parsePlatform('linux/arm64') })]);

let mirrored: ReturnType<typeof memoryNamespace>;
let own: ReturnType<typeof memoryNamespace>;
let mirror: RunningServer;
let registry: RunningServer;
let workspace: Workspace;
beforeEach(async () => {
  [mirrored, own] = [memoryNamespace(), memoryNamespace()];
  for (const repository of ['team/app', 'library/app']) await pushImage(mirrored.repository(repository), AMD64, '1');
  await pushImage(mirrored.repository('team/both'), BOTH, '1');
  mirror = await startServer(mirrored, { access: 'writable' });
  registry = await startServer(own, { access: 'writable' });
  workspace = await openWorkspace();
  await workspace.ok(['pull', `${mirror.host}/team/app:1`]);
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await mirror.close();
  await registry.close();
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const inHome = (path: string, text: string): Promise<void> => write(join(workspace.home, '.config', path), text);

/** Runs a command; `MIRROR` and `REGISTRY` in it are the addresses of the two. */
async function run(args: readonly string[]): Promise<void> {
  const named = (text: string): string => text.replaceAll('MIRROR', mirror.host).replaceAll('REGISTRY', registry.host);
  await workspace.ok(args.map(named));
}

/** The mirrors of `REGISTRY`, by all the ways to name one. */
const CONFIGURATIONS: readonly (readonly [name: string, configure: () => Promise<void>])[] = [
  [
    'registries.conf',
    () =>
      inHome(
        'containers/registries.conf',
        `[[registry]]\nlocation = "${registry.host}"\n[[registry.mirror]]\nlocation = "${mirror.host}"\ninsecure = true\n`,
      ),
  ],
  [
    'hosts.toml',
    () =>
      inHome(
        `kubecrate/certs.d/${registry.host}/hosts.toml`,
        `server = "${registry.url}"\n[host."${mirror.url}"]\ncapabilities = ["pull", "resolve"]\n`,
      ),
  ],
];

describe.each(CONFIGURATIONS)('with a mirror in %s', (_name, configure) => {
  test('push', async () => {
    await configure();
    await run(['push', 'MIRROR/team/app:1', 'REGISTRY/team/app:1']);
    expect(await own.repository('team/app').resolve('1')).toEqual(await mirrored.repository('team/app').resolve('1'));
  });

  test('copy, from a registry and from a layout', async () => {
    await run(['copy', 'docker://MIRROR/team/app:1', 'oci:layout:1']);
    await configure();
    await run(['copy', 'docker://MIRROR/team/app:1', 'docker://REGISTRY/team/app:1']);
    expect(await own.repository('team/app').resolve('1')).toMatchObject({ digest: AMD64.descriptor.digest });
    await run(['copy', 'docker://MIRROR/team/both:1', 'docker://REGISTRY/team/both:1', '--all']);
    expect(await own.repository('team/both').resolve('1')).toMatchObject({ digest: BOTH.descriptor.digest });
    await pushImage(mirrored.repository('team/layout'), AMD64, '1');
    await run(['copy', 'oci:layout:1', 'docker://REGISTRY/team/layout:1']);
    expect(await own.repository('team/layout').resolve('1')).toMatchObject({ digest: AMD64.descriptor.digest });
  });

  test('sync, which reads from the mirror all the same', async () => {
    await configure();
    await write(
      join(workspace.directory, 'images.yaml'),
      `${mirror.host}/team/app:1: ${registry.host}/team/app\n${registry.host}/team/both:1: ${registry.host}/copy/both\n`,
    );
    await run(['sync', '--images', 'images.yaml']);
    expect(await own.repository('team/app').resolve('1')).toMatchObject({ digest: AMD64.descriptor.digest });
    expect(await own.repository('copy/both').resolve('1')).toMatchObject({ digest: BOTH.descriptor.digest });
  });

  test('image push', async () => {
    await run(['image', 'pull', 'MIRROR/team/app:1', '--images-dir', 'images']);
    await configure();
    await run(['image', 'push', '--images-dir', 'images', '--dest', 'REGISTRY/team/app:1']);
    expect(await own.repository('team/app').resolve('1')).toMatchObject({ digest: AMD64.descriptor.digest });
  });

  test('manifest push', async () => {
    const create = ['manifest', 'create', 'all:1', 'docker://MIRROR/team/both:1'];
    await run(create);
    await run(['manifest', 'push', 'all:1', 'MIRROR/team/all:1']);
    await configure();
    await run(['manifest', 'push', 'all:1', 'REGISTRY/team/all:1']);
    expect(await own.repository('team/all').resolve('1')).toEqual(await mirrored.repository('team/all').resolve('1'));
  });

  test('chart push', async () => {
    await writeChart(join(workspace.directory, 'web'), { name: 'web' }, {});
    await run(['chart', 'push', 'web', 'oci://MIRROR/charts']);
    await configure();
    await run(['chart', 'push', 'web', 'oci://REGISTRY/charts']);
    expect(await own.repository('charts/web').resolve('1.0.0')).toEqual(
      await mirrored.repository('charts/web').resolve('1.0.0'),
    );
  });
});

test('with a mirror of Docker Hub in registry-mirrors, push goes to Docker Hub', async () => {
  await inHome('kubecrate/config.json', JSON.stringify({ 'registry-mirrors': [mirror.url] }));
  await inHome(
    'containers/registries.conf',
    `[[registry]]\nprefix = "docker.io"\nlocation = "${registry.host}"\ninsecure = true\n`,
  );
  await run(['push', 'MIRROR/team/app:1', 'app:1']);
  expect(await own.repository('library/app').resolve('1')).toMatchObject({ digest: AMD64.descriptor.digest });
});

test('search and sync without a tag list the tags of the mirror of Docker Hub, and need no Docker Hub', async () => {
  await inHome('kubecrate/config.json', JSON.stringify({ 'registry-mirrors': [mirror.url] }));
  // Nothing answers there.
  await inHome('containers/registries.conf', '[[registry]]\nprefix = "docker.io"\nlocation = "127.0.0.1:1"\n');
  expect(await workspace.ok(['search', 'app'])).toBe('1\n');
  await write(join(workspace.directory, 'images.yaml'), `docker.io/library/app: ${registry.host}/team/app\n`);
  await run(['sync', '--images', 'images.yaml']);
  expect(await own.repository('team/app').resolve('1')).toMatchObject({ digest: AMD64.descriptor.digest });
});
