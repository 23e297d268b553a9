import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { podOf, writeChart } from '../fixtures/write-chart.ts';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const FILES = {
  'values.yaml': 'registry: HOST\ntag: "1"\nsidecar: {enabled: false}\n',
  'templates/web.yaml': podOf('web', '{{ .Values.registry }}/web:{{ .Values.tag }}'),
  'templates/sidecar.yaml': `{{ if .Values.sidecar.enabled }}\n${podOf('sidecar', '{{ .Values.registry }}/sidecar:2')}{{ end }}\n`,
  'templates/tests/probe.yaml': podOf('probe', '{{ .Values.registry }}/probe:1').replace(
    '{name: probe}',
    '{name: probe, annotations: {helm.sh/hook: test}}',
  ),
};

interface Scene extends AsyncDisposable {
  readonly workspace: Workspace;
  /** The registry that has `web:1`, `sidecar:2` and `probe:1`. */
  readonly host: string;
}

/** A context with the chart `shop` as an archive; its default values need `web:1` alone. */
async function openScene(): Promise<Scene> {
  const namespace = memoryNamespace();
  for (const [name, tag] of [
    ['web', '1'],
    ['sidecar', '2'],
    ['probe', '1'],
  ] as const) {
    await pushImage(namespace.repository(name), image({ seed: name }), tag);
  }
  const server = await startServer(namespace);
  const workspace = await openWorkspace();
  const { directory } = workspace;
  const files = Object.fromEntries(
    Object.entries(FILES).map(([name, text]) => [name, text.replace('HOST', server.host)]),
  );
  await writeChart(join(directory, 'shop'), { name: 'shop', version: '1.0.0' }, files);
  await mkdir(join(directory, 'context', 'charts'), { recursive: true });
  await workspace.ok(['chart', 'package', 'shop', '-d', 'context/charts']);
  await writeFile(join(directory, 'context', 'Kubefile'), 'FROM scratch\nCOPY charts charts\n');
  await writeFile(join(directory, 'sidecar.yaml'), 'sidecar: {enabled: true}\n');
  return {
    workspace,
    host: server.host,
    async [Symbol.asyncDispose]() {
      await workspace[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

describe('check', () => {
  test('passes where the image has all, and names with its place what the values of the deploy add', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    expect(await workspace.ok(['check', 'shop:1', '--chart', 'shop'])).toBe('shop:1 has all: 1 image\n');
    const lacking = await workspace.run(['check', 'shop:1', '--chart', 'shop', '-f', 'sidecar.yaml']);
    expect(lacking.code).toBe(1);
    expect(lacking.stdout).toMatch(
      new RegExp(
        `^missing ${host}/sidecar:2\n +shop/templates/sidecar.yaml:8 Pod/sidecar spec.containers\\[0\\].image`,
      ),
    );
    expect(lacking.stderr).toContain('error: shop:1 lacks 1 of 2 images\n');
    await workspace.ok(['build', '-t', 'shop:2', 'context', '--chart-values', 'shop=sidecar.yaml']);
    expect(await workspace.ok(['check', 'shop:2', '--chart', 'shop', '-f', 'sidecar.yaml'])).toBe(
      'shop:2 has all: 2 images\n',
    );
  });

  test('takes archives of charts and of images, single values, and names in full', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context', '--names', 'qualified', '-o', 'shop.tar']);
    const archive = 'context/charts/shop-1.0.0.tgz';
    expect(await workspace.ok(['check', './shop.tar', '--chart', archive])).toContain('has all: 1 image');
    const other = await workspace.run(['check', 'shop:1', '--chart', archive, '--set', 'tag=20240131']);
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('/web:20240131\n') });
  });

  test('reads manifests, and leaves out what need not be there', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    const { directory } = workspace;
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    await mkdir(join(directory, 'deploy', 'deep'), { recursive: true });
    await writeFile(
      join(directory, 'deploy', 'deep', 'pods.yml'),
      `${podOf('a', `${host}/web:1`)}---\n${podOf('b', 'nginx')}`,
    );
    await writeFile(join(directory, 'deploy', 'readme.txt'), podOf('c', 'unread:1'));
    const run = await workspace.run([
      'check',
      'shop:1',
      '--manifests',
      'deploy/',
      '--chart',
      'shop',
      '--output',
      'json',
    ]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('lacks 1 of 2 images') });
    expect(JSON.parse(run.stdout)).toMatchObject({
      image: 'shop:1',
      needed: 2,
      missing: [
        {
          image: 'docker.io/library/nginx:latest',
          confidence: 'certain',
          found: [{ file: 'deploy/deep/pods.yml', line: 15, document: 2, object: { kind: 'Pod', name: 'b' } }],
        },
      ],
      possible: [],
    });
    await writeFile(join(directory, 'elsewhere'), 'nginx\n');
    const flags = ['--manifests', 'deploy', '--ignored-image-list', 'elsewhere'];
    expect(await workspace.ok(['check', 'shop:1', ...flags])).toBe('shop:1 has all: 1 image\n');
  });

  test('counts the hooks that test a release only when asked', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    const tested = await workspace.run(['check', 'shop:1', '--chart', 'shop', '--chart-tests']);
    expect(tested).toMatchObject({ code: 1, stdout: expect.stringContaining('/probe:1\n') });
    await workspace.ok(['build', '-t', 'shop:2', 'context', '--chart-tests']);
    expect(await workspace.ok(['check', 'shop:2', '--chart', 'shop', '--chart-tests'])).toContain('2 images');
  });

  test('refuses a check of nothing, values without a chart, and what does not render', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    const nothing = await workspace.run(['check', 'shop:1']);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('there is nothing to check') });
    const values = await workspace.run(['check', 'shop:1', '--manifests', 'context', '--set', 'a=1']);
    expect(values).toMatchObject({ code: 2, stderr: expect.stringContaining('values need --chart') });
    const absent = await workspace.run(['check', 'shop:1', '--manifests', 'nowhere']);
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot read the manifests') });
    const unknown = await workspace.run(['check', 'shop:9', '--chart', 'shop']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('shop:9') });
    const broken = await workspace.run(['check', 'shop:1', '--chart', 'shop', '--set', 'sidecar=1']);
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('shop/templates/sidecar.yaml:1:') });
  });
});

describe('charts in build and list-images', () => {
  test('the registry of a built image serves the archives of charts/, the same at any time', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    expect(await workspace.ok(['build', '-t', 'shop:1', 'context'])).toContain('1 container image, 1 chart\n');
    const report = JSON.parse(
      await workspace.ok([
        'build',
        '-t',
        'shop:2',
        'context',
        '--charts-repository',
        'team/charts',
        '--output',
        'json',
      ]),
    );
    expect(report.platforms[0].charts).toMatchObject([
      { image: 'charts/shop-1.0.0.tgz', repository: 'team/charts/shop', tag: '1.0.0' },
    ]);
    await using server = await serve(workspace, 'shop:1');
    await workspace.ok(['chart', 'pull', `oci://${server.host}/helm-charts/shop`, '--version', '1.0.0', '-d', 'in']);
    expect(await workspace.ok(['chart', 'template', 'in/shop-1.0.0.tgz'])).toBe(
      await workspace.ok(['chart', 'template', 'shop']),
    );
    const { digest } = JSON.parse(await workspace.ok(['build', '-t', 'shop:1', 'context', '--output', 'json']));
    await workspace.ok(['rmi', 'shop:1', 'shop:2']);
    await workspace.ok(['prune']);
    const again = JSON.parse(await workspace.ok(['build', '-t', 'shop:3', 'context', '--output', 'json']));
    expect(again.digest).toBe(digest);
  });

  test('a chart of a registry that is listed by the same name stands, whatever archive is in the context', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    await using registry = await startServer(memoryNamespace(), { access: 'writable' });
    await writeFile(join(workspace.directory, 'shop', 'README.md'), 'another');
    const push = ['chart', 'push', 'shop', `oci://${registry.host}/helm-charts`, '--output', 'json'];
    const { digest } = JSON.parse(await workspace.ok(push));
    await writeFile(join(workspace.directory, 'list'), `${registry.host}/helm-charts/shop:1.0.0\n`);
    const build = ['build', '-t', 'shop:1', 'context', '--image-list', 'list', '--output', 'json'];
    expect(JSON.parse(await workspace.ok(build)).platforms[0].charts).toEqual([]);
    await using server = await serve(workspace, 'shop:1');
    const pull = ['chart', 'pull', `oci://${server.host}/helm-charts/shop`, '--output', 'json'];
    expect(JSON.parse(await workspace.ok(pull))).toMatchObject({ digest });
  });

  test('an image of a lite build has no chart in a registry', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    const args = ['build', '-t', 'shop:1', 'context', '--build-mode', 'lite', '--output', 'json'];
    expect(JSON.parse(await workspace.ok(args)).platforms).toMatchObject([{ images: [], charts: [] }]);
  });

  test('two archives of one version of one chart are refused', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    const charts = join(workspace.directory, 'context', 'charts');
    await cp(join(charts, 'shop-1.0.0.tgz'), join(charts, 'copy.tgz'));
    expect(await workspace.ok(['build', '-t', 'shop:1', 'context'])).toContain('1 chart\n');
    await writeFile(join(workspace.directory, 'shop', 'README.md'), 'another');
    await workspace.ok(['chart', 'package', 'shop', '-d', '.']);
    await cp(join(workspace.directory, 'shop-1.0.0.tgz'), join(charts, 'copy.tgz'));
    const { code, stderr } = await workspace.run(['build', '-t', 'shop:1', 'context']);
    expect(code).toBe(1);
    expect(stderr).toContain('two charts claim the name helm-charts/shop:1.0.0');
  });

  test('list-images renders with the values that are given, each set by itself', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    await writeFile(join(workspace.directory, 'newer.yaml'), 'tag: "3"\n');
    const list = async (...flags: readonly string[]): Promise<readonly string[]> =>
      (await workspace.ok(['list-images', 'context', ...flags])).trim().split('\n');
    expect(await list()).toEqual([`${host}/web:1`]);
    expect(await list('--chart-tests')).toEqual([`${host}/probe:1`, `${host}/web:1`]);
    expect(await list('--chart-values', 'shop=sidecar.yaml', '--chart-values', 'shop=newer.yaml')).toEqual([
      `${host}/sidecar:2`,
      `${host}/web:1`,
      `${host}/web:3`,
    ]);
    const path = 'charts/shop-1.0.0.tgz=sidecar.yaml';
    expect(await list('--chart-values', path)).toContain(`${host}/sidecar:2`);
    const unknown = await workspace.run(['list-images', 'context', '--chart-values', 'none=newer.yaml']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no chart "none"') });
    const wrong = await workspace.run(['list-images', 'context', '--chart-values', 'newer.yaml']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('NAME=VALUE') });
  });

  test('a chart that does not render ends the build, or is warned of', async () => {
    await using scene = await openScene();
    const { workspace } = scene;
    await writeFile(
      join(workspace.directory, 'shop', 'templates', 'key.yaml'),
      'key: {{ required "a key" .Values.key }}\n',
    );
    await workspace.ok(['chart', 'package', 'shop', '-d', 'context/charts']);
    const { code, stderr } = await workspace.run(['build', '-t', 'shop:1', 'context']);
    expect(code).toBe(1);
    expect(stderr).toContain('charts/shop-1.0.0.tgz');
    expect(stderr).toContain('shop/templates/key.yaml:1:8): a key, at <required "a key" .Values.key>');
    expect((await workspace.run(['images'])).stdout).not.toContain('shop');
    const warned = await workspace.run(['build', '-t', 'shop:1', 'context', '--chart-errors', 'warn']);
    expect(warned).toMatchObject({ code: 0, stdout: expect.stringContaining('1 chart\n') });
    expect(warned.stderr).toContain('images of this chart may be missing');
  });
});

async function serve(workspace: Workspace, source: string): Promise<{ readonly host: string } & AsyncDisposable> {
  const running = workspace.start(['serve', source, '--addr', '127.0.0.1:0']);
  const url = await running.firstLine();
  return {
    host: url.replace('http://', ''),
    async [Symbol.asyncDispose]() {
      running.child.kill('SIGTERM');
      await running.ended;
    },
  };
}
