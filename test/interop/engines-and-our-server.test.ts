// Container engines against our server, over a registry directory: pulls and pushes; a mirror by `ns`.

import { image, pushImage } from '@kubecrate/content/testing';
import { type RunningServer, type ServerOptions, startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startContainerd } from '../fixtures/containerd.ts';
import { startDockerd } from '../fixtures/dockerd.ts';
import { describePeer } from '../fixtures/peers.ts';
import { podman } from '../fixtures/podman.ts';
import { sampleImages } from '../fixtures/sample-images.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../fixtures/temporary-directory.ts';

const ubuntu = sampleImages().find(({ repository }) => repository === 'library/ubuntu')!.manifest;
const mysql = sampleImages().find(({ repository }) => repository === 'library/mysql')!.manifest;

let home: TemporaryDirectory;
let directory: TemporaryDirectory;
let server: RunningServer;
beforeEach(async () => {
  home = await temporaryDirectory();
  directory = await temporaryDirectory();
  const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
  for (const { repository, tag, manifest } of sampleImages()) {
    await pushImage(namespace.repository(repository), manifest, tag);
  }
  server = await serve();
});
afterEach(async () => {
  await server.close();
  await directory[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function serve(options: ServerOptions = {}): Promise<RunningServer> {
  const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
  return startServer(namespace, { access: 'writable', uploadDirectory: directory.path, ...options });
}

describePeer('podman', 'podman and our server', () => {
  test('podman pulls an image, knows its digest, and pushes it back', async () => {
    const name = `${server.host}/library/ubuntu:18.04`;
    await podman(['pull', '--tls-verify=false', name], home.path);
    const digest = await podman(['image', 'inspect', '--format', '{{.Digest}}', name], home.path);
    expect(digest.trim()).toBe(ubuntu.descriptor.digest);
    await podman(['push', '--tls-verify=false', name, `${server.host}/pushed/ubuntu:1`], home.path);
    const response = await fetch(`${server.url}/v2/pushed/ubuntu/manifests/1`);
    expect(response.status).toBe(200);
    const { config } = (await response.json()) as { readonly config: { readonly digest: string } };
    expect(config.digest).toBe(ubuntu.blobs[0]?.descriptor.digest);
  });

  test('podman takes its platform out of an index', async () => {
    const name = `${server.host}/library/mysql:latest`;
    await podman(['pull', '--tls-verify=false', '--arch', 'arm64', name], home.path);
    expect((await podman(['image', 'inspect', '--format', '{{.Architecture}}', name], home.path)).trim()).toBe('arm64');
  });
});

describePeer('dockerd', 'Docker and our server', () => {
  test('Docker pulls by tag and by digest, and pushes back', async () => {
    await using engine = await startDockerd();
    const name = `${server.host}/google_containers/coredns`;
    await engine.docker('pull', '--quiet', `${name}:1.6.5`);
    const byDigest = `${server.host}/library/ubuntu@${ubuntu.descriptor.digest}`;
    await engine.docker('pull', '--quiet', byDigest);
    const digests = await engine.docker('image', 'inspect', '--format', '{{json .RepoDigests}}', byDigest);
    expect(JSON.parse(digests)).toEqual([byDigest]);
    const pushed = `${server.host}/pushed/coredns:1`;
    await engine.docker('tag', `${name}:1.6.5`, pushed);
    await engine.docker('push', '--quiet', pushed);
    expect((await fetch(`${server.url}/v2/pushed/coredns/manifests/1`)).status).toBe(200);
  });
});

describePeer('containerd', 'containerd and our server', () => {
  test('containerd fetches every platform of an index', async () => {
    await using engine = await startContainerd();
    const name = `${server.host}/library/mysql:latest`;
    await engine.ctr('content', 'fetch', '--plain-http', '--all-platforms', name);
    const listed = await engine.ctr('content', 'ls', '--quiet');
    const wanted = mysql.manifests.flatMap((child) => [child, ...child.blobs]);
    for (const { descriptor } of [mysql, ...wanted]) expect(listed).toContain(descriptor.digest);
  });

  test('a mirror tells by `ns` which registry is meant', async () => {
    const asked: (string | undefined)[] = [];
    const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
    const other = image({ seed: 'of quay' });
    await pushImage(namespace.repository('quay.io/library/ubuntu'), other, '18.04');
    await using mirror = await serve({
      repositoryFor: (repository, ns) => {
        asked.push(ns);
        return ns === 'quay.io' ? `quay.io/${repository}` : repository;
      },
    });
    await using engine = await startContainerd();
    for (const [registry, manifest] of [
      ['docker.io', ubuntu],
      ['quay.io', other],
    ] as const) {
      const hosts = await engine.mirror(registry, mirror.url);
      await engine.ctr('content', 'fetch', '--hosts-dir', hosts, `${registry}/library/ubuntu:18.04`);
      expect(await engine.ctr('content', 'ls', '--quiet')).toContain(manifest.descriptor.digest);
    }
    expect(new Set(asked)).toEqual(new Set(['docker.io', 'quay.io']));
  });
});
