import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { parseManifest, parsePlatform } from '@kubecrate/oci';
import { type RunningServer, startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const AMD64 = image({ seed: 'app' });
const NEWER = image({ seed: 'app, newer' });
const ARM64 = image({ seed: 'app-arm', platform: parsePlatform('linux/arm64') });

let namespace: ReturnType<typeof memoryNamespace>;
let server: RunningServer;
let workspace: Workspace;
beforeEach(async () => {
  namespace = memoryNamespace();
  for (const [tag, fixture] of [
    ['amd64', AMD64],
    ['newer', NEWER],
    ['arm64', ARM64],
    ['both', index([AMD64, ARM64], { attestations: 'one-each' })],
  ] as const) {
    await pushImage(namespace.repository('team/app'), fixture, tag);
  }
  server = await startServer(namespace, { access: 'writable' });
  workspace = await openWorkspace();
  await pushImage(await openImageStore(workspace.store), AMD64, 'docker.io/library/app:amd64');
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await server.close();
});

async function childrenOf(name: string): Promise<readonly (readonly [string, string | undefined])[]> {
  const text = await workspace.ok(['manifest', 'inspect', name]);
  const { manifests } = JSON.parse(text) as {
    manifests: readonly { digest: string; platform?: { architecture: string } }[];
  };
  return manifests.map(({ digest, platform }) => [digest, platform?.architecture]);
}

describe('manifest', () => {
  test('makes an image of several platforms out of the store and a registry, and pushes it', async () => {
    const remote = `docker://${server.host}/team/app`;
    const made = await workspace.ok([
      'manifest',
      'create',
      `${server.host}/team/all:1`,
      'app:amd64',
      `${remote}:arm64`,
    ]);
    expect(await childrenOf(`${server.host}/team/all:1`)).toEqual([
      [AMD64.descriptor.digest, 'amd64'],
      [ARM64.descriptor.digest, 'arm64'],
    ]);
    await workspace.ok(['manifest', 'push', `${server.host}/team/all:1`]);
    const pushed = await namespace.repository('team/all').resolve('1');
    expect(`${pushed.digest}\n`).toBe(made);
    expect(await childrenOf(`docker://${server.host}/team/all:1`)).toHaveLength(2);
    await workspace.ok(['verify']);
    await workspace.ok(['pull', '--platform', 'linux/arm64', `${server.host}/team/all:1`]);
  });

  test('puts an image in the place of that of its platform', async () => {
    const remote = `docker://${server.host}/team/app`;
    await workspace.ok(['manifest', 'create', 'all:1', `${remote}:both`]);
    expect(await childrenOf('all:1')).toHaveLength(4);
    await workspace.ok(['manifest', 'add', 'all:1', `${remote}:newer`]);
    const children = await childrenOf('all:1');
    expect(children.map(([, architecture]) => architecture).sort()).toEqual(['amd64', 'arm64', 'unknown']);
    expect(children).toContainEqual([NEWER.descriptor.digest, 'amd64']);
    const before = await workspace.ok(['manifest', 'inspect', 'all:1']);
    await workspace.ok(['manifest', 'add', 'all:1', `${remote}:newer`]);
    expect(await workspace.ok(['manifest', 'inspect', 'all:1'])).toBe(before);
  });

  test('prints manifests as they are', async () => {
    const text = await workspace.ok(['manifest', 'inspect', 'app:amd64']);
    expect(text).toBe(`${AMD64.bytes.toString()}\n`);
    expect(parseManifest(Buffer.from(text), AMD64.descriptor.mediaType).kind).toBe('manifest');
  });

  test('keeps a name that is taken, and refuses what is no image', async () => {
    const refusal = async (...args: readonly string[]): Promise<string> => {
      const outcome = await workspace.run(['manifest', ...args]);
      expect(outcome.code, outcome.stdout).toBe(1);
      return outcome.stderr;
    };
    expect(await refusal('create', 'app:amd64', 'app:amd64')).toContain('the store has an image of that name');
    expect(await refusal('add', 'app:amd64', 'app:amd64')).toContain('it is an image of one platform');
    expect(await refusal('add', 'none:1', 'app:amd64')).toContain('none:1');
    expect(await refusal('create', 'all:1', 'none:1')).toContain('none:1');
    expect(await refusal('inspect', 'none:1')).toContain('none:1');
    await workspace.ok(['manifest', 'create', '--replace', 'app:amd64', 'app:amd64']);
    expect(await childrenOf('app:amd64')).toEqual([[AMD64.descriptor.digest, 'amd64']]);
  });
});

describe('search', () => {
  test('lists the tags of a repository', async () => {
    const name = `${server.host}/team/app`;
    expect(await workspace.ok(['search', name])).toBe('amd64\narm64\nboth\nnewer\n');
    expect(await workspace.ok(['search', '--limit', '2', name])).toBe('amd64\narm64\n');
    const tags = ['amd64', 'arm64', 'both', 'newer'];
    expect(JSON.parse(await workspace.ok(['search', name, '--output', 'json']))).toEqual({ repository: name, tags });
  });

  test('refuses what is no repository, and says what is not there', async () => {
    const tagged = await workspace.run(['search', `${server.host}/team/app:amd64`]);
    expect([tagged.code, tagged.stderr]).toEqual([2, expect.stringContaining('it has a tag or a digest')]);
    const absent = await workspace.run(['search', `${server.host}/team/none`]);
    expect([absent.code, absent.stderr]).toEqual([1, expect.stringContaining('team/none')]);
  });
});
