// skopeo against our server, over a registry directory: pulls, pushes, synchronises, deletes.

import { image, index, pushImage } from '@kubecrate/content/testing';
import { type RunningServer, startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BASIC_USER, startDockerRegistry } from '../fixtures/docker-registry.ts';
import { expectServed } from '../fixtures/expect-served.ts';
import { describePeer } from '../fixtures/peers.ts';
import { runProcess } from '../fixtures/run-process.ts';
import { sampleImages } from '../fixtures/sample-images.ts';
import { skopeo } from '../fixtures/skopeo.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../fixtures/temporary-directory.ts';

let home: TemporaryDirectory;
let directory: TemporaryDirectory;
let server: RunningServer;
beforeEach(async () => {
  home = await temporaryDirectory();
  directory = await temporaryDirectory();
  server = await serve(directory.path);
});
afterEach(async () => {
  await server.close();
  await directory[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function serve(path: string): Promise<RunningServer> {
  const namespace = await openRegistryDirectory(path, { access: 'write' });
  return startServer(namespace, { access: 'writable', uploadDirectory: path });
}

async function fill(path: string = directory.path): Promise<void> {
  const namespace = await openRegistryDirectory(path, { access: 'write' });
  for (const { repository, tag, manifest } of sampleImages()) {
    await pushImage(namespace.repository(repository), manifest, tag);
  }
}

const copy = (source: string, destination: string, ...flags: readonly string[]): Promise<string> =>
  skopeo(['copy', '--all', ...flags, source, destination], home.path);

describePeer(['skopeo', 'docker-registry'], 'skopeo and our server', () => {
  test('an image goes out to an OCI layout and back in, and its digest stays', async () => {
    await fill();
    const images = sampleImages().filter(({ manifest }) => manifest.descriptor.mediaType.includes('oci'));
    for (const { repository, tag, manifest } of images) {
      const layout = `oci:${home.path}/layout:${tag}`;
      await copy(`docker://${server.host}/${repository}:${tag}`, layout);
      await copy(layout, `docker://${server.host}/again/${repository}:${tag}`);
      await expectServed(server.url, `again/${repository}`, manifest, tag);
    }
  });

  test('every image goes from docker-registry to us and back', async () => {
    await using stock = await startDockerRegistry();
    await fill();
    for (const { repository, tag, manifest } of sampleImages()) {
      const name = `${repository}:${tag}`;
      await copy(`docker://${server.host}/${name}`, `docker://${stock.host}/${name}`);
      await expectServed(stock.url, repository, manifest, tag);
      await copy(`docker://${stock.host}/${name}`, `docker://${server.host}/back/${name}`);
      await expectServed(server.url, `back/${repository}`, manifest, tag);
    }
  });

  test('a registry is synchronised to a directory and from there to us', async () => {
    await fill();
    const names = ['library/mysql', 'helm-charts/signed'];
    for (const name of names) {
      const out = ['sync', '--all', '--scoped', '--src', 'docker', '--dest', 'dir'];
      await skopeo([...out, `${server.host}/${name}`, `${home.path}/synced`], home.path);
    }
    await using other = await temporaryDirectory();
    await using second = await serve(other.path);
    const into = ['sync', '--all', '--src', 'dir', '--dest', 'docker'];
    await skopeo([...into, `${home.path}/synced/${server.host}/library`, `${second.host}/library`], home.path);
    const mysql = sampleImages().filter(({ repository }) => repository === 'library/mysql');
    for (const { repository, tag, manifest } of mysql) await expectServed(second.url, repository, manifest, tag);
  });

  test('one platform is taken out of an index', async () => {
    await fill();
    const flags = ['--override-arch', 'arm64', '--override-os', 'linux'];
    const inspected = await runProcess(
      'skopeo',
      ['--insecure-policy', ...flags, 'inspect', '--tls-verify=false', `docker://${server.host}/library/mysql:latest`],
      { env: { HOME: home.path } },
    );
    expect(inspected.stderr).toBe('');
    expect(JSON.parse(inspected.stdout)).toMatchObject({ Architecture: 'arm64', Os: 'linux' });
  });

  test('tags are listed', async () => {
    await fill();
    const listed = JSON.parse(await skopeo(['list-tags', `docker://${server.host}/library/ubuntu`], home.path));
    expect(listed).toEqual({ Repository: `${server.host}/library/ubuntu`, Tags: ['18.04'] });
  });

  test('an image is deleted', async () => {
    await fill();
    await skopeo(['delete', `docker://${server.host}/library/ubuntu:18.04`], home.path);
    expect((await fetch(`${server.url}/v2/library/ubuntu/manifests/18.04`)).status).toBe(404);
    expect((await fetch(`${server.url}/v2/app/manifests/V1.0_RC-1`)).status).toBe(200);
  });

  test('layers of 20 MB go through, in and out', async () => {
    const big = index([image({ seed: 'big', layers: [{ seed: 'big', size: 20_000_000 }, { seed: 'small' }] })]);
    const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
    await pushImage(namespace.repository('big'), big, 'v1');
    await copy(`docker://${server.host}/big:v1`, `oci:${home.path}/big:v1`);
    await copy(`oci:${home.path}/big:v1`, `docker://${server.host}/big-again:v1`);
    await expectServed(server.url, 'big-again', big, 'v1');
  });

  test('the user and the password are asked for', async () => {
    await using guarded = await startServer(await openRegistryDirectory(directory.path, { access: 'write' }), {
      users: [BASIC_USER],
    });
    await fill();
    const source = `docker://${guarded.host}/library/ubuntu:18.04`;
    const credentials = `${BASIC_USER.username}:${BASIC_USER.password}`;
    await copy(source, `oci:${home.path}/ubuntu:18.04`, '--src-creds', credentials);
    await expect(copy(source, `oci:${home.path}/no:18.04`, '--src-creds', 'ada:wrong')).rejects.toThrow(
      /authentication|unauthorized/,
    );
  });

  test('a read-only registry says that it is one', async () => {
    await fill();
    await using readOnly = await startServer(await openRegistryDirectory(directory.path, { access: 'read' }));
    const source = `docker://${readOnly.host}/library/ubuntu:18.04`;
    await expect(copy(source, `docker://${readOnly.host}/library/other:1`)).rejects.toThrow(
      /read-only|unsupported|405/i,
    );
  });
});
