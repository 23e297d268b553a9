// oras-go reads what we wrote, and we read what oras-go wrote: at our server, at docker-registry, in OCI layouts.

import { join } from 'node:path';
import { pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { openOciLayout, openRegistryDirectory } from '@kubecrate/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkspace } from '../cli/kubecrate.ts';
import { BASIC_USER, startDockerRegistry } from '../fixtures/docker-registry.ts';
import { expectServed } from '../fixtures/expect-served.ts';
import { buildOras } from '../fixtures/oras.ts';
import { describePeer } from '../fixtures/peers.ts';
import { type SampleImage, sampleImages } from '../fixtures/sample-images.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';

/** oras-go 1.1 speaks of OCI content alone: it leaves Docker's own media types where they are. */
const SAMPLES: readonly SampleImage[] = sampleImages().filter(({ manifest }) =>
  manifest.descriptor.mediaType.includes('oci'),
);
const nameOf = ({ repository, tag }: SampleImage): string => `${repository}:${tag}`;

describePeer(['go', 'oras-go', 'docker-registry'], 'oras-go', () => {
  let oras: Awaited<ReturnType<typeof buildOras>>;
  beforeAll(async () => {
    oras = await buildOras();
  }, 660_000);
  afterAll(async () => {
    await oras?.[Symbol.asyncDispose]();
  });

  test('reads every image and chart of kubecrate serve, and kubecrate reads the layout it wrote', async () => {
    await using home = await temporaryDirectory();
    await using workspace = await openWorkspace();
    await using source = await fill(join(workspace.directory, 'source'));
    // What is served went through our own copy first.
    for (const sample of SAMPLES) {
      const name = nameOf(sample);
      await workspace.ok(['copy', '--all', `docker://${source.host}/${name}`, `registry-dir:mirror:${name}`]);
    }
    const serving = workspace.start(['serve', './mirror', '--addr', '127.0.0.1:0']);
    const host = new URL(await serving.firstLine()).host;
    const layout = join(home.path, 'layout');
    for (const sample of SAMPLES) {
      const name = `${host}/${nameOf(sample)}`;
      const { digest } = sample.manifest.descriptor;
      expect(await oras.pull(name, layout)).toBe(digest);
      const copied = await workspace.ok(['copy', '--all', `oci:${layout}:${name}`, 'oci:back', '--output', 'json']);
      expect(JSON.parse(copied)).toMatchObject({ digest });
    }
    await workspace.ok(['verify', layout]);
    serving.child.kill();
    await serving.ended;
  });

  test('pushes to us and to docker-registry, and kubecrate reads it there', async () => {
    await using home = await temporaryDirectory();
    await using directory = await temporaryDirectory();
    await using workspace = await openWorkspace();
    const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
    await using ours = await startServer(namespace, { access: 'writable', uploadDirectory: directory.path });
    await using stock = await startDockerRegistry();
    for (const { host, url } of [ours, stock]) {
      const path = join(home.path, host.replace(':', '-'));
      const layout = await openOciLayout(path, { access: 'write' });
      for (const sample of SAMPLES) {
        const { repository, tag, manifest } = sample;
        const name = `${host}/${nameOf(sample)}`;
        await pushImage(layout, manifest, name);
        expect(await oras.push(path, name)).toBe(manifest.descriptor.digest);
        await expectServed(url, repository, manifest, tag);
        const args = ['copy', '--all', `docker://${name}`, 'oci:read', '--output', 'json'];
        expect(JSON.parse(await workspace.ok(args))).toMatchObject({ digest: manifest.descriptor.digest });
      }
    }
    await workspace.ok(['verify', directory.path]);
  });

  test('copies from a registry directory of ours that docker-registry serves, with a password, and back to us', async () => {
    await using workspace = await openWorkspace();
    await using directory = await temporaryDirectory();
    await using source = await fill(join(workspace.directory, 'source'));
    for (const sample of SAMPLES) {
      const name = nameOf(sample);
      await workspace.ok(['copy', '--all', `docker://${source.host}/${name}`, `registry-dir:mirror:${name}`]);
    }
    const served = { directory: join(workspace.directory, 'mirror'), auth: 'basic' } as const;
    await using stock = await startDockerRegistry(served);
    const namespace = await openRegistryDirectory(directory.path, { access: 'write' });
    await using ours = await startServer(namespace, { access: 'writable', users: [BASIC_USER] });
    const known = oras.as(BASIC_USER);
    const login = ['login', '-u', BASIC_USER.username, '--password-stdin', ours.host];
    await workspace.ok(login, { input: BASIC_USER.password });
    for (const sample of SAMPLES) {
      const [from, to] = [`${stock.host}/${nameOf(sample)}`, `${ours.host}/back/${nameOf(sample)}`];
      await expect(oras.copy(from, to)).rejects.toThrow('401');
      expect(await known.copy(from, to)).toBe(sample.manifest.descriptor.digest);
      const args = ['copy', '--all', `docker://${to}`, 'oci:read', '--output', 'json'];
      expect(JSON.parse(await workspace.ok(args))).toMatchObject({ digest: sample.manifest.descriptor.digest });
    }
  });
});

/** A server of every sample, over a registry directory. */
async function fill(path: string): ReturnType<typeof startServer> {
  const namespace = await openRegistryDirectory(path, { access: 'write' });
  for (const { repository, tag, manifest } of SAMPLES) await pushImage(namespace.repository(repository), manifest, tag);
  return startServer(namespace);
}
