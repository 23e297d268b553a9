// Signatures and SBOMs beside an image at a stock registry, which knows nothing of referrers: they come and go with the image.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cosignSignature, cosignTag, image, pushImage, referrer } from '@kubecrate/content/testing';
import { hexOf } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';
import { expect, test } from 'vitest';
import { openWorkspace } from '../cli/kubecrate.ts';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { describePeer } from '../fixtures/peers.ts';

const app = image({ seed: 'app' });
const tags = ['1', `sha256-${hexOf(app.descriptor.digest)}`, cosignTag(app.descriptor)];

describePeer('docker-registry', 'signatures and a stock registry', () => {
  test('are pulled, pushed and removed with the image, and listed nowhere', async () => {
    await using workspace = await openWorkspace();
    await using registry = await startDockerRegistry();
    const directory = join(workspace.directory, 'registry');
    const repository = (await openRegistryDirectory(directory, { access: 'write' })).repository('app');
    await pushImage(repository, app, '1');
    await pushImage(repository, referrer(app.descriptor));
    await pushImage(repository, cosignSignature(app.descriptor), cosignTag(app.descriptor));
    const [first, second] = [`${registry.host}/t/a`, `${registry.host}/t/b`];
    await workspace.ok(['copy', 'registry-dir:registry:app:1', `docker://${first}:1`]);
    await workspace.ok(['pull', `${first}:1`]);
    expect(await workspace.ok(['images', '-q'])).toBe(`${first}:1\n`);
    await workspace.ok(['push', `${first}:1`, `${second}:1`]);
    const listed = await fetch(`${registry.url}/v2/t/b/tags/list`);
    expect(((await listed.json()) as { tags: string[] }).tags.sort()).toEqual(tags);
    await workspace.ok(['verify']);
    await workspace.ok(['rmi', `${first}:1`]);
    expect(await readdir(join(workspace.store, 'blobs/sha256'))).toEqual([]);
  });
});
