// A connection that breaks in the middle of a layer: wherever the image goes, it goes on there.

import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { openWorkspace } from '../cli/kubecrate.ts';
import { startHttpProxy } from '../fixtures/http-proxy.ts';

const APP = image({ seed: 'app', layers: [{ seed: 'layer', size: 3_000_000 }] });
const LAYER = APP.layers[0]!.descriptor.digest;

test.each([
  'oci-archive:app.tar',
  'docker-archive:app.tar',
  'oci:layout',
  'registry-dir:mirror',
  'kubekey:images',
  'store:',
])('copy to %s goes on where the connection broke', async (destination) => {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), APP, '1');
  await using server = await startServer(namespace);
  const ranges: string[] = [];
  await using proxy = await startHttpProxy(server.url, ({ path, headers }) => {
    if (!path.includes(LAYER)) return undefined;
    ranges.push(headers.range ?? 'whole');
    // Twice: what goes on may break again.
    return ranges.length < 3 ? { kind: 'cut', after: 1_000_000 } : undefined;
  });
  await using workspace = await openWorkspace();
  await workspace.ok(['copy', '--platform', 'linux/amd64', `docker://${proxy.host}/app:1`, destination]);
  expect(ranges).toEqual(['whole', expect.stringMatching(/^bytes=[1-9]/), expect.stringMatching(/^bytes=[1-9]/)]);
  const [transport = '', path = ''] = destination.split(':');
  await workspace.ok(['verify', ...(path === '' ? [] : [join(workspace.directory, path)])]);
  if (transport === 'kubekey') return;
  const named =
    transport === 'store'
      ? `store:${proxy.host}/app:1`
      : transport === 'registry-dir'
        ? 'registry-dir:mirror:app:1'
        : destination;
  const copy = JSON.parse(await workspace.ok(['copy', named, 'oci:back:1', '--output', 'json'])) as { digest: string };
  if (transport !== 'docker-archive') expect(copy.digest).toBe(APP.descriptor.digest);
});

test('push goes on where the connection broke', async () => {
  const namespace = memoryNamespace();
  await using server = await startServer(namespace, { access: 'writable' });
  let broken = 0;
  await using proxy = await startHttpProxy(server.url, ({ method }) => {
    if (method !== 'PUT' && method !== 'PATCH') return undefined;
    broken += 1;
    return broken === 1 ? { kind: 'reset' } : undefined;
  });
  await using workspace = await openWorkspace();
  await using scratch = await startServer(await filled());
  await workspace.ok(['copy', '--platform', 'linux/amd64', `docker://${scratch.host}/app:1`, 'oci-archive:app.tar']);
  await workspace.ok(['copy', '--platform', 'linux/amd64', 'oci-archive:app.tar', `docker://${proxy.host}/team/app:2`]);
  expect(broken).toBeGreaterThan(1);
  expect((await namespace.repository('team/app').resolve('2')).digest).toBe(APP.descriptor.digest);
});

async function filled(): Promise<ReturnType<typeof memoryNamespace>> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), APP, '1');
  return namespace;
}
