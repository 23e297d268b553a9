import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDirectoryTree, tempDirectory } from '@kubecrate/files';
import { describe, expect, test } from 'vitest';
import { type DiscoverOptions, discoverImages } from './discover-images.ts';
import type { Discovery } from './discovery.ts';
import { readImageList } from './image-list.ts';

type Files = Readonly<Record<string, string | Uint8Array | { readonly link: string }>>;

/** Discovers in a real directory that holds `files`. */
async function discover(files: Files, options: DiscoverOptions = {}): Promise<Discovery> {
  await using directory = await tempDirectory(tmpdir());
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory.path, path);
    await mkdir(dirname(target), { recursive: true });
    if (typeof content === 'object' && 'link' in content) await symlink(content.link, target);
    else await writeFile(target, content);
  }
  return await discoverImages(openDirectoryTree(directory.path), options);
}

const names = ({ images }: Discovery) => images.map(({ image }) => image.replace('docker.io/library/', ''));

describe('which files are read', () => {
  test('YAML, JSON and templates under manifests and application, the image list, and nothing else', async () => {
    const result = await discover({
      'manifests/imageList': 'a:list\n',
      'manifests/a.yaml': 'image: a:yaml',
      'manifests/deep/er/a.YML': 'image: a:yml',
      'manifests/a.json': '{"image": "a:json"}',
      'manifests/a.yaml.tmpl': 'image: a:tmpl',
      'manifests/readme.txt': 'image: a:txt',
      'manifests/sub/imageList': 'a:sublist',
      'application/apps/web/a.yaml': 'image: a:app',
      'etc/a.yaml': 'image: a:etc',
    });
    expect(names(result)).toEqual(['a:app', 'a:json', 'a:list', 'a:tmpl', 'a:yaml', 'a:yml']);
    expect(result.images[0]?.found).toEqual([
      {
        file: 'application/apps/web/a.yaml',
        line: 1,
        rule: 'image-key',
        confidence: 'likely',
        document: 1,
        path: 'image',
        appName: 'web',
      },
    ]);
    expect(result.images[2]).toEqual({
      image: 'docker.io/library/a:list',
      confidence: 'certain',
      found: [{ file: 'manifests/imageList', line: 1, rule: 'image-list', confidence: 'certain' }],
    });
    expect(result.diagnostics).toEqual([]);
  });

  test('charts are not read as manifests, and what is beside them is', async () => {
    const chart = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';
    const result = await discover({
      'charts/a/Chart.yaml': chart,
      'charts/a/notes.yaml': 'image: a:1',
      'charts/loose.yaml': 'image: a:2',
      'application/apps/web/Chart.yaml': chart,
      'application/apps/web/files/x.yaml': 'image: a:3',
      'application/apps/web2/a.yaml': 'image: a:4',
    });
    expect(result.charts).toEqual([
      { path: 'application/apps/web', kind: 'directory', appName: 'web' },
      { path: 'charts/a', kind: 'directory' },
    ]);
    expect(names(result)).toEqual(['a:4']);
  });

  test('links inside of the tree are read; others are said', async () => {
    const result = await discover({
      'etc/real.yaml': 'image: a:1',
      'manifests/in.yaml': { link: '../etc/real.yaml' },
      'manifests/out.yaml': { link: '../../../../etc/passwd' },
      'manifests/abs.yaml': { link: '/etc/passwd' },
      'manifests/loop.yaml': { link: 'loop.yaml' },
      'manifests/gone.yaml': { link: 'gone' },
    });
    expect(result.images.map(({ found }) => found[0]?.file)).toEqual(['manifests/in.yaml']);
    expect(result.diagnostics.map(({ file, severity }) => `${severity} ${file}`)).toEqual([
      'warning manifests/abs.yaml',
      'warning manifests/gone.yaml',
      'warning manifests/loop.yaml',
      'warning manifests/out.yaml',
    ]);
  });

  test('UTF-16, a byte order mark and CR LF are read', async () => {
    const result = await discover({
      'manifests/a.yaml': Buffer.from('\uFEFFimage: a:1\r\nkind: X\r\n', 'utf16le'),
      'manifests/b.yaml': Buffer.from('\uFEFFkind: X\r\nimage: a:2\r\n'),
    });
    expect(result.images.map(({ image, found }) => `${image} ${found[0]?.line}`)).toEqual([
      'docker.io/library/a:1 1',
      'docker.io/library/a:2 2',
    ]);
  });

  test('an empty tree needs nothing', async () => {
    expect(await discover({})).toEqual({ images: [], leftOut: [], charts: [], diagnostics: [] });
  });
});

test('an image of several places is one image with the highest confidence, places in order', async () => {
  const result = await discover({
    'manifests/b.yaml': 'kind: X\nimage: nginx\n',
    'manifests/a.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\nspec: {containers: [{image: docker.io/nginx}]}\n',
  });
  expect(result.images).toEqual([
    {
      image: 'docker.io/library/nginx:latest',
      confidence: 'certain',
      found: [
        {
          file: 'manifests/a.yaml',
          line: 4,
          rule: 'container',
          confidence: 'certain',
          document: 1,
          path: 'spec.containers[0].image',
          object: { kind: 'Pod', name: 'p', namespace: 'n' },
        },
        expect.objectContaining({ file: 'manifests/b.yaml', line: 2, confidence: 'likely' }),
      ],
    },
  ]);
});

test('a value that cannot be known is told with its line', async () => {
  const { images, diagnostics } = await discover({
    'application/apps/x/a.yaml.tmpl': 'kind: X\nimage: {{ .Registry }}/nginx:1\n',
  });
  expect(images).toEqual([]);
  expect(diagnostics).toEqual([
    {
      severity: 'warning',
      file: 'application/apps/x/a.yaml.tmpl',
      line: 2,
      message: 'an image that is a template or a variable cannot be known at image: image: {{ .Registry }}/nginx:1',
    },
  ]);
});

describe('lists have the last word', () => {
  const manifest = 'image: a:1\n---\nimage: b:1\n---\nimage: b:2\n';

  test('a line with ! leaves out exactly that image; a later plain line puts it back', async () => {
    const result = await discover({
      'manifests/x.yaml': manifest,
      'manifests/imageList': 'c:1\n!b:1\n!c:1\n!a:1\na:1\n',
    });
    expect(names(result)).toEqual(['a:1', 'b:2']);
    expect(result.leftOut.map(({ image, by }) => `${image} ${by.file}:${by.line}`)).toEqual([
      'docker.io/library/b:1 manifests/imageList:2',
      'docker.io/library/c:1 manifests/imageList:3',
    ]);
  });

  test('a list given from outside weighs more, the ignored ones most', async () => {
    const result = await discover(
      { 'manifests/x.yaml': manifest, 'manifests/imageList': '!a:1\n' },
      { lists: [readImageList('a:1\nd:1\n', 'cli')], ignored: readImageList('d:1\nb\n', 'ignored') },
    );
    expect(names(result)).toEqual(['a:1', 'b:1', 'b:2']);
    expect(result.diagnostics).toEqual([
      {
        severity: 'note',
        file: 'ignored',
        line: 2,
        message: 'it leaves out docker.io/library/b:latest, which nothing needs',
      },
    ]);
  });

  test('a wrong line of the tree list is an error; so is ! among the ignored', async () => {
    await expect(discover({ 'manifests/imageList': 'ok:1\nNot OK\n' })).rejects.toMatchObject({
      code: 'INVALID_LIST',
      message: expect.stringContaining('manifests/imageList:2'),
    });
    await expect(discover({}, { ignored: readImageList('!a', 'ignored') })).rejects.toMatchObject({
      code: 'INVALID_LIST',
    });
  });
});

test('an aborted signal rejects with its reason', async () => {
  const reason = new Error('enough');
  await expect(discover({ 'manifests/a.yaml': 'image: a:1' }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
});

test('the same tree gives the same answer', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `manifests/${(i * 7) % 20}.yaml`,
      `image: z${i % 5}:1\n---\nfooImage: a/b:${i}`,
    ]),
  );
  expect(JSON.stringify(await discover(files))).toBe(JSON.stringify(await discover(files)));
});
