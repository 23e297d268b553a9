// Charts that we push and build in, as other programs see them.

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../cli/kubecrate.ts';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { describePeer } from '../fixtures/peers.ts';
import { skopeo } from '../fixtures/skopeo.ts';
import { writeChart } from '../fixtures/write-chart.ts';

const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
const CONTENT = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

/** A workspace with the archive `web-1.2.0+7.tgz` and its provenance. */
async function workspaceWithChart(): Promise<Workspace> {
  const workspace = await openWorkspace();
  const { directory } = workspace;
  const files = { 'templates/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n' };
  await writeChart(join(directory, 'web'), { name: 'web', version: '1.2.0+7' }, files);
  await workspace.ok(['chart', 'package', 'web', '-d', 'context/charts']);
  await writeFile(join(directory, 'context/charts/web-1.2.0+7.tgz.prov'), 'signed');
  await writeFile(join(directory, 'context/Kubefile'), 'FROM scratch\nCOPY charts charts\n');
  return workspace;
}

const ARCHIVE = 'context/charts/web-1.2.0+7.tgz';

describePeer(['docker-registry', 'skopeo'], 'charts, docker-registry and skopeo', () => {
  test('docker-registry takes a chart that we push, and skopeo sees it whole', async () => {
    await using workspace = await workspaceWithChart();
    await using registry = await startDockerRegistry();
    const pushed = await workspace.ok(['chart', 'push', ARCHIVE, `oci://${registry.host}/helm-charts`]);
    const name = `docker://${registry.host}/helm-charts/web:1.2.0_7`;
    const raw = await skopeo(['inspect', '--raw', name], workspace.home);
    expect(pushed).toContain(`Digest: ${digestOf(Buffer.from(raw))}\n`);
    const manifest = JSON.parse(raw);
    expect(manifest.config.mediaType).toBe(CONFIG);
    expect(manifest.layers.map(({ mediaType }: { mediaType: string }) => mediaType).sort()).toEqual([
      CONTENT,
      PROVENANCE,
    ]);
    await expectArchive(workspace, name, manifest);
    await workspace.ok(['chart', 'pull', `oci://${registry.host}/helm-charts/web`, '--version', '1.2.0+7', '--prov']);
    const pulled = await readFile(join(workspace.directory, 'web-1.2.0+7.tgz'));
    expect(pulled.equals(await readFile(join(workspace.directory, ARCHIVE)))).toBe(true);
  });

  test('a plain client gets from docker-registry what helm pull asks for', async () => {
    await using workspace = await workspaceWithChart();
    await using registry = await startDockerRegistry();
    await workspace.ok(['chart', 'push', ARCHIVE, `oci://${registry.host}/helm-charts`]);
    const repository = `http://${registry.host}/v2/helm-charts/web`;
    expect(await (await fetch(`${repository}/tags/list`)).json()).toMatchObject({ tags: ['1.2.0_7'] });
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const response = await fetch(`${repository}/manifests/1.2.0_7`, { headers: { accept } });
    expect(response.headers.get('content-type')).toBe(accept);
    const manifest = (await response.json()) as ChartManifest;
    const mtime = (await stat(join(workspace.directory, ARCHIVE))).mtime;
    expect(manifest.annotations).toEqual({
      'org.opencontainers.image.title': 'web',
      'org.opencontainers.image.version': '1.2.0+7',
      'org.opencontainers.image.created': mtime.toISOString().replace(/\.\d+Z$/, 'Z'),
    });
    const blob = async ({ digest, size }: ChartManifest['config']): Promise<Buffer> => {
      const bytes = Buffer.from(await (await fetch(`${repository}/blobs/${digest}`)).arrayBuffer());
      expect(bytes.length).toBe(size);
      return bytes;
    };
    expect(JSON.parse((await blob(manifest.config)).toString())).toEqual({
      name: 'web',
      version: '1.2.0+7',
      apiVersion: 'v2',
    });
    const contents = new Map<string, Buffer>();
    for (const layer of manifest.layers) contents.set(layer.mediaType, await blob(layer));
    expect(contents.get(CONTENT)?.equals(await readFile(join(workspace.directory, ARCHIVE)))).toBe(true);
    expect(contents.get(PROVENANCE)?.toString()).toBe('signed');
    await workspace.ok(['chart', 'pull', `oci://${registry.host}/helm-charts/web`, '--untar', '-d', 'in']);
    expect(await workspace.ok(['chart', 'template', 'in/web'])).toContain('kind: ConfigMap');
  });

  test('docker-registry on the registry of a built image serves the chart as helm-charts/NAME', async () => {
    await using workspace = await workspaceWithChart();
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    await workspace.ok(['unpack', 'shop:1', 'unpacked']);
    const directory = join(workspace.directory, 'unpacked', 'registry');
    await using registry = await startDockerRegistry({ directory, access: 'read-only' });
    const name = `docker://${registry.host}/helm-charts/web:1.2.0_7`;
    const manifest = JSON.parse(await skopeo(['inspect', '--raw', name], workspace.home));
    expect(manifest).toMatchObject({ config: { mediaType: CONFIG } });
    await expectArchive(workspace, name, manifest);
    const pull = ['chart', 'pull', `oci://${registry.host}/helm-charts/web`, '--version', '1.2.0+7'];
    expect(await workspace.ok(pull)).toContain('written to web-1.2.0+7.tgz\n');
  });
});

interface ChartManifest {
  readonly config: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly layers: readonly ChartManifest['config'][];
  readonly annotations: Readonly<Record<string, string>>;
}

/** The layer that skopeo fetches is the archive that was pushed, byte for byte. */
async function expectArchive(
  { directory, home }: Workspace,
  name: string,
  manifest: { readonly layers: readonly { readonly mediaType: string; readonly digest: string }[] },
): Promise<void> {
  await skopeo(['copy', name, `dir:${join(home, 'copied')}`], home);
  const layer = manifest.layers.find(({ mediaType }) => mediaType === CONTENT);
  const copied = await readFile(join(home, 'copied', layer?.digest.replace('sha256:', '') ?? ''));
  expect(copied.equals(await readFile(join(directory, ARCHIVE)))).toBe(true);
}
