import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { image, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const PLATFORM = 'platform squashfs placeholder\n';
const APP = 'app squashfs placeholder\n';
const SQUASHFS = 'application/squashfs.image.rootfs.diff.img';
const DIRECTORY = 'application/bind.image.rootfs.diff.dir';

interface Layer {
  mediaType: string;
  size: number;
  digest: string;
  pathInHost: string;
  pathInContainer: string;
}

interface Manifest {
  schemaVersion: unknown;
  imageName: unknown;
  mediaType: string;
  created: string;
  config: object;
  layers: [Layer, Layer, Layer, ...Layer[]];
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function manifestOf(): Manifest {
  const layer = (text: string, pathInHost: string, pathInContainer: string): Layer => {
    return { mediaType: SQUASHFS, size: text.length, digest: sha256(text), pathInHost, pathInContainer };
  };
  return {
    schemaVersion: 1,
    imageName: 'test:v1',
    mediaType: 'application/embedded.manifest+json',
    created: '2018-03-01T15:55:44.322987811Z',
    config: { ENV: ['c=d e'], ENTRYPOINT: ['/bin/sh'], WORKDIR: '/' },
    layers: [
      { mediaType: DIRECTORY, size: 0, digest: '', pathInHost: '/', pathInContainer: '' },
      layer(PLATFORM, 'platform.img', '/home/home'),
      layer(APP, 'app.img', '/opt/app'),
    ],
  };
}

let workspace: Workspace;
let directory: string;
beforeEach(async () => {
  workspace = await openWorkspace();
  directory = join(workspace.directory, 'embedded');
  await mkdir(directory);
  await writeFile(join(directory, 'platform.img'), PLATFORM);
  await writeFile(join(directory, 'app.img'), APP);
});
afterEach(() => workspace[Symbol.asyncDispose]());

/** Writes a manifest with its checksum; gives the text. */
async function write(manifest: Manifest | string, name = 'test'): Promise<string> {
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest, undefined, 2);
  await writeFile(join(directory, `${name}.manifest`), text);
  await writeFile(join(directory, `${name}.sgn`), sha256(text));
  return text;
}

const load = (name = 'test'): string[] => ['load', '-t', 'embedded', '-i', `embedded/${name}.manifest`];

async function refusal(args: readonly string[], code: 1 | 2 = 1): Promise<string> {
  const outcome = await workspace.run(args);
  expect(outcome.code, outcome.stderr).toBe(code);
  expect(outcome.stdout).toBe('');
  expect(await workspace.ok(['images', '-q'])).toBe('');
  return outcome.stderr;
}

describe('an embedded image', () => {
  test('is loaded, listed, inspected and removed; its files stay', async () => {
    const text = await write(manifestOf());
    const file = join(directory, 'test.manifest');
    expect(await workspace.ok(load())).toBe(`Load image from "${file}" success\n`);
    expect(await workspace.ok(load())).toBe(`Load image from "${file}" success\n`);
    const listed = await workspace.ok(['images']);
    const id = sha256(text).slice(7, 19);
    expect(listed.split('\n')[1]).toBe(`test:v1                        ${id}         2018-03-01 15:55:44  55 B`);
    expect(await workspace.ok(['images', '-q', '--filter', 'dangling=false'])).toBe('');
    expect(JSON.parse(await workspace.ok(['images', '--output', 'json']))).toMatchObject([
      { names: ['test:v1'], id: sha256(text), size: 55 },
    ]);
    expect(await workspace.ok(['inspect', '-f', '{{json .created}}', 'test:v1'])).toBe(
      '"2018-03-01T15:55:44.322987811Z"\n',
    );
    expect(JSON.parse(await workspace.ok(['inspect', 'test:v1']))).toEqual([manifestOf()]);
    expect((await workspace.run(['rmi', 'test'])).code).toBe(1);
    expect(await workspace.ok(['rmi', 'test:v1'])).toBe('Image "test:v1" removed\n');
    expect((await workspace.run(['rmi', 'test:v1'])).code).toBe(1);
    expect((await workspace.run(['inspect', 'test:v1'])).code).toBe(1);
    expect((await readdir(directory)).sort()).toEqual(['app.img', 'platform.img', 'test.manifest', 'test.sgn']);
    expect(await readdir(join(workspace.store, 'embedded'))).toEqual([]);
  });

  test('stands among the others by its time, and yields its name to one of them', async () => {
    await pushImage(await openImageStore(workspace.store), image({ seed: 1 }), 'docker.io/library/other:1');
    await write({ ...manifestOf(), created: '2099-01-01T00:00:00+08:00', imageName: 'docker.io/library/new:1' });
    await workspace.ok(load());
    expect(await workspace.ok(['images', '-q'])).toBe('docker.io/library/new:1\nother:1\n');
    await workspace.ok(['tag', 'other:1', 'new:1']);
    await workspace.ok(['rmi', 'docker.io/library/new:1']);
    expect(await workspace.ok(['images', '-q'])).toBe('docker.io/library/new:1\nother:1\n');
    await workspace.ok(['prune']);
    await workspace.ok(['verify']);
  });

  test('is found by the id that images prints', async () => {
    const text = await write(manifestOf());
    await workspace.ok(load());
    const id = sha256(text).slice(7, 19);
    expect(JSON.parse(await workspace.ok(['inspect', id]))).toEqual([manifestOf()]);
    await workspace.ok(['verify', id]);
    expect(await workspace.ok(['rmi', id])).toBe(`Image "${id}" removed\n`);
    expect(await workspace.ok(['images', '-q'])).toBe('');
  });

  test('is refused where only images of the store can be used, and keeps its name', async () => {
    await pushImage(await openImageStore(workspace.store), image({ seed: 1 }), 'docker.io/library/other:1');
    await write(manifestOf());
    await workspace.ok(load());
    for (const [verb, ...args] of [
      ['tag', 'test:v1', 'x:1'],
      ['push', 'test:v1', 'localhost:1/x:1'],
      ['save', 'test:v1', '-o', 'x.tar'],
    ] as const) {
      const { code, stderr } = await workspace.run([verb, ...args]);
      expect(code).toBe(1);
      expect(stderr).toContain(`cannot ${verb} "test:v1": it is an embedded image`);
    }
    const { code, stderr } = await workspace.run(['tag', 'other:1', 'test:v1']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('an embedded image is named test:v1')]);
    expect((await workspace.ok(['images', '-q'])).split('\n').sort()).toEqual(['', 'other:1', 'test:v1']);
  });

  test('is verified where it lies, by itself and with the store', async () => {
    await write(manifestOf());
    await workspace.ok(load());
    for (const args of [['verify'], ['verify', 'test:v1']]) {
      expect(await workspace.ok(args)).toMatch(/^everything is whole: 3 blobs, /);
    }
    await writeFile(join(directory, 'app.img'), APP.replace('app', 'bad'));
    for (const args of [['verify'], ['verify', 'test:v1']]) {
      const { code, stdout } = await workspace.run(args);
      expect([code, stdout]).toEqual([1, expect.stringMatching(/^corrupt sha256:\w+ \(test:v1\): .*app\.img/)]);
    }
    await rm(join(directory, 'test.manifest'));
    const { code, stdout } = await workspace.run(['verify']);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^missing sha256:\w+ \(test:v1\): .*test\.manifest/)]);
  });

  test('is one of each name, and of many at once', async () => {
    await write(manifestOf());
    await write({ ...manifestOf(), created: '2019-03-01T15:55:44Z' }, 'other');
    const outcomes = await Promise.all([load(), load(), load('other')].map((args) => workspace.run(args)));
    const codes = outcomes.map(({ code }) => code).sort();
    // Whoever was first has the name.
    expect([
      [0, 0, 1],
      [0, 1, 1],
    ]).toContainEqual(codes);
    const lost = outcomes.find(({ code }) => code === 1)!;
    expect(lost.stderr).toContain('Image name is conflicted in the database');
    expect(await workspace.ok(['images', '-q'])).toBe('test:v1\n');
  });

  test('needs no digest and no size, may have a directory, and links that stay inside', async () => {
    const manifest = manifestOf();
    const [root, platform, app] = manifest.layers;
    await mkdir(join(directory, 'files'));
    await symlink('app.img', join(directory, 'link.img'));
    manifest.layers = [
      root,
      { ...platform, size: 0, digest: '' },
      { ...app, pathInHost: 'link.img' },
      { mediaType: DIRECTORY, size: 0, digest: '', pathInHost: 'files', pathInContainer: '/files' },
    ];
    await write(manifest);
    await symlink('embedded/test.manifest', join(workspace.directory, 'elsewhere'));
    await workspace.ok(['load', '-t', 'embedded', '-i', 'elsewhere']);
    expect(await workspace.ok(['images', '-q'])).toBe('test:v1\n');
  });

  const wrong: readonly (readonly [string, (manifest: Manifest) => void, string])[] = [
    ['another schema', (m) => (m.schemaVersion = 2), 'schema version must be 1'],
    ['a schema that is text', (m) => (m.schemaVersion = '1'), 'schema version must be 1'],
    ['a name that is a number', (m) => (m.imageName = 1), 'parse manifest as a json file failed'],
    ['no name', (m) => (m.imageName = ''), 'image name not exist'],
    ['the reserved name', (m) => (m.imageName = 'none:latest'), 'is reserved, please use other name'],
    ['a name without a tag', (m) => (m.imageName = 'test'), 'invalid image name'],
    ['a name that is none', (m) => (m.imageName = 'Te st:1'), 'invalid image name'],
    ['a long name', (m) => (m.imageName = `${'a'.repeat(254)}:1`), 'invalid image name'],
    ['another media type', (m) => (m.mediaType = 'text/plain'), "manifest's media type must be application/embedded"],
    ['no time', (m) => (m.created = 'yesterday'), 'invalid created time'],
    ['a day that is none', (m) => (m.created = '2019-02-29T00:00:00Z'), 'invalid created time'],
    ['an hour that is none', (m) => (m.created = '2019-02-28T24:00:00Z'), 'invalid created time'],
    ['a year too far', (m) => (m.created = '2101-01-01T00:00:00Z'), 'invalid created time'],
    ['no layers', (m) => m.layers.splice(0), 'layer empty or max depth exceeded'],
    [
      'too many layers',
      (m) => m.layers.push(...Array.from({ length: 123 }, () => m.layers[1])),
      'layer empty or max depth exceeded',
    ],
    ['a negative size', (m) => (m.layers[1].size = -1), "layer's size must not be negative number"],
    ['another size', (m) => (m.layers[1].size = 31), 'should have 31 bytes but has 30'],
    ['another layer type', (m) => (m.layers[1].mediaType = 'tar'), "layer's media type must be"],
    ['a wrong digest', (m) => (m.layers[2].digest = sha256('x')), 'layer(except first layer) has invalid digest'],
    ['no digest', (m) => (m.layers[2].digest = 'md5:1'), 'layer(except first layer) has invalid digest'],
    ['a relative root', (m) => (m.layers[0].pathInHost = 'a'), 'first layer path in host must be absolute path'],
    ['another root', (m) => (m.layers[0].pathInHost = '/usr'), 'first layer path in host must be /'],
    ['a root with a digest', (m) => (m.layers[0].digest = sha256('')), "first layer's digest must be empty"],
    ['a mounted root', (m) => (m.layers[0].pathInContainer = '/'), 'first layer path in container must be empty'],
    [
      'a root that is no device',
      (m) => Object.assign(m.layers[0], { mediaType: SQUASHFS, pathInHost: '/dev/null' }),
      'layer is not block device',
    ],
    [
      'an absolute layer',
      (m) => (m.layers[1].pathInHost = '/etc/passwd'),
      'layer path in host(except first layer) must be relative path',
    ],
    ['a layer outside', (m) => (m.layers[1].pathInHost = '../secret'), 'refused the path "../secret"'],
    ['a layer behind a link', (m) => (m.layers[1].pathInHost = 'out.img'), 'refused the path "out.img"'],
    ['a layer that is not there', (m) => (m.layers[1].pathInHost = 'none.img'), 'layer not exists'],
    [
      'a layer that is a directory',
      (m) => Object.assign(m.layers[1], { pathInHost: '.', size: 0, digest: '' }),
      'layer(except first layer) is not a regular file',
    ],
    [
      'a directory that is a layer',
      (m) => Object.assign(m.layers[1], { mediaType: DIRECTORY, digest: '' }),
      'layer(except first layer) is not a directory',
    ],
    [
      'a directory with a digest',
      (m) => Object.assign(m.layers[1], { mediaType: DIRECTORY, pathInHost: '.' }),
      'layer digest must be empty if mediaType is application/bind.image.rootfs.diff.dir',
    ],
    [
      'a layer that is mounted nowhere',
      (m) => (m.layers[1].pathInContainer = 'opt'),
      'layer path in container(except first layer) must be absolute path',
    ],
  ];

  test.each(wrong)('is refused with %s', async (_what, spoil, says) => {
    await writeFile(join(workspace.directory, 'secret'), PLATFORM);
    await symlink('../secret', join(directory, 'out.img'));
    const manifest = manifestOf();
    spoil(manifest);
    await write(manifest);
    const message = await refusal(load());
    expect(message).toContain(join(directory, 'test.manifest'));
    expect(message).toContain(says);
  });

  test('is refused without its manifest or its checksum, or where they do not fit', async () => {
    expect(await refusal(load())).toContain('Invalid manifest: manifest not found');
    expect(await refusal(['load', '-t', 'embedded', '-i', '.'])).toContain('manifest is not a regular file');
    const sum = join(directory, 'test.sgn');
    for (const text of ['', 'no json', '[]', '{"layers": 1}', '{"layers": [1]}']) {
      await write(text);
      expect(await refusal(load()), text).toContain('parse manifest as a json file failed');
    }
    const text = await write(manifestOf());
    for (const wrongSum of [`${sha256(text)}\n`, sha256(text).toUpperCase(), sha256(text).slice(1), '']) {
      await writeFile(sum, wrongSum);
      expect(await refusal(load())).toContain('Invalid manifest: invalid digest');
    }
    await writeFile(sum, sha256(`${text}\n`));
    expect(await refusal(load())).toContain('Invalid manifest: invalid digest');
    await rm(sum);
    expect(await refusal(load())).toContain("Manifest's signature file not exist");
    await write(manifestOf());
    await writeFile(join(directory, 'test.manifest'), ' '.repeat(10 * 1024 * 1024 + 1));
    expect(await refusal(load())).toContain('more than 10485760');
    expect(await refusal([...load(), '--tag', 'a:1'], 2)).toContain('--tag can be used only when type is docker');
  });
});
