// Archives: what we save, Docker and podman load; what they save, we load - several images, several names, compressed as a whole or not.

import { join } from 'node:path';
import { image, index, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../cli/kubecrate.ts';
import { startDockerd } from '../fixtures/dockerd.ts';
import { describePeer } from '../fixtures/peers.ts';
import { podman } from '../fixtures/podman.ts';
import { runSuccessfully } from '../fixtures/run-process.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';

const BASE = { seed: 'base', size: 100_000 };
const ONE = image({ seed: 'one', layers: [BASE, { seed: 'one' }] });
const TWO = image({ seed: 'two', layers: [BASE, { seed: 'two' }] });
/** Of the configuration: engines make manifests of their own. */
const ids = { one: ONE.blobs[0]!.descriptor.digest, two: TWO.blobs[0]!.descriptor.digest };
const NAMES = { 'example.com/one:1': ids.one, 'example.com/one:also': ids.one, 'example.com/two:1': ids.two };

/** A command of an engine that has to succeed. */
type Engine = (...args: readonly string[]) => Promise<string>;

async function filled(): Promise<Workspace> {
  const workspace = await openWorkspace();
  const store = await openImageStore(workspace.store);
  await pushImage(store, ONE, 'example.com/one:1');
  await pushImage(store, ONE, 'example.com/one:also');
  await pushImage(store, TWO, 'example.com/two:1');
  return workspace;
}

/** Everything that we save, loaded by an engine; the images of the last one stay there. */
async function loadsOurs(engine: Engine): Promise<void> {
  await using workspace = await filled();
  for (const [i, format] of ['oci-archive', 'docker-archive'].entries()) {
    const file = join(workspace.directory, `${format}.tar`);
    await workspace.ok(['save', '--format', format, '-o', file, ...Object.keys(NAMES)]);
    if (i > 0) await engine('rmi', ...Object.keys(NAMES));
    await engine('load', '-i', file);
    const lines = await engine('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
    expect(idsOf(lines), format).toEqual(NAMES);
  }
}

/** A file that an engine saved, loaded by us: as it is, and compressed as a whole. */
async function loadedByUs(file: string): Promise<void> {
  for (const [suffix, command] of [
    ['', undefined],
    ['.gz', ['gzip', '-k']],
    ['.xz', ['xz', '-k']],
    ['.zst', ['zstd', '-q', '-k']],
  ] as const) {
    if (command !== undefined) await runSuccessfully(command[0], [...command.slice(1), file]);
    await using workspace = await openWorkspace();
    expect(await workspace.ok(['load', '-i', `${file}${suffix}`])).toBe(`Load image from "${file}${suffix}" success\n`);
    const listed = JSON.parse(await workspace.ok(['images', '--output', 'json'])) as { id: string; names: string[] }[];
    const found = listed.flatMap(({ id, names }) => names.map((name) => [name, id]));
    expect(Object.fromEntries(found), suffix).toEqual(NAMES);
    await workspace.ok(['verify']);
  }
}

/** An image of several platforms: an engine takes one of them. */
async function loadsOneOfSeveral(engine: Engine): Promise<void> {
  await using workspace = await openWorkspace();
  const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const images = ['s390x', own].map((architecture) =>
    image({ seed: architecture, platform: { os: 'linux', architecture } }),
  );
  await pushImage(await openImageStore(workspace.store), index(images), 'example.com/several:1');
  const file = join(workspace.directory, 'several.tar');
  await workspace.ok(['save', '-o', file, 'example.com/several:1']);
  await engine('load', '-i', file);
  const lines = await engine('images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
  expect(idsOf(lines)).toMatchObject({ 'example.com/several:1': images[1]!.config.descriptor.digest });
}

describePeer(['dockerd', 'xz', 'zstd'], 'archives and Docker', () => {
  test('docker load reads what we save; we load what docker save writes', async () => {
    await using engine = await startDockerd();
    await loadsOurs(engine.docker);
    await loadsOneOfSeveral(engine.docker);
    await using home = await temporaryDirectory();
    const file = join(home.path, 'docker.tar');
    await engine.docker('save', '-o', file, ...Object.keys(NAMES));
    await loadedByUs(file);
  });
});

describePeer(['podman', 'xz', 'zstd'], 'archives and podman', () => {
  test('podman load reads what we save; we load what podman save writes', async () => {
    await using home = await temporaryDirectory();
    await loadsOurs((...args) => podman(args, home.path));
    await loadsOneOfSeveral((...args) => podman(args, home.path));
    const file = join(home.path, 'podman.tar');
    await podman(['save', '--multi-image-archive', '-o', file, ...Object.keys(NAMES)], home.path);
    await loadedByUs(file);
  });
});

function idsOf(lines: string): Readonly<Record<string, string>> {
  const known = lines.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ') as [string, string]]));
  return Object.fromEntries(known);
}
