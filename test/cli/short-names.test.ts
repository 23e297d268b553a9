import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { openWorkspace } from './kubecrate.ts';

const HUB = image({ seed: 'hub' });
const OTHER = image({ seed: 'other' });

/** Two registries with different images; `asked` is in front of the second and counts what comes. */
async function openScene(search: (registries: { readonly asked: string }) => string) {
  const [hubImages, otherImages] = [memoryNamespace(), memoryNamespace()];
  await pushImage(hubImages.repository('library/app'), HUB, '1');
  for (const name of ['library/app', 'app', 'only']) await pushImage(otherImages.repository(name), OTHER, '1');
  const hub = await startServer(hubImages);
  const other = await startServer(otherImages);
  const asked = await startHttpProxy(other.url, () => undefined);
  const workspace = await openWorkspace();
  const conf = join(workspace.home, '.config/containers/registries.conf');
  await mkdir(join(conf, '..'), { recursive: true });
  const rule = `[[registry]]\nprefix = "docker.io"\nlocation = "${hub.host}"\ninsecure = true\n`;
  await writeFile(conf, `${search({ asked: asked.host })}\n${rule}`);
  const all = [workspace, asked, other, hub];
  const dispose = async (): Promise<void> => {
    for (const one of all) await one[Symbol.asyncDispose]();
  };
  return { workspace, asked, [Symbol.asyncDispose]: dispose };
}

const pull = ['pull', '--platform', 'linux/amd64'];

test("several registries to search leave a name without one Docker Hub's; they are named, and not asked", async () => {
  await using scene = await openScene(({ asked }) => `unqualified-search-registries = ["docker.io", "${asked}"]`);
  const { workspace, asked } = scene;
  expect(await workspace.ok([...pull, 'app:1'])).toContain(HUB.descriptor.digest);
  expect(await workspace.ok(['images', '-q'])).toBe('app:1\n');
  const { code, stderr } = await workspace.run([...pull, 'only:1']);
  expect(code).toBe(1);
  expect(stderr).toContain(`of unqualified-search-registries write the one you mean: ${asked.host}/only:1\n`);
  const whole = await workspace.run([...pull, 'docker.io/library/only:1']);
  expect(whole.code).toBe(1);
  expect(whole.stderr).not.toContain('unqualified-search-registries');
  expect(asked.requests).toEqual([]);
  expect(await workspace.ok([...pull, `${asked.host}/only:1`])).toContain(OTHER.descriptor.digest);
});

test('the only registry to search has the names without one; a whole name keeps its registry', async () => {
  await using scene = await openScene(({ asked }) => `unqualified-search-registries = ["${asked}"]`);
  const { workspace, asked } = scene;
  expect(await workspace.ok([...pull, 'app:1'])).toContain(OTHER.descriptor.digest);
  expect(await workspace.ok(['images', '-q'])).toBe('app:1\n');
  expect(asked.requests.join(' ')).toContain('/v2/app/manifests/1');
  expect(asked.requests.join(' ')).not.toContain('/v2/library/');
  expect(await workspace.ok([...pull, 'docker.io/library/app:1'])).toContain(HUB.descriptor.digest);
  expect(await workspace.ok(['search', 'only'])).toBe('1\n');
  await workspace.ok(['mirror', '--dir', 'mirror', '--platform', 'linux/amd64', 'only:1']);
  await workspace.ok(['copy', 'registry-dir:mirror:library/only:1', 'oci:layout:1']);
  await mkdir(join(workspace.directory, 'context'));
  await writeFile(join(workspace.directory, 'context', 'Kubefile'), 'FROM only:1\n');
  await workspace.ok(['build', '-t', 'built:1', '--platform', 'linux/amd64', 'context']);
  const { code, stderr } = await workspace.run([...pull, 'none:1']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${asked.host}/none`);
  expect(stderr).toContain(`looked for where unqualified-search-registries says: ${asked.host}\n`);
});
