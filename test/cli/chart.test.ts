import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, image, lying, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import type { Descriptor } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { podOf, writeChart } from '../fixtures/write-chart.ts';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const POD = podOf('{{ .Release.Name }}-web', '{{ .Values.image }}:{{ .Values.tag }}');
const HOOK = podOf('probe', 'busybox:1').replace('{name: probe}', '{name: probe, annotations: {helm.sh/hook: test}}');
const FILES = {
  'values.yaml': 'image: nginx\ntag: "1.27"\n',
  'templates/pod.yaml': POD,
  'templates/_names.tpl': '{{ define "name" }}web{{ end }}',
  'templates/NOTES.txt': 'installed',
  'templates/where.yaml': [
    'namespace: {{ .Release.Namespace }}',
    'kube: {{ .Capabilities.KubeVersion.Version }}',
    'has: {{ .Capabilities.APIVersions.Has "example.com/v1" }}',
    'upgrade: {{ .Release.IsUpgrade }}',
    '',
  ].join('\n'),
  'templates/tests/probe.yaml': HOOK,
  'crds/crontab.yaml': 'kind: CustomResourceDefinition\n',
};

async function workspaceWith(
  files: Readonly<Record<string, string>> = FILES,
  name = 'web',
  version = '1.2.0',
): Promise<Workspace> {
  const workspace = await openWorkspace();
  await writeChart(join(workspace.directory, name), { name, version }, files);
  return workspace;
}

describe('chart template', () => {
  test('prints what helm template prints: objects in the order of installation, then hooks', async () => {
    await using workspace = await workspaceWith();
    expect(await workspace.ok(['chart', 'template', 'web'])).toBe(
      [
        '---',
        '# Source: web/templates/pod.yaml',
        POD.trimEnd()
          .replace('{{ .Release.Name }}', 'release-name')
          .replace('{{ .Values.image }}:{{ .Values.tag }}', 'nginx:1.27'),
        '---',
        '# Source: web/templates/where.yaml',
        'namespace: default\nkube: v1.32.0\nhas: false\nupgrade: false',
        '---',
        '# Source: web/templates/tests/probe.yaml',
        HOOK,
      ].join('\n'),
    );
  });

  test('takes a name, a namespace, versions and an upgrade, in both of its forms', async () => {
    await using workspace = await workspaceWith();
    const about = ['-n', 'shop', '--kube-version', '1.30', '--api-versions', 'a/v1,example.com/v1', '--is-upgrade'];
    const asArgument = await workspace.ok(['chart', 'template', 'mine', 'web', ...about]);
    expect(asArgument).toContain('name: mine-web');
    expect(asArgument).toContain('namespace: shop\nkube: v1.30.0\nhas: true\nupgrade: true\n');
    expect(await workspace.ok(['chart', 'template', 'web', '--release-name', 'mine', ...about])).toBe(asArgument);
    const twice = await workspace.run(['chart', 'template', 'mine', 'web', '--release-name', 'other']);
    expect(twice).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('two names: mine and other') });
    const wrong = await workspace.run(['chart', 'template', 'Mine', 'web']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('release name "Mine": invalid release name, must match regex'),
    });
  });

  test('takes values as Helm does, the later over the earlier', async () => {
    await using workspace = await workspaceWith({
      'values.yaml': 'a: 0\n',
      'templates/values.yaml': 'values: {{ toJson .Values }}\n',
    });
    const { directory } = workspace;
    await writeFile(join(directory, 'one.yaml'), 'a: 1\nb: {c: 1, d: 1}\n');
    await writeFile(join(directory, 'two.yaml'), 'b: {d: 2}\n');
    await writeFile(join(directory, 'text'), 'of a file');
    const output = await workspace.ok(
      [
        ...['chart', 'template', 'web', '-f', 'one.yaml,two.yaml', '-f', '-', '--set', 'e=1,f={x,y}'],
        ...['--set-string', 'g=1', '--set-file', 'h=text', '--set-json', 'i={"j":null}', '--set-literal', 'k=a,b=c'],
      ],
      { input: 'b: {c: 3}\n' },
    );
    expect(JSON.parse(output.split('values: ')[1] ?? '')).toEqual({
      a: 1,
      b: { c: 3, d: 2 },
      e: 1,
      f: ['x', 'y'],
      g: '1',
      h: 'of a file',
      i: { j: null },
      k: 'a,b=c',
    });
    const missing = await workspace.run(['chart', 'template', 'web', '-f', 'none.yaml']);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot read the values "none.yaml"') });
    const broken = await workspace.run(['chart', 'template', 'web', '--set', 'a[=1']);
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('failed parsing --set data') });
  });

  test('leaves out hooks and tests, adds definitions, and shows single files', async () => {
    await using workspace = await workspaceWith();
    const sources = async (...flags: readonly string[]): Promise<readonly string[]> =>
      [...(await workspace.ok(['chart', 'template', 'web', ...flags])).matchAll(/# Source: web\/(.*)/g)].map(
        ([, name = '']) => name,
      );
    const [pod, where, probe, crd] = [
      'templates/pod.yaml',
      'templates/where.yaml',
      'templates/tests/probe.yaml',
      'crds/crontab.yaml',
    ];
    expect(await sources()).toEqual([pod, where, probe]);
    expect(await sources('--skip-tests')).toEqual([pod, where]);
    expect(await sources('--no-hooks')).toEqual([pod, where]);
    expect(await sources('--include-crds')).toEqual([crd, pod, where, probe]);
    expect(await sources('--show-only', where ?? '')).toEqual([where]);
    const none = await workspace.run(['chart', 'template', 'web', '-s', 'templates/none.yaml']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('could not find template') });
  });

  test('keeps whole numbers of --set whole, and rounds those of files as Helm does', async () => {
    await using workspace = await workspaceWith({ 'templates/t.yaml': 'tag: {{ .Values.tag }}\n' });
    expect(await workspace.ok(['chart', 'template', 'web', '--set', 'tag=20240131'])).toContain('tag: 20240131\n');
    await writeFile(join(workspace.directory, 'v.yaml'), 'tag: 20240131\n');
    expect(await workspace.ok(['chart', 'template', 'web', '-f', 'v.yaml'])).toContain('tag: 2.0240131e+07\n');
  });

  test.each([
    ['{{ required "give an image" .Values.x }}', 'web/templates/bad.yaml:2:6', '<required "give an image" .Values.x>'],
    ['{{ fail "not so" }}', 'web/templates/bad.yaml:2:6', '<fail "not so">'],
    ['{{ .Values.a.b.c }}', 'web/templates/bad.yaml:2:13', '<.Values.a.b.c>'],
    ['{{ if }}', 'web/templates/bad.yaml:2', 'missing value for if'],
    ['{{ nosuch 1 }}', 'web/templates/bad.yaml:2', 'function "nosuch" not defined'],
  ])('says of %j which chart, where and in which action', async (action, place, shown) => {
    await using workspace = await workspaceWith({ 'templates/bad.yaml': `a: 1\nb: ${action}\n` });
    const { code, stdout, stderr } = await workspace.run(['chart', 'template', 'web']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: cannot render chart "web": ');
    expect(stderr).toContain(place);
    expect(stderr).toContain(shown);
  });

  test('ends a template that never does', async () => {
    await using workspace = await workspaceWith({
      'templates/t.yaml': '{{ define "again" }}{{ include "again" . }}{{ end }}{{ include "again" . }}',
    });
    const { code, stderr } = await workspace.run(['chart', 'template', 'web']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: cannot render chart "web": ');
  });

  test('names what is no chart, and a dependency that is missing', async () => {
    await using workspace = await workspaceWith({
      'Chart.yaml':
        'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.x, repository: "https://charts.example"}\n',
    });
    const missing = await workspace.run(['chart', 'template', 'web']);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('missing in charts/ directory: db') });
    const absent = await workspace.run(['chart', 'template', './none']);
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('error: cannot load chart') });
    await writeFile(join(workspace.directory, 'no.tgz'), 'no archive');
    const archive = await workspace.run(['chart', 'template', 'no.tgz']);
    expect(archive).toMatchObject({ code: 1, stderr: expect.stringContaining('no.tgz') });
  });
});

describe('chart package', () => {
  test('gives the same bytes at any time, and what helm template reads', async () => {
    await using workspace = await workspaceWith();
    const { directory } = workspace;
    expect(await workspace.ok(['chart', 'package', 'web'])).toBe('packaged web 1.2.0 into web-1.2.0.tgz\n');
    await utimes(join(directory, 'web', 'values.yaml'), 1, 1);
    const report = JSON.parse(await workspace.ok(['chart', 'package', 'web', '-d', 'out/new', '--output', 'json']));
    const file = join(directory, 'out/new/web-1.2.0.tgz');
    expect(report).toEqual({ name: 'web', version: '1.2.0', file });
    expect((await readFile(file)).equals(await readFile(join(directory, 'web-1.2.0.tgz')))).toBe(true);
    expect(await workspace.ok(['chart', 'template', file])).toBe(await workspace.ok(['chart', 'template', 'web']));
  });

  test('gives the chart another version, as Chart.yaml then says', async () => {
    await using workspace = await workspaceWith();
    const flags = ['--version', '2.0.0-rc.1+7', '--app-version', '9.1', '--output', 'json'];
    const packed = JSON.parse(await workspace.ok(['chart', 'package', 'web', ...flags]));
    expect(packed).toMatchObject({ name: 'web', version: '2.0.0-rc.1+7' });
    expect(await workspace.ok(['chart', 'template', 'web-2.0.0-rc.1+7.tgz'])).toBe(
      await workspace.ok(['chart', 'template', 'web']),
    );
    expect(await workspace.ok(['chart', 'package', 'web'])).toContain('web-1.2.0.tgz');
    const wrong = await workspace.run(['chart', 'package', 'web', '--version', 'newest']);
    expect(wrong).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('"newest" is no version') });
    expect((await readdir(workspace.directory)).sort()).toEqual(['web', 'web-1.2.0.tgz', 'web-2.0.0-rc.1+7.tgz']);
  });

  test('leaves nothing behind where the directory is no chart', async () => {
    await using workspace = await workspaceWith({ 'Chart.yaml': 'name: [' });
    const { code, stderr } = await workspace.run(['chart', 'package', 'web', '-d', 'out']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot load chart') });
    expect(await readdir(workspace.directory)).toEqual(['web']);
  });
});

describe('chart push and chart pull', () => {
  test('push what helm push pushes, provenance included, and pull it back byte for byte', async () => {
    const namespace = memoryNamespace();
    await using server = await startServer(namespace, { access: 'writable' });
    await using workspace = await workspaceWith(FILES, 'web', '1.2.0+build.7');
    const { directory } = workspace;
    await workspace.ok(['chart', 'package', 'web']);
    const archive = 'web-1.2.0+build.7.tgz';
    await writeFile(join(directory, `${archive}.prov`), 'signed');
    const push = ['chart', 'push', archive, `oci://${server.host}/helm-charts`];
    const { stdout: pushed, stderr } = await workspace.run(push);
    expect(stderr).toMatch(/^pushed \S*web-1\.2\.0\+build\.7\.tgz sha256:/m);
    const target = namespace.repository('helm-charts/web');
    const descriptor = await target.resolve('1.2.0_build.7');
    expect(pushed).toBe(`Pushed: ${server.host}/helm-charts/web:1.2.0_build.7\nDigest: ${descriptor.digest}\n`);
    const manifest = JSON.parse((await bytesOf(await target.fetch(descriptor))).toString());
    expect(manifest).toMatchObject({
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      annotations: {
        'org.opencontainers.image.title': 'web',
        'org.opencontainers.image.version': '1.2.0+build.7',
      },
    });
    expect(manifest.layers.map(({ mediaType }: { mediaType: string }) => mediaType).sort()).toEqual([
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
    ]);
    const address = `oci://${server.host}/helm-charts/web`;
    const pulled = await workspace.ok(['chart', 'pull', address, '--version', '1.2.0+build.7', '-d', 'in', '--prov']);
    expect(pulled).toContain(`Digest: ${descriptor.digest}\n`);
    expect(await readdir(join(directory, 'in'))).toEqual([archive, `${archive}.prov`]);
    const [before, after] = await Promise.all(['.', 'in'].map((at) => readFile(join(directory, at, archive))));
    expect(after?.equals(before as Buffer)).toBe(true);
    expect(await readFile(join(directory, 'in', `${archive}.prov`), 'utf8')).toBe('signed');
  });

  test('push a directory with the same digest at any time', async () => {
    await using server = await startServer(memoryNamespace(), { access: 'writable' });
    await using workspace = await workspaceWith();
    const push = async (path: string): Promise<{ digest: string }> =>
      JSON.parse(await workspace.ok(['chart', 'push', 'web', `oci://${server.host}/${path}`, '--output', 'json']));
    const first = await push('a');
    await utimes(join(workspace.directory, 'web', 'values.yaml'), 1, 1);
    expect(first).toMatchObject({ chart: `${server.host}/a/web:1.2.0`, status: 'copied' });
    expect((await push('b')).digest).toBe(first.digest);
  });

  test('pull the newest release, or the highest version of a range', async () => {
    await using server = await startServer(memoryNamespace(), { access: 'writable' });
    await using workspace = await openWorkspace();
    for (const version of ['1.9.0', '1.10.0', '2.0.0-rc.1']) {
      await writeChart(join(workspace.directory, version), { name: 'web', version }, FILES);
      await workspace.ok(['chart', 'push', version, `oci://${server.host}/charts`]);
    }
    const pull = async (...flags: readonly string[]): Promise<string | undefined> => {
      const output = await workspace.ok(['chart', 'pull', `oci://${server.host}/charts/web`, ...flags]);
      return /written to (.*)/.exec(output)?.[1];
    };
    expect(await pull()).toBe('web-1.10.0.tgz');
    expect(await pull('--version', '~1.9')).toBe('web-1.9.0.tgz');
    expect(await pull('--version', '>1-0')).toBe('web-2.0.0-rc.1.tgz');
    const none = await workspace.run(['chart', 'pull', `oci://${server.host}/charts/web`, '--version', '^3']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('has no version ^3') });
    const wrong = await workspace.run(['chart', 'pull', `oci://${server.host}/charts/web`, '--version', 'of course']);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('no version and no range') });
  });

  test('refuse an image, an address without oci:// and a host that is none', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('nginx'), image({ seed: 'nginx' }), '1.27.0');
    await using server = await startServer(namespace);
    await using workspace = await workspaceWith();
    const fails = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await workspace.run(['chart', ...args]);
      return [code, stderr];
    };
    const says = (text: string): unknown => expect.stringContaining(text);
    expect(await fails('pull', `oci://${server.host}/nginx:1.27.0`)).toEqual([1, says('it is no chart')]);
    expect(await fails('pull', `${server.host}/nginx:1.27.0`)).toEqual([2, says('it does not begin with oci://')]);
    expect(await fails('push', 'web', 'oci://registry/charts')).toEqual([2, says('"registry" is no registry host')]);
    expect(await fails('push', 'web', 'registry.example.com/a')).toEqual([2, says('it does not begin with oci://')]);
    expect(await fails('pull', `oci://${server.host}/absent`, '--version', '1.0.0')).toEqual([1, says('absent')]);
    expect(await fails('template', 'web', '--kube-version', 'abc')).toEqual([
      2,
      says("invalid kube version 'abc': Invalid Semantic Version"),
    ]);
    expect(await readdir(workspace.directory)).toEqual(['web']);
  });

  test('pull --untar leaves a directory that is the chart, and nothing where one is already', async () => {
    await using server = await startServer(memoryNamespace(), { access: 'writable' });
    await using workspace = await workspaceWith();
    const { directory } = workspace;
    await workspace.ok(['chart', 'push', 'web', `oci://${server.host}/charts`]);
    const address = `oci://${server.host}/charts/web`;
    expect(await workspace.ok(['chart', 'pull', address, '--untar', '-d', 'in', '--untardir', 'deep'])).toContain(
      'written to in/deep/web\n',
    );
    expect(await readdir(join(directory, 'in', 'deep'))).toEqual(['web']);
    expect(await workspace.ok(['chart', 'template', 'in/deep/web'])).toBe(
      await workspace.ok(['chart', 'template', 'web']),
    );
    const again = await workspace.run(['chart', 'pull', address, '--untar']);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
    expect((await readdir(directory)).sort()).toEqual(['in', 'web']);
    for (const flags of [
      ['--untardir', 'x'],
      ['--untar', '--prov'],
    ]) {
      expect(await workspace.run(['chart', 'pull', address, ...flags])).toMatchObject({ code: 2, stdout: '' });
    }
  });

  test('are rendered where they are', async () => {
    await using server = await startServer(memoryNamespace(), { access: 'writable' });
    await using workspace = await workspaceWith();
    await workspace.ok(['chart', 'push', 'web', `oci://${server.host}/charts`]);
    const address = `oci://${server.host}/charts/web`;
    const local = await workspace.ok(['chart', 'template', 'web']);
    expect(await workspace.ok(['chart', 'template', address])).toBe(local);
    expect(await workspace.ok(['chart', 'template', `${address}:1.2.0`])).toBe(local);
    expect(await workspace.ok(['chart', 'template', 'mine', address, '--version', '^1'])).toContain('name: mine-web');
    const none = await workspace.run(['chart', 'template', address, '--version', '2.0.0']);
    expect(none).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('charts/web') });
    const file = await workspace.run(['chart', 'template', 'web', '--version', '1.2.0']);
    expect(file).toMatchObject({ code: 2, stderr: expect.stringContaining('--version is for charts of registries') });
    const two = await workspace.run(['chart', 'template', `${address}:1.2.0`, '--version', '1.3.0']);
    expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('two versions: 1.2.0 and 1.3.0') });
    expect(await readdir(workspace.directory)).toEqual(['web']);
  });

  test('keep nothing of an archive that is not what its digest says', async () => {
    const namespace = memoryNamespace();
    await using server = await startServer(namespace, { access: 'writable' });
    await using workspace = await workspaceWith();
    await workspace.ok(['chart', 'push', 'web', `oci://${server.host}/charts`]);
    const target = namespace.repository('charts/web');
    const manifest = JSON.parse((await bytesOf(await target.fetch(await target.resolve('1.2.0')))).toString());
    const where = ({ digest }: Descriptor): boolean => digest === manifest.layers[0].digest;
    await using liar = await startServer({
      ...namespace,
      repository: (name) => lying(namespace.repository(name), 'flipped-bit', { where }),
    });
    const { code, stderr } = await workspace.run(['chart', 'pull', `oci://${liar.host}/charts/web`, '-d', 'in']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('sha256:') });
    expect(await readdir(join(workspace.directory, 'in'))).toEqual([]);
  });
});
