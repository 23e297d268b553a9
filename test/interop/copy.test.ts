// `copy` between our files and those of others: engines, skopeo's layouts and archives.

import { join } from 'node:path';
import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { parsePlatform } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { openWorkspace, type RunOptions, type Workspace } from '../cli/kubecrate.ts';
import { startDockerd } from '../fixtures/dockerd.ts';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { describePeer } from '../fixtures/peers.ts';
import { startPodmanService } from '../fixtures/podman.ts';
import { skopeo } from '../fixtures/skopeo.ts';

const AMD64 = image({ seed: 'copy', layers: [{ seed: 'base', size: 100_000 }, { seed: 'app' }] });
const APP = index([AMD64, image({ seed: 'copy-arm', platform: parsePlatform('linux/arm64') })]);
/** The digest of the configuration: an engine makes manifests of its own. */
const IMAGE_ID = AMD64.blobs[0]!.descriptor.digest;
const NAME = 'example.com/team/app:1';

/** To the engine and back: the configuration, and so every layer, is the same. */
async function throughEngine(workspace: Workspace, host: string): Promise<void> {
  const options = { env: { DOCKER_HOST: host } };
  const platform = ['--platform', 'linux/amd64'];
  await pushImage(await openImageStore(workspace.store), APP, NAME);
  await workspace.ok(['copy', ...platform, `store:${NAME}`, `docker-daemon:${NAME}`], options);
  await workspace.ok(['copy', `docker-daemon:${NAME}`, 'store:example.com/back:1'], options);
  const id = await workspace.ok(['inspect', '-f', '{{.image.id}}', 'example.com/back:1']);
  expect(`sha256:${id.trim()}`).toBe(IMAGE_ID);
  await workspace.ok(['verify', 'example.com/back:1']);
  await goesOn(workspace, options);
  const absent = await workspace.run(['copy', 'docker-daemon:example.com/none:1', 'store:'], options);
  expect([absent.code, absent.stderr]).toEqual([1, expect.stringContaining('example.com/none:1')]);
}

/** A connection to the registry that breaks twice in a layer on its way to the engine: it goes on there. */
async function goesOn(workspace: Workspace, options: RunOptions): Promise<void> {
  const namespace = memoryNamespace();
  const large = image({ seed: 'large', layers: [{ seed: 'large', size: 3_000_000 }] });
  await pushImage(namespace.repository('app'), large, '1');
  await using server = await startServer(namespace);
  const ranges: string[] = [];
  await using proxy = await startHttpProxy(server.url, ({ path, headers }) => {
    if (!path.includes(large.layers[0]!.descriptor.digest)) return undefined;
    ranges.push(headers.range ?? 'whole');
    return ranges.length < 3 ? { kind: 'cut', after: 1_000_000 } : undefined;
  });
  const args = [
    'copy',
    '--platform',
    'linux/amd64',
    `docker://${proxy.host}/app:1`,
    'docker-daemon:example.com/large:1',
  ];
  await workspace.ok(args, options);
  expect(ranges).toEqual(['whole', expect.stringMatching(/^bytes=[1-9]/), expect.stringMatching(/^bytes=[1-9]/)]);
  await workspace.ok(['copy', 'docker-daemon:example.com/large:1', 'store:'], options);
  const id = await workspace.ok(['inspect', '-f', '{{.image.id}}', 'example.com/large:1']);
  expect(`sha256:${id.trim()}`).toBe(large.blobs[0]!.descriptor.digest);
}

describePeer('podman', 'copy and podman system service', () => {
  test('go both ways', async () => {
    await using engine = await startPodmanService();
    await using workspace = await openWorkspace();
    await throughEngine(workspace, engine.host);
  });
});

describePeer('dockerd', 'copy and Docker', () => {
  test('go both ways', async () => {
    await using engine = await startDockerd();
    await using workspace = await openWorkspace();
    await throughEngine(workspace, engine.host);
  });
});

describePeer('skopeo', 'copy and skopeo', () => {
  test('skopeo reads what we write, and the other way round', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('app'), APP, '1');
    await using server = await startServer(namespace, { access: 'writable' });
    await using workspace = await openWorkspace();
    const source = `docker://${server.host}/app:1`;
    const { directory, home } = workspace;
    for (const [transport, back] of [
      ['oci', 'index'],
      ['oci-archive', 'index'],
      ['docker-archive', 'image'],
    ] as const) {
      const choice = back === 'index' ? ['--all'] : ['--platform', 'linux/amd64'];
      await workspace.ok(['copy', ...choice, source, `${transport}:ours-${transport}:example.com/app:1`]);
      const all = back === 'index' ? ['--all'] : [];
      const [ours, theirs] = ['ours', 'theirs'].map((who) => `${transport}:${join(directory, `${who}-${transport}`)}`);
      await skopeo(['copy', ...all, `${ours}:example.com/app:1`, `${theirs}:example.com/app:1`], home);
      await workspace.ok([
        'copy',
        ...choice,
        `${transport}:theirs-${transport}`,
        `docker://${server.host}/back:${transport}`,
      ]);
      const found = await namespace.repository('back').resolve(transport);
      if (back === 'index') expect(found.digest, transport).toBe(APP.descriptor.digest);
      const config = await skopeo(
        ['inspect', '--config', '--raw', '--override-arch', 'amd64', `docker://${server.host}/back:${transport}`],
        home,
      );
      expect(config, transport).toBe(AMD64.blobs[0]!.bytes.toString());
    }
  });
});
