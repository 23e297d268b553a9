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

  test('counts what the registry of the image serves, never the names that the image has', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context', '--build-mode', 'lite']);
    await workspace.ok(['tag', 'shop:1', `${host}/web:1`]);
    await workspace.ok(['save', `${host}/web:1`, '-o', 'named.tar']);
    await workspace.ok(['copy', 'store:shop:1', 'oci:layout']);
    for (const subject of ['shop:1', `${host}/web:1`, './named.tar', './layout']) {
      const lacking = await workspace.run(['check', subject, '--chart', 'shop']);
      expect(lacking, subject).toMatchObject({ code: 1, stderr: expect.stringContaining('lacks 1 of 1 image\n') });
      expect(lacking.stdout).toContain(`missing ${host}/web:1\n`);
    }
    await workspace.ok(['build', '-t', 'full:1', 'context']);
    await workspace.ok(['tag', 'full:1', `${host}/sidecar:2`]);
    const lacking = await workspace.run(['check', 'full:1', '--chart', 'shop', '-f', 'sidecar.yaml']);
    expect(lacking).toMatchObject({ code: 1, stdout: expect.stringContaining('/sidecar:2\n') });
    await workspace.ok(['save', 'shop:1', 'full:1', '-o', 'both.tar']);
    const both = await workspace.run(['check', './both.tar', '--chart', 'shop']);
    expect(both).toMatchObject({ code: 1, stderr: expect.stringContaining('it holds 2 images') });
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

describe('check of several charts', () => {
  test('gives each its own values, by the name of the chart or of the release', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    await writeChart(
      join(workspace.directory, 'tool'),
      { name: 'tool' },
      { 'templates/a.yaml': podOf('a', `${host}/{{ .Values.name }}`) },
    );
    await writeFile(join(workspace.directory, 'web.yaml'), 'name: web:1\n');
    await writeFile(join(workspace.directory, 'other.yaml'), 'name: absent:1\n');
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    const both = ['check', 'shop:1', '--chart', 'shop', '--chart', 'tool'];
    expect(await workspace.ok([...both, '-f', 'tool=web.yaml'])).toBe('shop:1 has all: 1 image\n');
    const lacking = await workspace.run([...both, '-f', 'tool=other.yaml', '-f', 'shop=sidecar.yaml']);
    expect(lacking).toMatchObject({ code: 1, stderr: expect.stringContaining('lacks 2 of 3 images') });
    expect(lacking.stdout).toMatch(
      /missing .*\/absent:1\n +tool\/templates\/a\.yaml:7 Pod\/a .* container +tool 1\.0\.0\n/,
    );
    expect(lacking.stdout).toMatch(/missing .*\/sidecar:2\n +shop\/templates\/sidecar\.yaml:8/);
    const twice = ['check', 'shop:1', '--chart', 'a=tool', '--chart', 'b=tool'];
    const run = await workspace.run([...twice, '-f', 'a=web.yaml', '-f', 'b=other.yaml', '--output', 'json']);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ needed: 2, missing: [{ image: `${host}/absent:1` }] });
    expect(await workspace.ok([...twice, '--set', 'name=web:1'])).toContain('1 image');
    expect(await workspace.ok([...twice, '-f', '-'], { input: 'name: web:1\n' })).toContain('1 image');
    const unknown = await workspace.run([...both, '-f', 'tol=web.yaml']);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no chart "tol" for the values'),
    });
    expect(unknown.stderr).toContain('charts here: shop, tool');
    const wrong = await workspace.run(['check', 'shop:1', '--chart', 'A_B=tool']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('release name "A_B": invalid release name, must match regex'),
    });
  });

  test('takes a chart of a registry, and what is only possibly an image when asked', async () => {
    await using scene = await openScene();
    await using registry = await startServer(memoryNamespace(), { access: 'writable' });
    const { workspace, host } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context']);
    await workspace.ok(['chart', 'push', 'context/charts/shop-1.0.0.tgz', `oci://${registry.host}/charts`]);
    const address = `oci://${registry.host}/charts/shop`;
    expect(await workspace.ok(['check', 'shop:1', '--chart', address, '--version', '1.0.0'])).toContain('1 image');
    const lacking = await workspace.run(['check', 'shop:1', '--chart', `${address}:1.0.0`, '-f', 'sidecar.yaml']);
    expect(lacking.stdout).toContain(`missing ${host}/sidecar:2\n    ${address}:1.0.0/templates/sidecar.yaml:8 `);
    await writeFile(join(workspace.directory, 'shop', 'templates', 'note.yaml'), 'kind: Thing\nnote: quay.io/a/b:1\n');
    const possible = ['check', 'shop:1', '--chart', 'shop'];
    expect(await workspace.ok(possible)).toMatch(/^possibly missing quay\.io\/a\/b:1\n/);
    const asked = await workspace.run([...possible, '--confidence', 'possible']);
    expect(asked).toMatchObject({ code: 1, stdout: expect.stringMatching(/^missing quay\.io\/a\/b:1\n/) });
  });
});

describe('list-images', () => {
  test('of a chart says what it needs: a directory, an archive, one of a registry', async () => {
    await using scene = await openScene();
    await using registry = await startServer(memoryNamespace(), { access: 'writable' });
    const { workspace, host } = scene;
    await workspace.ok(['chart', 'push', 'shop', `oci://${registry.host}/charts`]);
    for (const chart of ['shop', 'context/charts/shop-1.0.0.tgz', `oci://${registry.host}/charts/shop`]) {
      expect(await workspace.ok(['list-images', chart])).toBe(`${host}/web:1\n`);
      const given = ['--chart-values', 'shop=sidecar.yaml', '--chart-tests'];
      expect(await workspace.ok(['list-images', chart, ...given])).toBe(
        `${host}/probe:1\n${host}/sidecar:2\n${host}/web:1\n`,
      );
    }
    expect(await workspace.ok(['list-images', 'shop', '--why'])).toMatch(
      /shop\/templates\/web\.yaml:7 Pod\/web spec\.containers\[0\]\.image {2}container {2}shop 1\.0\.0\n1 image\n$/,
    );
    const unknown = await workspace.run(['list-images', 'shop', '--chart-values', 'x=sidecar.yaml']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no chart "x"') });
  });

  test('of a cluster image says what its files need, and which of it the image does not have', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    await workspace.ok(['build', '-t', 'shop:1', 'context', '-o', 'shop.tar']);
    for (const subject of ['shop:1', './shop.tar']) {
      expect(await workspace.ok(['list-images', subject])).toBe(`${host}/web:1\n`);
      const more = await workspace.ok(['list-images', subject, '--chart-values', 'shop=sidecar.yaml']);
      expect(more).toBe(`${host}/sidecar:2 (not in the image)\n${host}/web:1\n`);
    }
    const { images } = JSON.parse(await workspace.ok(['list-images', 'shop:1', '--output', 'json']));
    expect(images).toMatchObject([{ image: `${host}/web:1`, saved: true, present: true }]);
    await workspace.ok(['build', '-t', 'shop:2', 'context', '--build-mode', 'lite']);
    expect(await workspace.ok(['list-images', 'shop:2'])).toBe(`${host}/web:1 (not in the image)\n`);
  });

  test('of a chart that does not render is an error, or a warning that says what may be missing', async () => {
    await using scene = await openScene();
    const { workspace, host } = scene;
    const key = join(workspace.directory, 'shop', 'templates', 'key.yaml');
    await writeFile(key, 'key: {{ required "a key" .Values.key }}\n');
    const refused = await workspace.run(['list-images', 'shop']);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('a key') });
    await writeFile(join(workspace.directory, 'list'), `${host}/web:1\n`);
    const args = ['list-images', 'shop', '--chart-errors', 'warn', '--image-list', 'list'];
    const warned = await workspace.run(args);
    expect(warned).toMatchObject({ code: 0, stdout: `${host}/web:1\n` });
    expect(warned.stderr).toMatch(/^warning: shop: images of this chart may be missing: .*a key/);
  });

  test('of nothing is an error', async () => {
    await using workspace = await openWorkspace();
    const nothing = await workspace.run(['list-images']);
    expect(nothing).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('there is nothing to search'),
    });
    const absent = await workspace.run(['list-images', 'shop:1']);
    expect(absent).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"shop:1" is no image of the store and no file'),
    });
    await writeFile(join(workspace.directory, 'file.txt'), 'x');
    expect(await workspace.run(['list-images', './file.txt'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('file.txt": it is no tar archive'),
    });
  });
});

describe('images that are possible at most', () => {
  /** A context with two of them: one is in the registry. */
  async function openPossible(): Promise<Scene> {
    const scene = await openScene();
    const { workspace, host } = scene;
    const context = join(workspace.directory, 'notes');
    await mkdir(join(context, 'manifests'), { recursive: true });
    await writeFile(join(context, 'Kubefile'), 'FROM scratch\nCOPY manifests manifests\n');
    const named = host.replace('127.0.0.1', 'localhost');
    await writeFile(
      join(context, 'manifests', 'thing.yaml'),
      `kind: Thing\nfirst: ${named}/web:1\nsecond: ${named}/absent:1\n---\n${podOf('a', `${named}/probe:1`)}`,
    );
    return { ...scene, host: named };
  }

  test('are listed, probed when asked, and not saved', async () => {
    await using scene = await openPossible();
    const { workspace, host } = scene;
    const note = 'possible: not saved unless listed';
    expect(await workspace.ok(['list-images', 'notes'])).toBe(
      `${host}/absent:1 (${note})\n${host}/probe:1\n${host}/web:1 (${note})\n`,
    );
    expect(await workspace.ok(['list-images', 'notes', '--probe'])).toBe(
      `${host}/absent:1 (${note}; its registry does not have it)\n${host}/probe:1\n${host}/web:1 (${note}; its registry has it)\n`,
    );
    const { images } = JSON.parse(await workspace.ok(['list-images', 'notes', '--probe', '--output', 'json']));
    expect(images).toMatchObject([
      { confidence: 'possible', saved: false, probe: { outcome: 'absent' } },
      { confidence: 'certain', saved: true },
      { confidence: 'possible', saved: false, probe: { outcome: 'present' } },
    ]);
    expect(await workspace.ok(['build', '-t', 'notes:1', 'notes'])).toContain('1 container image\n');
  });

  test('are saved where the build is told so; with a probe, those that there are', async () => {
    await using scene = await openPossible();
    const { workspace, host } = scene;
    const all = await workspace.run(['build', '-t', 'notes:1', 'notes', '--confidence', 'possible']);
    expect(all).toMatchObject({ code: 1, stderr: expect.stringContaining('absent') });
    const probed = await workspace.run(['build', '-t', 'notes:1', 'notes', '--confidence', 'possible', '--probe']);
    expect(probed).toMatchObject({ code: 0, stdout: expect.stringContaining('2 container images\n') });
    expect(probed.stderr).toContain(
      `${host}/absent:1 is possibly an image, and is not saved: its registry does not have it`,
    );
    const sure = ['build', '-t', 'notes:1', 'notes', '--confidence', 'certain'];
    expect(await workspace.ok(sure)).toContain('1 container image\n');
    const vain = await workspace.run(['build', '-t', 'notes:1', 'notes', '--probe']);
    expect(vain).toMatchObject({ code: 2, stderr: expect.stringContaining('--confidence possible') });
    const wrong = await workspace.run(['build', '-t', 'notes:1', 'notes', '--confidence', 'sure']);
    expect(wrong.code).toBe(2);
  });

  test('of a registry that does not answer are said to be unknown', async () => {
    await using scene = await openPossible();
    const { workspace } = scene;
    await writeFile(join(workspace.directory, 'notes', 'manifests', 'thing.yaml'), 'first: localhost:1/a/b:1\n');
    expect(await workspace.ok(['list-images', 'notes', '--probe'])).toMatch(
      /^localhost:1\/a\/b:1 \(possible: not saved unless listed; its registry does not say: .*\)\n$/,
    );
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
