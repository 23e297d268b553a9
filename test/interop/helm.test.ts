// Charts, as Helm itself makes, pushes, pulls and renders them.

import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@kubecrate/oci';
import { expect, test } from 'vitest';
import { chartFiles } from '../bench/chart-corpus.ts';
import { openWorkspace, PROGRAM, type Workspace } from '../cli/kubecrate.ts';
import { compareRendering } from '../fidelity/compare-rendering.ts';
import { startDockerRegistry } from '../fixtures/docker-registry.ts';
import { helm, runHelm } from '../fixtures/helm.ts';
import { describePeer } from '../fixtures/peers.ts';
import { writeChart } from '../fixtures/write-chart.ts';

const PROGRAMS = { helm: ['helm'], ours: [process.execPath, PROGRAM, 'chart'] };

/** The bytes of a manifest, as a client gets them. */
async function fetchManifest(url: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** A chart that `helm create` made, packed by helm. */
async function createdChart({ directory, home }: Workspace): Promise<string> {
  await helm(['create', 'web'], home, { cwd: directory });
  await helm(['package', 'web', '--version', '1.2.0+7'], home, { cwd: directory });
  return 'web-1.2.0+7.tgz';
}

describePeer(['helm', 'docker-registry'], 'charts in registries, and helm', () => {
  test('what helm pushes is pulled, and what is pushed helm pulls: the same manifest, the same archive', async () => {
    await using workspace = await openWorkspace();
    const { directory, home } = workspace;
    await using registry = await startDockerRegistry();
    const archive = await createdChart(workspace);
    await helm(['push', archive, `oci://${registry.host}/theirs`, '--plain-http'], home, { cwd: directory });
    await workspace.ok(['chart', 'push', archive, `oci://${registry.host}/ours`]);
    const theirs = await fetchManifest(`http://${registry.host}/v2/theirs/web/manifests/1.2.0_7`);
    const ours = await fetchManifest(`http://${registry.host}/v2/ours/web/manifests/1.2.0_7`);
    expect(String(ours)).toBe(String(theirs));
    const packed = digestOf(await readFile(join(directory, archive)));
    await workspace.ok(['chart', 'pull', `oci://${registry.host}/theirs/web`, '--version', '1.2.0+7', '-d', 'a']);
    const pull = ['pull', `oci://${registry.host}/ours/web`, '--version', '1.2.0+7', '--plain-http'];
    await helm([...pull, '-d', join(directory, 'b'), '--untar'], home);
    await helm([...pull, '-d', home], home);
    expect(await readdir(join(directory, 'b', 'web'))).toContain('Chart.yaml');
    for (const folder of [join(directory, 'a'), home])
      expect(digestOf(await readFile(join(folder, archive)))).toBe(packed);
  });

  test('helm pulls the chart of a build context from the registry directory of the image', async () => {
    await using workspace = await openWorkspace();
    const { directory, home } = workspace;
    const archive = await createdChart(workspace);
    await mkdir(join(directory, 'context', 'charts'), { recursive: true });
    await cp(join(directory, archive), join(directory, 'context', 'charts', archive));
    await writeFile(join(directory, 'context', 'Kubefile'), 'FROM scratch\nCOPY charts charts\n');
    await workspace.ok(['build', '-t', 'shop:1', '--ignored-image-list', await emptyList(directory), 'context']);
    await workspace.ok(['unpack', 'shop:1', 'unpacked']);
    const peer = { directory: join(directory, 'unpacked', 'registry'), access: 'read-only' } as const;
    await using registry = await startDockerRegistry(peer);
    const name = `oci://${registry.host}/helm-charts/web`;
    const shown = await helm(['show', 'chart', name, '--version', '1.2.0+7', '--plain-http'], home);
    expect(shown).toContain('version: 1.2.0+7');
    await helm(['pull', name, '--version', '1.2.0+7', '--plain-http', '-d', directory], home);
    const run = workspace.start(['serve', 'shop:1', '--addr', '127.0.0.1:0']);
    const host = /http:\/\/(\S+?)[/\s]/.exec(`${await run.firstLine()} `)?.[1];
    await helm(['pull', `oci://${host}/helm-charts/web`, '--version', '1.2.0+7', '--plain-http', '-d', home], home);
    run.child.kill('SIGTERM');
    await run.ended;
    expect((await readFile(join(home, archive))).equals(await readFile(join(directory, archive)))).toBe(true);
  });
});

/** An image list that leaves out what `helm create` names: no registry is asked in this test. */
async function emptyList(directory: string): Promise<string> {
  const file = join(directory, 'ignored');
  await writeFile(file, 'nginx:1.16.0\nbusybox\nbusybox:latest\n');
  return file;
}

describePeer('helm', 'rendering, and helm', () => {
  test('the chart of helm create, with its parts off and on', async () => {
    await using workspace = await openWorkspace();
    const { directory, home } = workspace;
    await createdChart(workspace);
    const all = 'autoscaling.enabled=true,ingress.enabled=true,nodeSelector.disk=ssd,serviceAccount.create=false';
    for (const more of [[], ['--set', all], ['--set-json', 'volumes=[{"name":"a","emptyDir":{}}]', '--no-hooks']]) {
      const compared = await compareRendering(PROGRAMS, ['r', join(directory, 'web'), ...more]);
      expect(compared).toMatchObject({ verdict: 'same', random: 0 });
      expect(compared.lines).toBeGreaterThan(40);
    }
    const packed = await compareRendering(PROGRAMS, ['r', join(directory, 'web-1.2.0+7.tgz')]);
    expect(packed).toMatchObject({ verdict: 'same', random: 0 });
    await workspace.ok(['chart', 'package', 'web', '-d', home]);
    const [own] = (await readdir(home)).filter((name) => name.endsWith('.tgz'));
    expect(await compareRendering(PROGRAMS, ['r', join(home, own ?? '')])).toMatchObject({ verdict: 'same' });
  });

  test('the chart of the benchmark: fifty templates', async () => {
    await using workspace = await openWorkspace();
    await writeChart(join(workspace.directory, 'bench'), { name: 'bench' }, chartFiles(50));
    const compared = await compareRendering(PROGRAMS, ['r', join(workspace.directory, 'bench')]);
    expect(compared).toMatchObject({ verdict: 'same', random: 0 });
    expect(compared.lines).toBeGreaterThan(1000);
  });

  test('a password that each rendering makes anew is told from a difference', async () => {
    await using workspace = await openWorkspace();
    const chart = join(workspace.directory, 'secret');
    const template = 'password: {{ randAlphaNum 20 }}\nname: {{ .Release.Name }}\n';
    await writeChart(chart, { name: 'secret' }, { 'templates/secret.yaml': template });
    expect(await compareRendering(PROGRAMS, ['r', chart])).toMatchObject({ verdict: 'same', random: 1 });
  });

  test.each([
    ['{{ required "a name is needed" .Values.name }}', 'a name is needed'],
    ['{{ fail "not on this cluster" }}', 'not on this cluster'],
    ['{{ .Values.a.b.c }}', 'nil pointer evaluating interface {}.b'],
    ['{{ include "missing" . }}', 'no template "missing" associated with template "gotpl"'],
    ['{{ if }}', 'missing value for if'],
    ['a: b: c', 'mapping values are not allowed in this context'],
  ])('%s fails in both, for the same reason', async (template, reason) => {
    await using workspace = await openWorkspace();
    const chart = join(workspace.directory, 'broken');
    await writeChart(chart, { name: 'broken' }, { 'templates/object.yaml': template });
    const theirs = await runHelm(['template', chart], workspace.home);
    const own = await workspace.run(['chart', 'template', chart]);
    expect([theirs.code, own.code]).toEqual([1, 1]);
    expect(theirs.stderr).toContain(reason);
    expect(own.stderr).toContain(reason);
  });
});
