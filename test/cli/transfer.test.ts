import { cp, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chart,
  cosignSignature,
  cosignTag,
  image,
  index,
  memoryNamespace,
  pushImage,
} from '@kubecrate/content/testing';
import { hexOf } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { layoutBlobPath, openRegistryDirectory } from '@kubecrate/stores';
import { describe, expect, test } from 'vitest';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { temporaryDirectory } from '../fixtures/temporary-directory.ts';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const app = image({ seed: 'app', layers: [{ seed: 'app', size: 200_000, files: { 'etc/app.conf': 'mode=test\n' } }] });
const arm = image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } });
const multi = index([app, arm]);

/** Pulls fixtures under `app:1`, `multi:1` and `charts/mysql:1.0.0` of a registry that is gone afterwards. */
async function pullAll(workspace: Workspace): Promise<void> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), app, '1');
  await pushImage(namespace.repository('multi'), multi, '1');
  await pushImage(namespace.repository('charts/mysql'), chart({ name: 'mysql', version: '1.0.0' }), '1.0.0');
  await using server = await startServer(namespace);
  const pull = ['pull', '--platform', 'linux/amd64'];
  await workspace.ok([...pull, ...['app:1', 'multi:1', 'charts/mysql:1.0.0'].map((name) => `${server.host}/${name}`)]);
  for (const name of ['app:1', 'multi:1', 'charts/mysql:1.0.0']) {
    await workspace.ok(['tag', `${server.host}/${name}`, `example.com/${name}`]);
    await workspace.ok(['rmi', `${server.host}/${name}`]);
  }
}

describe('load', () => {
  test('says that it loaded, in the words of isula', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const file = join(workspace.directory, 'app.tar');
    await workspace.ok(['save', '-o', file, 'example.com/app:1', 'example.com/charts/mysql:1.0.0']);
    await workspace.ok(['rmi', 'example.com/app:1', 'example.com/charts/mysql:1.0.0']);
    const { code, stdout, stderr } = await workspace.run(['load', '-i', 'app.tar', '--progress', 'plain']);
    expect([code, stdout]).toEqual([0, `Load image from "${file}" success\n`]);
    expect(stderr.split('\n').filter(Boolean).sort()).toEqual([
      `loaded example.com/app:1 ${app.descriptor.digest}`,
      expect.stringMatching(/^loaded example\.com\/charts\/mysql:1\.0\.0 sha256:/),
    ]);
    const again = await workspace.run(['load', '-i', 'app.tar', '--progress', 'plain']);
    for (const name of ['app:1', 'charts/mysql:1.0.0']) expect(again.stderr).toContain(`example.com/${name} sha256:`);
  });

  test('and save, push, unpack refuse a platform that an image of one platform has not', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    for (const args of [
      ['save', '-o', 'x.tar', 'example.com/app:1'],
      ['push', 'example.com/app:1', 'localhost:1/x:1'],
      ['unpack', 'example.com/app:1', 'files'],
    ]) {
      const { code, stderr } = await workspace.run([...args, '--platform', 'linux/s390x']);
      expect(code).toBe(1);
      expect(stderr).toContain('has no manifest for linux/s390x; it has linux/amd64');
    }
    expect(await readdir(workspace.directory)).toEqual([]);
  });
});

describe('push', () => {
  test('copies an image to a registry, digest and all', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const namespace = memoryNamespace();
    await using server = await startServer(namespace, { access: 'writable' });
    const printed = await workspace.ok(['push', 'example.com/app:1', `${server.host}/team/app:2`]);
    expect(printed).toBe(`Image "${server.host}/team/app@${app.descriptor.digest}" pushed\n`);
    expect(await namespace.repository('team/app').resolve('2')).toMatchObject({ digest: app.descriptor.digest });
    await workspace.ok(['tag', 'example.com/charts/mysql:1.0.0', `${server.host}/charts/mysql:1.0.0`]);
    await workspace.ok(['push', `${server.host}/charts/mysql:1.0.0`]);
    expect(await namespace.repository('charts/mysql').resolve('1.0.0')).toBeDefined();
  });

  test('pushes what is stored of an index, and says that its digest is another one', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const namespace = memoryNamespace();
    await using server = await startServer(namespace, { access: 'writable' });
    const { code, stderr } = await workspace.run(['push', 'example.com/multi:1', `${server.host}/multi:1`]);
    expect(code).toBe(0);
    expect(stderr).toContain('example.com/multi:1 is stored for linux/amd64 alone');
    expect(await namespace.repository('multi').resolve('1')).toMatchObject({ digest: app.descriptor.digest });
    const arm64 = await workspace.run([
      'push',
      '--platform',
      'linux/arm64',
      'example.com/multi:1',
      `${server.host}/multi:2`,
    ]);
    expect(arm64.code).toBe(1);
    expect(arm64.stderr).toContain('has no manifest for linux/arm64');
  });

  test('of a name without a registry says that it went to Docker Hub, and how to go elsewhere', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    await workspace.ok(['tag', 'example.com/app:1', 'app:2']);
    // Nothing listens there: the network is not asked.
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' };
    const { code, stderr } = await workspace.run(['push', 'app:2'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('docker.io/library/app (asking for manifest "2"): cannot reach');
    expect(stderr).toContain('kubecrate push app:2 HOST/app:2');
  });

  test('fails at a registry that only reads, and where an id names no destination', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    await using server = await startServer(memoryNamespace());
    const refused = await workspace.run(['push', 'example.com/app:1', `${server.host}/app:1`]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(server.host);
    await workspace.ok(['tag', 'example.com/app:1', 'example.com/app:2']);
    const unclear = await workspace.run(['push', app.descriptor.digest]);
    expect(unclear.code).toBe(2);
    expect(unclear.stderr).toContain('name the destination');
  });
});

describe('save and load', () => {
  test.each(['oci-archive', 'docker-archive'])('carry images from one store to another in an %s', async (format) => {
    await using workspace = await openWorkspace();
    await using other = await openWorkspace();
    await pullAll(workspace);
    const file = join(workspace.directory, 'app.tar');
    expect(await workspace.ok(['save', '-o', 'app.tar', '--format', format, 'example.com/app:1'])).toBe(
      `Image "example.com/app:1" saved to "${file}"\n`,
    );
    expect(await other.ok(['load', '-i', file])).toBe(`Load image from "${file}" success\n`);
    const [loaded] = JSON.parse(await other.ok(['images', '--output', 'json']));
    expect(loaded).toMatchObject({ names: ['example.com/app:1'], id: app.config.descriptor.digest });
    if (format === 'oci-archive') expect(loaded.digest).toBe(app.descriptor.digest);
    await other.ok(['verify', 'example.com/app:1']);
    await workspace.ok(['verify', './app.tar']);
  });

  test('write the same bytes for the same images', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const images = ['example.com/app:1', 'example.com/multi:1', 'example.com/charts/mysql:1.0.0'];
    const report = JSON.parse(await workspace.ok(['save', '--output', 'json', '-o', 'a.tar', ...images]));
    await workspace.ok(['save', '-o', 'b.tar', ...images]);
    const [a, b] = [
      await readFile(join(workspace.directory, 'a.tar')),
      await readFile(join(workspace.directory, 'b.tar')),
    ];
    expect(a.equals(b)).toBe(true);
    expect(report).toMatchObject({ size: a.byteLength, format: 'oci-archive' });
    expect(report.images).toHaveLength(3);
  });

  test('give a name to the one image of an archive, and refuse to where it has several', async () => {
    await using workspace = await openWorkspace();
    await using other = await openWorkspace();
    await pullAll(workspace);
    await workspace.ok(['save', '-o', 'one.tar', 'example.com/app:1']);
    await workspace.ok(['save', '-o', 'two.tar', 'example.com/app:1', 'example.com/charts/mysql:1.0.0']);
    await other.ok(['load', '--tag', 'renamed', '-t', 'docker', '-i', join(workspace.directory, 'one.tar')]);
    expect(await other.ok(['images', '-q'])).toBe('renamed:latest\n');
    const several = await other.run(['load', '--tag', 'renamed', '-i', join(workspace.directory, 'two.tar')]);
    expect(several.code).toBe(2);
    expect(several.stderr).toContain('Can not use --tag option because more than one image found in tar archive');
  });

  test('read the directory of an OCI layout, and keep an image that has a tag alone', async () => {
    await using workspace = await openWorkspace();
    await using other = await openWorkspace();
    await pullAll(workspace);
    await workspace.ok(['rmi', 'example.com/multi:1', 'example.com/charts/mysql:1.0.0']);
    const layout = join(workspace.directory, 'layout');
    await cp(join(workspace.store, 'blobs'), join(layout, 'blobs'), { recursive: true });
    await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    const { mediaType, digest, size } = app.descriptor;
    const entry = { mediaType, digest, size, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
    await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
    const { code, stderr } = await other.run(['load', '-i', layout]);
    expect(code).toBe(0);
    expect(stderr).toContain('has no whole name');
    expect(JSON.parse(await other.ok(['images', '--output', 'json']))).toMatchObject([{ names: [], digest }]);
  });

  test('refuse a file that is not there, not whole, or nothing of the kind, and leave the store as it was', async () => {
    await using workspace = await openWorkspace();
    await using other = await openWorkspace();
    await pullAll(workspace);
    const file = join(workspace.directory, 'app.tar');
    await workspace.ok(['save', '-o', file, 'example.com/app:1']);
    await truncate(file, (await stat(file)).size - 100_000);
    await writeFile(join(workspace.directory, 'text.tar'), 'this is no tar');
    for (const name of ['absent.tar', 'app.tar', 'text.tar']) {
      const { code, stdout, stderr } = await other.run(['load', '-i', join(workspace.directory, name)]);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(name);
      expect(stderr).not.toContain('    at ');
    }
    expect(await other.ok(['images', '-q'])).toBe('');
    await other.ok(['verify']);
    expect((await other.run(['load'])).code).toBe(2);
    expect((await workspace.run(['save', '-o', 'x.tar', 'absent'])).stderr).toContain('no such image: "absent"');
    expect(await readdir(workspace.directory)).not.toContain('x.tar');
  });
});

describe('unpack', () => {
  test('writes the files of an image into a new directory, and into no other', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const root = join(workspace.directory, 'root');
    expect(await workspace.ok(['unpack', 'example.com/multi:1', 'root'])).toBe(
      `Image "example.com/multi:1" unpacked to "${root}"\n`,
    );
    expect(await readFile(join(root, 'etc/app.conf'), 'utf8')).toBe('mode=test\n');
    const again = await workspace.run(['unpack', 'example.com/multi:1', 'root']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('it is not empty');
  });
});

describe('verify', () => {
  test('lists what is damaged and what is missing, and fails', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const { digest, size } = app.layers[0]!.descriptor;
    const path = join(workspace.store, layoutBlobPath(digest));
    const bytes = await readFile(path);
    await writeFile(path, Buffer.alloc(size));
    const damaged = await workspace.run(['verify', 'example.com/app:1']);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toContain(`corrupt ${digest} (example.com/app:1)`);
    expect(damaged.stderr).toContain('"example.com/app:1" is not whole: 1 problem\n');
    await truncate(path, 10);
    expect((await workspace.run(['verify'])).code).toBe(1);
    await writeFile(path, bytes);
    expect(await workspace.ok(['verify'])).toMatch(/^everything is whole/);
    const report = JSON.parse(await workspace.ok(['verify', '--output', 'json', workspace.store]));
    expect(report.problems).toEqual([]);
  });

  test('fails at a store that is not there, and makes none', async () => {
    await using workspace = await openWorkspace();
    const { code, stdout, stderr } = await workspace.run(['verify', '--store', 'none']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('none": it is not there');
    expect(await readdir(workspace.directory)).toEqual([]);
  });

  test('finds what is wrong in a registry directory and in an archive', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    const registry = join(workspace.directory, 'registry');
    const namespace = await openRegistryDirectory(registry, { access: 'write' });
    await pushImage(namespace.repository('app'), app, '1');
    await workspace.ok(['verify', 'registry']);
    const { digest, size } = app.layers[0]!.descriptor;
    const hex = hexOf(digest);
    await writeFile(
      join(registry, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data'),
      Buffer.alloc(size),
    );
    const directory = await workspace.run(['verify', 'registry']);
    expect(directory.code).toBe(1);
    expect(directory.stdout).toContain(`corrupt ${digest}`);
    await workspace.ok(['save', '-o', 'app.tar', 'example.com/app:1']);
    const file = join(workspace.directory, 'app.tar');
    const bytes = await readFile(file);
    const at = bytes.indexOf(app.layers[0]!.bytes);
    expect(at).toBeGreaterThan(0);
    bytes[at + 100] = (bytes[at + 100] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const archive = await workspace.run(['verify', '--output', 'json', './app.tar']);
    expect(archive.code).toBe(1);
    expect(JSON.parse(archive.stdout).problems).toMatchObject([{ kind: 'corrupt', subject: digest }]);
    expect((await workspace.run(['load', '-i', 'app.tar', '--store', join(workspace.home, 'other')])).code).toBe(1);
  });

  test('is what the configuration asks for before an image is used', async () => {
    await using workspace = await openWorkspace();
    await pullAll(workspace);
    await mkdir(join(workspace.home, '.config/kubecrate'), { recursive: true });
    await writeFile(join(workspace.home, '.config/kubecrate/config.json'), '{"image-layer-check": true}');
    await workspace.ok(['save', '-o', 'good.tar', 'example.com/app:1']);
    await writeFile(
      join(workspace.store, layoutBlobPath(app.layers[0]!.descriptor.digest)),
      Buffer.alloc(app.layers[0]!.descriptor.size),
    );
    const { code, stderr } = await workspace.run(['save', '-o', 'bad.tar', 'example.com/app:1']);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot use example.com/app:1');
    expect(await readdir(workspace.directory)).toEqual(['good.tar']);
  });
});

test('push asks the registry to take blobs over from the repository that the image was pulled from', async () => {
  await using workspace = await openWorkspace();
  await using registry = await temporaryDirectory();
  const namespace = await openRegistryDirectory(registry.path, { access: 'write' });
  await pushImage(namespace.repository('app'), app, '1');
  await using server = await startServer(namespace, { access: 'writable' });
  const uploads: string[] = [];
  await using proxy = await startHttpProxy(server.url, ({ method, path }) => {
    if (method === 'POST' || method === 'PATCH') uploads.push(path);
    return undefined;
  });
  await workspace.ok(['pull', `${proxy.host}/app:1`]);
  await workspace.ok(['push', `${proxy.host}/app:1`, `${proxy.host}/copy:1`]);
  expect(uploads).toHaveLength(app.blobs.length);
  for (const path of uploads) expect(path).toContain('from=app');
  expect((await namespace.repository('copy').resolve('1')).digest).toBe(app.descriptor.digest);
});

describe('a signature beside an image', () => {
  const signature = cosignSignature(app.descriptor);
  const tag = cosignTag(app.descriptor);

  test('comes along with pull, push, copy and load, is not listed, and goes with the image', async () => {
    await using workspace = await openWorkspace();
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('app'), app, '1');
    await pushImage(namespace.repository('app'), signature, tag);
    await using server = await startServer(namespace, { access: 'writable' });
    const name = `${server.host}/app:1`;
    await workspace.ok(['pull', name]);
    expect(await workspace.ok(['images', '-q'])).toBe(`${name}\n`);
    await workspace.ok(['push', name, `${server.host}/pushed:1`]);
    await workspace.ok(['copy', `store:${name}`, `docker://${server.host}/copied:1`]);
    for (const repository of ['pushed', 'copied']) {
      expect((await namespace.repository(repository).resolve(tag)).digest).toBe(signature.descriptor.digest);
    }
    await workspace.ok(['copy', `store:${name}`, 'oci:layout:app:1']);
    await workspace.ok(['rmi', name]);
    expect(await readdir(join(workspace.store, 'blobs/sha256'))).toEqual([]);
    const { stderr } = await workspace.run(['load', '-i', 'layout', '--progress', 'plain']);
    expect(stderr).toBe(`loaded app:1 ${app.descriptor.digest}\n`);
    expect(await workspace.ok(['images', '-q'])).toBe('app:1\n');
    await workspace.ok(['push', 'app:1', `${server.host}/loaded:1`]);
    expect((await namespace.repository('loaded').resolve(tag)).digest).toBe(signature.descriptor.digest);
  });
});
