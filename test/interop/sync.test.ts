// Rules of image-syncer between two of Docker's registries; skopeo reads what arrived.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cosignSignature, cosignTag, image, index, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { openRegistryDirectory } from '@kubecrate/stores';
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../cli/kubecrate.ts';
import { BASIC_USER, type DockerRegistry, startDockerRegistry } from '../fixtures/docker-registry.ts';
import { describePeer } from '../fixtures/peers.ts';
import { skopeo } from '../fixtures/skopeo.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';

const BASE = { seed: 'base', size: 2_000_000 };
const AMD64 = image({ seed: 'amd64', layers: [BASE, { seed: 'app' }] });
const BOTH = index([AMD64, image({ seed: 'arm64', platform: parsePlatform('linux/arm64') })], {
  attestations: 'one-each',
});
const DOCKER = index([image({ seed: 'docker', format: 'docker', layers: [BASE] })], { format: 'docker' });

/** Docker's registry with images, a signature and many tags. */
async function startUpstream(directory: string): Promise<DockerRegistry> {
  const registry = await openRegistryDirectory(directory, { access: 'write' });
  const app = registry.repository('team/app');
  for (const tag of ['v1', 'v2', 'latest']) await pushImage(app, BOTH, tag);
  await pushImage(app, cosignSignature(BOTH.descriptor), cosignTag(BOTH.descriptor));
  await pushImage(registry.repository('team/docker'), DOCKER, 'v1');
  await pushImage(registry.repository('plain'), AMD64, 'v1');
  return startDockerRegistry({ directory });
}

async function write(workspace: Workspace, file: string, text: string): Promise<void> {
  await writeFile(join(workspace.directory, file), text);
}

const raw = (registry: DockerRegistry, name: string, home: string): Promise<string> =>
  skopeo(['inspect', '--raw', `docker://${registry.host}/${name}`], home);

describePeer(['docker-registry', 'skopeo'], 'sync between registries of Docker', () => {
  test('brings all tags and single ones, byte for byte, with signatures; then there is nothing left to do', async () => {
    await using storage = await temporaryDirectory();
    await using from = await startUpstream(storage.path);
    await using to = await startDockerRegistry();
    await using workspace = await openWorkspace();
    await write(
      workspace,
      'images.yaml',
      `${from.host}/team/app: ${to.host}/mirror/app
${from.host}/team/docker:v1: [${to.host}/mirror/docker, "${to.host}/other/docker:x"]
${from.host}/plain@${AMD64.descriptor.digest}: ${to.host}/mirror/plain
`,
    );
    const first = await workspace.ok(['sync', '--images', 'images.yaml']);
    expect(first).toContain('7 copied\n');
    for (const tag of ['v1', 'v2', 'latest'])
      expect(await raw(to, `mirror/app:${tag}`, workspace.home)).toBe(BOTH.bytes.toString());
    expect(await raw(to, 'other/docker:x', workspace.home)).toBe(DOCKER.bytes.toString());
    expect(await raw(to, `mirror/plain@${AMD64.descriptor.digest}`, workspace.home)).toBe(AMD64.bytes.toString());
    expect(await raw(to, `mirror/app:${cosignTag(BOTH.descriptor)}`, workspace.home)).toContain('"layers"');
    const copied = `dir:${join(workspace.home, 'app')}`;
    await skopeo(['copy', '--all', `docker://${to.host}/mirror/app:v1`, copied], workspace.home);
    expect(await workspace.ok(['sync', '--images', 'images.yaml'])).toContain('0 copied, 7 unchanged\n');
  });

  test('wrong credentials and a registry that only reads fail for themselves; the failed list does the rest', async () => {
    await using storage = await temporaryDirectory();
    await using from = await startUpstream(storage.path);
    await using to = await startDockerRegistry({ auth: 'basic' });
    await using locked = await startDockerRegistry({ access: 'read-only' });
    await using workspace = await openWorkspace();
    const login = (password: string): string => JSON.stringify({ username: BASIC_USER.username, password });
    await write(
      workspace,
      'auth.yaml',
      `${to.host}: ${login(BASIC_USER.password)}\n${to.host}/bad: ${login('hunter2')}\n`,
    );
    await write(
      workspace,
      'images.yaml',
      `${from.host}/plain:v1: [${to.host}/good/plain, ${to.host}/bad/plain, ${locked.host}/plain]\n`,
    );
    const sync = ['sync', '--auth', 'auth.yaml', '--retries', '0', '--output-failed-images', 'left.yaml', '--images'];
    const { code, stdout, stderr } = await workspace.run([...sync, 'images.yaml']);
    expect(code).toBe(1);
    expect(stdout).toContain('1 copied, 2 failed\n');
    expect(stderr).toContain(`images.yaml:1: ${from.host}/plain:v1 => ${to.host}/bad/plain:v1: `);
    expect(stderr).toContain(`images.yaml:1: ${from.host}/plain:v1 => ${locked.host}/plain:v1: `);
    expect(`${stdout}${stderr}`).not.toContain('hunter2');
    await write(workspace, 'auth.yaml', `${to.host}: ${login(BASIC_USER.password)}\n`);
    const second = await workspace.run([...sync, 'left.yaml']);
    expect(second.stdout).toContain(`copied ${from.host}/plain:v1 => ${to.host}/bad/plain:v1\n1 copied, 1 failed\n`);
    expect(await readFile(join(workspace.directory, 'left.yaml'), 'utf8')).toBe(
      `"${from.host}/plain:v1": "${locked.host}/plain:v1"\n`,
    );
  });

  test('a registry that cannot be reached fails for itself', async () => {
    await using storage = await temporaryDirectory();
    await using from = await startUpstream(storage.path);
    await using to = await startDockerRegistry();
    await using workspace = await openWorkspace();
    await write(
      workspace,
      'images.yaml',
      `127.0.0.1:1/gone: ${to.host}/gone\n${from.host}/plain:v1: [${to.host}/plain, "127.0.0.1:1/plain"]\n`,
    );
    const { code, stdout, stderr } = await workspace.run(['sync', '--retries', '0', '--images', 'images.yaml']);
    expect(code).toBe(1);
    expect(stdout).toContain('1 copied, 2 failed\n');
    expect(stderr).toContain(
      'images.yaml:1: rule "127.0.0.1:1/gone": cannot list the tags of 127.0.0.1:1/gone: cannot reach 127.0.0.1:1',
    );
    expect(stderr).toContain(
      `images.yaml:2: ${from.host}/plain:v1 => 127.0.0.1:1/plain:v1: cannot push to 127.0.0.1:1/plain (asking for manifest "v1"): cannot reach 127.0.0.1:1`,
    );
  });
});
