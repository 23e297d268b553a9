import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { openWorkspace } from './kubecrate.ts';

const HUB = image({ seed: 'hub' });
const OTHER = image({ seed: 'other' });

test("a name without a registry is Docker Hub's; the registries that others search are named, and not asked", async () => {
  const [hubImages, otherImages] = [memoryNamespace(), memoryNamespace()];
  await pushImage(hubImages.repository('library/app'), HUB, '1');
  for (const name of ['library/app', 'app', 'only']) await pushImage(otherImages.repository(name), OTHER, '1');
  await using hub = await startServer(hubImages);
  await using other = await startServer(otherImages);
  await using asked = await startHttpProxy(other.url, () => undefined);
  await using workspace = await openWorkspace();
  const conf = join(workspace.home, '.config/containers/registries.conf');
  await mkdir(join(conf, '..'), { recursive: true });
  await writeFile(
    conf,
    `unqualified-search-registries = ["docker.io", "${asked.host}"]
[[registry]]
prefix = "docker.io"
location = "${hub.host}"
insecure = true
`,
  );
  const pull = ['pull', '--platform', 'linux/amd64'];
  expect(await workspace.ok([...pull, 'app:1'])).toContain(HUB.descriptor.digest);
  expect(await workspace.ok(['images', '-q'])).toBe('app:1\n');
  const { code, stderr } = await workspace.run([...pull, 'only:1']);
  expect(code).toBe(1);
  expect(stderr).toContain(`for unqualified-search-registries write ${asked.host}/only:1\n`);
  const whole = await workspace.run([...pull, 'docker.io/library/only:1']);
  expect(whole.code).toBe(1);
  expect(whole.stderr).not.toContain('unqualified-search-registries');
  expect(asked.requests).toEqual([]);
  expect(await workspace.ok([...pull, `${asked.host}/only:1`])).toContain(OTHER.descriptor.digest);
});
