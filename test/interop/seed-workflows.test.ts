// The two workflows of the user, to the letter: what a registry holds goes into a cluster image, and stock clients get it out again.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chart, image, index, type ManifestFixture, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../cli/kubecrate.ts';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { expectServed } from '../fixtures/expect-served.ts';
import { describePeer } from '../fixtures/peers.ts';
import { skopeo } from '../fixtures/skopeo.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';

const AMD64 = image({ seed: 'mysql', layers: [{ seed: 'base', size: 2_000_000 }, { seed: 'mysql' }] });
const MYSQL = index([AMD64, image({ seed: 'mysql-arm', platform: parsePlatform('linux/arm64') })]);
const UBUNTU = image({ seed: 'ubuntu', layers: [{ seed: 'base', size: 2_000_000 }] });
const MYSQL_CHART = chart({ name: 'mysql', version: '8.8.19' });
const RABBITMQ_CHART = chart({ name: 'rabbitmq', version: '8.24.13' });

const UPSTREAM: readonly (readonly [string, string, ManifestFixture])[] = [
  ['library/mysql', 'latest', MYSQL],
  ['library/ubuntu', '18.04', UBUNTU],
  ['helm-charts/mysql', '8.8.19', MYSQL_CHART],
  ['helm-charts/rabbitmq', '8.24.13', RABBITMQ_CHART],
];

/** Docker's registry with the charts and images of the user's document. */
async function startUpstream(directory: string): ReturnType<typeof startDockerRegistry> {
  const registry = await openRegistryDirectory(directory, { access: 'write' });
  for (const [repository, tag, manifest] of UPSTREAM) await pushImage(registry.repository(repository), manifest, tag);
  return startDockerRegistry({ directory });
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** Docker Hub's names come from the registry of the test: a mirror in the configuration file. */
async function configure(workspace: Workspace, host: string): Promise<void> {
  await writeFiles(workspace.home, {
    '.config/kubecrate/config.json': JSON.stringify({ 'registry-mirrors': [`http://${host}`] }),
  });
}

/** Builds the base image that the user's Kubefile begins with. */
async function buildBase(workspace: Workspace): Promise<void> {
  const context = await writeFiles(join(workspace.directory, 'base'), {
    Kubefile: 'FROM scratch\nCOPY . .\n',
    Metadata: '{"version":"v1.19.8","arch":"amd64"}\n',
    'bin/kubeadm.sh': '#!/bin/sh\n',
    'etc/kubeadm.yml': 'kind: ClusterConfiguration\n',
  });
  await workspace.ok(['build', '-t', 'kubernetes-clusterv2:v1.19.8', '--platform', 'linux/amd64', context]);
}

const KUBEFILE = 'FROM kubernetes-clusterv2:v1.19.8\nCOPY imageList manifests\n';

describePeer(['docker-registry', 'skopeo'], 'the workflows of the user', () => {
  test('helm charts of a registry on localhost are served from the cluster image', async () => {
    await using storage = await temporaryDirectory();
    await using upstream = await startUpstream(storage.path);
    await using workspace = await openWorkspace();
    await buildBase(workspace);
    const host = `localhost:${upstream.port}`;
    await writeFiles(workspace.directory, {
      'test/Kubefile': KUBEFILE,
      'test/imageList': `${host}/helm-charts/mysql:8.8.19\n${host}/helm-charts/rabbitmq:8.24.13\n`,
    });
    await workspace.ok(['build', '-t', 'test:1', '--platform', 'linux/amd64', 'test']);
    await workspace.ok(['unpack', 'test:1', 'rootfs']);
    await using cluster = await startDockerRegistry({
      directory: join(workspace.directory, 'rootfs', 'registry'),
      access: 'read-only',
    });
    await expectServed(cluster.url, 'helm-charts/mysql', MYSQL_CHART, '8.8.19');
    await expectServed(cluster.url, 'helm-charts/rabbitmq', RABBITMQ_CHART, '8.24.13');
  });

  test('docker images are served under both of their names, and skopeo pulls them', async () => {
    await using storage = await temporaryDirectory();
    await using upstream = await startUpstream(storage.path);
    await using workspace = await openWorkspace();
    await configure(workspace, upstream.host);
    await buildBase(workspace);
    await writeFiles(workspace.directory, {
      'test/Kubefile': KUBEFILE,
      'test/imageList': 'mysql:latest\nubuntu:18.04\n',
    });
    await workspace.ok(['build', '-t', 'test:1', '--platform', 'linux/amd64', 'test']);
    await workspace.ok(['unpack', 'test:1', 'rootfs']);
    await using cluster = await startDockerRegistry({
      directory: join(workspace.directory, 'rootfs', 'registry'),
      access: 'read-only',
    });
    for (const name of ['mysql', 'library/mysql']) {
      const raw = await skopeo(['inspect', '--raw', `docker://${cluster.host}/${name}:latest`], workspace.home);
      expect(raw).toBe(MYSQL.bytes.toString());
      await expectServed(cluster.url, name, AMD64);
    }
    for (const name of ['ubuntu', 'library/ubuntu']) await expectServed(cluster.url, name, UBUNTU, '18.04');
    const copied = `dir:${join(workspace.home, 'mysql')}`;
    await skopeo(
      ['copy', '--override-arch', 'amd64', '--override-os', 'linux', `docker://${cluster.host}/mysql:latest`, copied],
      workspace.home,
    );
  });

  test('the tarball of a build from scratch holds all of it, and skopeo reads it', async () => {
    await using storage = await temporaryDirectory();
    await using upstream = await startUpstream(storage.path);
    await using workspace = await openWorkspace();
    const host = `localhost:${upstream.port}`;
    await writeFiles(workspace.directory, {
      'test/Kubefile': 'FROM scratch\nCOPY imageList manifests\n',
      'test/imageList': UPSTREAM.map(([repository, tag]) => `${host}/${repository}:${tag}\n`).join(''),
    });
    await workspace.ok(['build', '-t', 'test:1', '-o', 'test.tar', '--platform', 'linux/amd64', 'test']);
    await skopeo(['copy', 'oci-archive:test.tar', `oci:${join(workspace.home, 'layout')}`], workspace.home, {
      cwd: workspace.directory,
    });
    await using elsewhere = await openWorkspace();
    await elsewhere.ok(['load', '-i', join(workspace.directory, 'test.tar')]);
    await elsewhere.ok(['verify', 'test:1']);
    await elsewhere.ok(['unpack', 'test:1', 'rootfs']);
    await using cluster = await startDockerRegistry({
      directory: join(elsewhere.directory, 'rootfs', 'registry'),
      access: 'read-only',
    });
    for (const [repository, tag, manifest] of UPSTREAM) {
      if (manifest !== MYSQL) await expectServed(cluster.url, repository, manifest, tag);
    }
    await expectServed(cluster.url, 'library/mysql', AMD64);
  });

  test('a second build with nothing changed fetches no blob and gives the same image', async () => {
    await using storage = await temporaryDirectory();
    await using upstream = await startUpstream(storage.path);
    await using workspace = await openWorkspace();
    await writeFiles(workspace.directory, {
      'test/Kubefile': 'FROM scratch\nCOPY imageList manifests\n',
      'test/imageList': UPSTREAM.map(([repository, tag]) => `${upstream.host}/${repository}:${tag}\n`).join(''),
    });
    const args = ['--platform', 'linux/amd64', '--progress', 'json', 'test'];
    const first = await workspace.run(['build', '-t', 'test:1', ...args]);
    const second = await workspace.run(['build', '-t', 'test:1', ...args]);
    const copied = ({ stderr }: typeof first): number =>
      stderr.split('\n').filter((line) => line.includes('"type":"copying"')).length;
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(copied(first)).toBeGreaterThan(0);
    expect(copied(second)).toBe(0);
    expect(second.stdout).toBe(first.stdout);
  });
});
