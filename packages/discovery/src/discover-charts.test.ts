import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarOf } from '@kubecrate/content/testing';
import { openDirectoryTree, tempDirectory } from '@kubecrate/files';
import { describe, expect, test } from 'vitest';
import { discoverImages } from './discover-images.ts';
import type { Discovery } from './discovery.ts';
import { discoverFiles as discover } from './testing/discover-files.ts';

/** `image confidence`, without Docker Hub's prefix. */
const shown = ({ images }: Discovery) =>
  images.map(({ image, confidence }) => `${image.replace('docker.io/library/', '')} ${confidence}`);

/** The files of a chart `web` in a directory. */
function chart(directory: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all = {
    'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: "7"\n',
    'values.yaml':
      'image: {repository: nginx, tag: "1"}\nsidecar: {enabled: false, image: {repository: side, tag: "2"}}\n',
    'templates/pod.yaml':
      '# a pod\napiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  containers:\n' +
      '  - image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n' +
      '{{- if .Values.sidecar.enabled }}\n  - image: "{{ .Values.sidecar.image.repository }}:{{ .Values.sidecar.image.tag }}"\n{{- end }}\n',
    ...files,
  };
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [`${directory}/${name}`, text]));
}

describe('charts of a tree', () => {
  test('are rendered with their defaults; what only values name is possible', async () => {
    const result = await discover(chart('charts/web'));
    expect(shown(result)).toEqual(['nginx:1 certain', 'side:2 possible']);
    expect(result.images[0]?.found).toEqual([
      {
        file: 'charts/web/templates/pod.yaml',
        line: 7,
        rule: 'container',
        confidence: 'certain',
        document: 1,
        path: 'spec.containers[0].image',
        object: { kind: 'Pod', name: 'release-name' },
        chart: { name: 'web', version: '1.0.0' },
      },
      expect.objectContaining({ file: 'charts/web/values.yaml', confidence: 'possible', path: 'image.repository' }),
    ]);
    expect(result.diagnostics).toEqual([]);
  });

  test('are rendered with the values beside them, or with each set that is given', async () => {
    const files = { ...chart('charts/web'), 'charts/web.values.yaml': 'sidecar: {enabled: true}\n' };
    expect(shown(await discover(files))).toEqual(['nginx:1 certain', 'side:2 certain']);
    const chartValues = [
      { chart: 'web', file: 'a.yaml', text: 'image: {tag: a}' },
      { chart: 'charts/web', file: 'b.yaml', text: 'image: {tag: b}' },
    ];
    expect(shown(await discover(files, { chartValues }))).toEqual([
      'nginx:a certain',
      'nginx:b certain',
      'side:2 possible',
    ]);
  });

  test('may be archives, and applications', async () => {
    const archive = gzipSync(tarOf(chart('web')));
    const result = await discover({
      'charts/web-1.0.0.tgz': archive,
      'charts/web.values.yaml': 'image: {tag: beside}',
      ...chart('application/apps/shop'),
      'application/apps/tools/data.tgz': gzipSync(tarOf({ 'data.txt': 'x' })),
    });
    expect(result.charts).toEqual([
      { path: 'application/apps/shop', kind: 'directory', appName: 'shop' },
      { path: 'charts/web-1.0.0.tgz', kind: 'archive' },
    ]);
    expect(shown(result)).toEqual(['nginx:1 certain', 'nginx:beside certain', 'side:2 possible']);
    expect(result.images[0]?.found[0]).toMatchObject({
      appName: 'shop',
      file: 'application/apps/shop/templates/pod.yaml',
    });
    expect(result.images[1]?.found[0]?.file).toBe('charts/web-1.0.0.tgz/templates/pod.yaml');
    expect(result.diagnostics.map(({ severity, file }) => `${severity} ${file}`)).toEqual([
      'note application/apps/tools/data.tgz',
    ]);
  });

  test('hooks count, those that test a release only where they are asked for', async () => {
    const hook = (name: string, event: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations: {helm.sh/hook: ${event}}\nspec: {containers: [{image: "${name}:1"}]}\n`;
    const files = chart('charts/web', {
      'templates/a.yaml': hook('before', 'pre-install'),
      'templates/b.yaml': hook('check', 'test'),
    });
    expect(shown(await discover(files))).toEqual(['before:1 certain', 'nginx:1 certain', 'side:2 possible']);
    expect(shown(await discover(files, { chartTests: 'include' }))).toContain('check:1 certain');
  });

  test('say by annotations and Images.lock what else they need', async () => {
    const result = await discover(
      chart('charts/web', {
        'Chart.yaml':
          'apiVersion: v2\nname: web\nversion: 1.0.0\nannotations:\n  artifacthub.io/images: |\n    - name: one\n      image: q.io/one:1\n  images: |\n    - name: two\n      image: q.io/two:2\n  helm.sh/images: |\n    - name: four\n      image: q.io/four:4\n',
        'Images.lock':
          'apiVersion: v0\nkind: ImagesLock\nimages:\n- name: three\n  image: q.io/three:3\n  chart: web\n  digests: []\n',
      }),
    );
    expect(shown(result)).toEqual([
      'nginx:1 certain',
      'side:2 possible',
      'q.io/four:4 likely',
      'q.io/one:1 likely',
      'q.io/three:3 likely',
      'q.io/two:2 likely',
    ]);
    expect(result.images[3]?.found[0]).toMatchObject({
      file: 'charts/web/Chart.yaml',
      path: 'annotations["artifacthub.io/images"]',
    });
    expect(result.images[3]?.found[0]).not.toHaveProperty('line');
    expect(result.images[4]?.found[0]).toMatchObject({ file: 'charts/web/Images.lock', line: 5 });
  });

  test('the Kubernetes they see can be given', async () => {
    const files = chart('charts/web', {
      'templates/pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: "k:{{ .Capabilities.KubeVersion.Minor }}"}]}\n',
    });
    expect(shown(await discover(files, { kubeVersion: 'v1.31.2' }))).toContain('k:31 certain');
  });

  test('library charts are not rendered', async () => {
    const files = chart('charts/web', { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library\n' });
    expect(shown(await discover(files))).toEqual([]);
  });
});

describe('charts in odd places', () => {
  const pod = (directory: string, name: string): Record<string, string> => ({
    [`${directory}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    [`${directory}/templates/pod.yaml`]: `apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "${name}:1"}]}\n`,
  });

  test('are found: deeper, in manifests/, packed as dependencies', async () => {
    const parent = { ...pod('parent', 'parent'), 'parent/charts/sub-1.0.0.tgz': gzipSync(tarOf(pod('sub', 'sub'))) };
    const result = await discover({
      ...pod('charts/a/b', 'deep'),
      ...pod('manifests/web', 'web'),
      'manifests/packed.tgz': gzipSync(tarOf(pod('packed', 'packed'))),
      'charts/parent.tgz': gzipSync(tarOf(parent)),
    });
    const names = ['deep', 'packed', 'parent', 'sub', 'web'];
    expect(shown(result)).toEqual(names.map((name) => `${name}:1 certain`));
    expect(result.diagnostics).toEqual([]);
  });

  test('are found behind a link', async () => {
    await using directory = await tempDirectory(tmpdir());
    for (const [path, content] of Object.entries(pod('opt/web', 'linked'))) {
      await mkdir(dirname(join(directory.path, path)), { recursive: true });
      await writeFile(join(directory.path, path), content);
    }
    await mkdir(join(directory.path, 'charts'));
    await symlink('../opt/web', join(directory.path, 'charts', 'web'));
    await symlink('/etc', join(directory.path, 'charts', 'outside'));
    expect(shown(await discoverImages(openDirectoryTree(directory.path)))).toEqual(['linked:1 certain']);
  });

  test('what lies in charts/ and is part of no chart is said', async () => {
    const result = await discover({
      'charts/none/deploy.yaml': 'image: x:1\n',
      'charts/none/README.md': 'x',
      ...pod('charts/web', 'web'),
      'charts/web.values.yaml': 'a: 1\n',
    });
    expect(shown(result)).toEqual(['web:1 certain']);
    expect(result.diagnostics).toEqual([
      {
        severity: 'note',
        file: 'charts/none/deploy.yaml',
        message: 'it was not searched: it is in charts/ and part of no chart',
      },
    ]);
  });

  test.each([
    ['that escapes', gzipSync(tarOf({ 'x/../../Chart.yaml': 'a' })), 'UNSAFE_PATH'],
    [
      'with a file that is too large',
      gzipSync(tarOf({ ...pod('x', 'x'), 'x/a': '0'.repeat(6_000_000) })),
      'LIMIT_EXCEEDED',
    ],
    ['that ends early', gzipSync(tarOf(pod('x', 'x'))).subarray(0, 60), 'INVALID_ARCHIVE'],
    ['that is empty', Buffer.alloc(0), 'INVALID_ARCHIVE'],
  ])('an archive %s ends the search', async (_, archive, code) => {
    await expect(discover({ 'charts/x.tgz': archive })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('charts/x.tgz'),
    });
  });
});

describe('a chart that fails', () => {
  const broken = chart('charts/web', { 'templates/x.yaml': '{{ required "a password is needed" .Values.password }}' });

  test('is an error that names chart and template, with what to do', async () => {
    await expect(discover(broken)).rejects.toMatchObject({
      code: 'INVALID_TEMPLATE',
      message: expect.stringMatching(/charts\/web.*templates\/x\.yaml.*a password is needed/),
      hint: expect.stringContaining('--chart-errors=warn'),
    });
  });

  test('may be a warning; what else says something of it is read, and other charts are', async () => {
    const annotated = {
      ...broken,
      'charts/web/Chart.yaml':
        'apiVersion: v2\nname: web\nversion: 1.0.0\nannotations:\n  images: |\n    - image: q.io/one:1\n',
      ...chart('charts/other'),
    };
    const result = await discover(annotated, { chartErrors: 'warn' });
    expect(shown(result)).toEqual(['nginx:1 certain', 'side:2 possible', 'q.io/one:1 likely']);
    expect(result.diagnostics).toEqual([
      {
        severity: 'warning',
        file: 'charts/web',
        message: expect.stringMatching(
          /^images of this chart may be missing: .*a password is needed.*; it names docker\.io\/library\/nginx:1, .*q\.io\/one:1$/s,
        ),
      },
    ]);
  });

  test('one that renders to more objects than any cluster takes is an error', async () => {
    const many = chart('charts/web', { 'templates/x.yaml': '{{ range until 20001 }}---\na: 1\n{{ end }}' });
    await expect(discover(many)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('renders to 20002 objects, the limit is 20000'),
    });
  });

  test('values that are wrong, or for no chart, are errors', async () => {
    const values = (name: string, text: string) => ({ chartValues: [{ chart: name, file: 'v.yaml', text }] });
    await expect(discover(chart('charts/web'), values('web', 'a: ['))).rejects.toThrow(
      'cannot read the values "v.yaml"',
    );
    await expect(discover(chart('charts/web'), values('wbe', ''))).rejects.toMatchObject({
      message: 'there is no chart "wbe" for the values "v.yaml"',
      hint: 'charts here: charts/web, web',
    });
  });

  test('a directory or an archive of charts/ that is no chart is an error', async () => {
    await expect(discover({ 'charts/web/Chart.yaml': 'name: web' })).rejects.toMatchObject({ code: 'INVALID_CHART' });
    await expect(discover({ 'charts/x.tgz': 'not an archive' })).rejects.toThrow('charts/x.tgz');
  });
});
