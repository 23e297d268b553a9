import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { MemoryStore, type ReadOnlyTarget, readContent, readManifest } from '@kubecrate/content';
import { counting, image, index, pushImage, tarOf } from '@kubecrate/content/testing';
import { readImageList } from '@kubecrate/discovery';
import { hasCode, KubecrateError } from '@kubecrate/errors';
import type { FileTree } from '@kubecrate/files';
import { type ImageStore, openImageStore } from '@kubecrate/image-store';
import { type Descriptor, digestOf, parseImageConfig, parsePlatform, parseReference } from '@kubecrate/oci';
import { openImageTree } from '@kubecrate/packer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildResult, build } from './build.ts';
import type { BuildOptions, BuildTools } from './build-options.ts';
import { CONTAINER_IMAGES_ANNOTATION, EXTENSION_ANNOTATION } from './extension.ts';
import { previewImages } from './preview.ts';

let root: string;
let store: ImageStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kubecrate-build-'));
  store = await openImageStore(join(root, 'store'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function context(files: Readonly<Record<string, string | Uint8Array>>, name = 'context'): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name, path)), { recursive: true });
    await writeFile(join(root, name, path), content);
  }
  return join(root, name);
}

/** Registries in memory, by `domain/repository`. */
function registriesOf(stores: Readonly<Record<string, ReadOnlyTarget>> = {}): BuildTools['registries'] {
  return { repository: (domain, repository) => stores[`${domain}/${repository}`] ?? new MemoryStore() };
}

interface Given {
  readonly options?: Partial<BuildOptions>;
  readonly tools?: Partial<BuildTools>;
}

function inputs(kubefile: string, directory: string, { options = {}, tools = {} }: Given): [BuildOptions, BuildTools] {
  return [
    {
      context: directory,
      kubefile: { text: kubefile, file: 'Kubefile' },
      names: [parseReference('test:1')],
      platforms: [parsePlatform('linux/amd64')],
      buildArgs: {},
      labels: {},
      annotations: {},
      imageLists: [],
      ignored: undefined,
      type: 'kube-installer',
      mode: 'all',
      pull: 'missing',
      naming: 'plain',
      onMissingPlatform: 'error',
      sourceDateEpoch: 0,
      version: 'test',
      ...options,
    },
    {
      store,
      registries: registriesOf(),
      download: async () => Readable.from([]),
      engine: () => Promise.reject(new KubecrateError('ENGINE', 'no engine answers')),
      temporary: join(root, 'store', 'tmp'),
      onEvent: () => undefined,
      onOutput: () => undefined,
      signal: undefined,
      ...tools,
    },
  ];
}

function run(kubefile: string, directory: string, given: Given = {}): Promise<BuildResult> {
  return build(...inputs(kubefile, directory, given));
}

async function treeOf(descriptor: Descriptor): Promise<FileTree> {
  return openImageTree(store, descriptor, { tempDirectory: join(root, 'store', 'tmp') });
}

/** Paths of the image with type, mode and content: `d755 etc`, `f644 etc/a: text`. */
async function listing({ descriptor }: BuildResult, under = ''): Promise<readonly string[]> {
  const tree = await treeOf(descriptor);
  const lines: string[] = [];
  for await (const { path, type, mode, linkTarget } of tree.entries({ under })) {
    const chunks: Buffer[] = [];
    if (type === 'file') for await (const chunk of await tree.open(path)) chunks.push(chunk);
    const text = type === 'file' ? `: ${Buffer.concat(chunks)}` : type === 'symlink' ? ` -> ${linkTarget}` : '';
    lines.push(`${type[0]}${mode.toString(8)} ${path}${text}`);
  }
  return lines;
}

async function manifestOf(
  descriptor: Descriptor,
): Promise<{ annotations: Record<string, string>; layers: readonly Descriptor[] }> {
  const { manifest } = await readManifest(store, descriptor);
  if (manifest.kind !== 'manifest') throw new Error('it is an index');
  return { annotations: { ...manifest.annotations }, layers: manifest.layers };
}

const failure = (building: Promise<unknown>): Promise<unknown> => building.catch((error: unknown) => error);

describe('COPY', () => {
  it('takes the reserved directories as directories, from scratch too', async () => {
    const directory = await context({ list: 'text', 'a.yaml': 'a: 1\n' });
    const built = await run('FROM scratch\nCOPY a.yaml manifests\nCOPY list other', directory);
    expect(await listing(built)).toEqual(['d755 manifests', 'f644 manifests/a.yaml: a: 1\n', 'f644 other: text']);
  });

  it('copies the content of directories, several sources, patterns, and what is written in the Kubefile', async () => {
    const directory = await context({
      'src/a/1.txt': '1',
      'src/b.sh': 'b',
      'x/1.conf': 'x',
      'x/2.conf': 'y',
      'x/3.txt': 'z',
    });
    await chmod(join(directory, 'src/b.sh'), 0o755);
    const kubefile = [
      'FROM scratch',
      'COPY src /opt/tool',
      'COPY x/*.conf x/3.txt etc/',
      'COPY --chmod=600 --chown=7:8 <<EOF secret',
      'hello',
      'EOF',
    ];
    const built = await run(kubefile.join('\n'), directory);
    expect(await listing(built)).toEqual([
      'd755 etc',
      'f644 etc/1.conf: x',
      'f644 etc/2.conf: y',
      'f644 etc/3.txt: z',
      'd755 opt',
      'd755 opt/tool',
      'd755 opt/tool/a',
      'f644 opt/tool/a/1.txt: 1',
      'f755 opt/tool/b.sh: b',
      'f600 secret: hello\n',
    ]);
    expect(await (await treeOf(built.descriptor)).stat('secret')).toMatchObject({ uid: 7, gid: 8 });
  });

  it('leaves out what the ignore file and --exclude name', async () => {
    const directory = await context({
      '.dockerignore': '*.log\n!keep.log\nnode',
      'a.log': '',
      'keep.log': '',
      'node/x': '',
      'b.tmp': '',
      c: '',
    });
    const built = await run('FROM scratch\nCOPY --exclude=*.tmp . /app/', directory);
    expect((await listing(built)).map((line) => line.split(' ')[1]?.replace(':', ''))).toEqual([
      'app',
      'app/.dockerignore',
      'app/c',
      'app/keep.log',
    ]);
  });

  it('copies from an earlier stage, and only builds the stages it needs', async () => {
    const directory = await context({ a: 'from the context', list: 'quay.io/never/asked:1\n' });
    const kubefile =
      'FROM scratch AS files\nCOPY a made/here\nFROM scratch AS unused\nADD https://example.com/x /\nFROM scratch\nCOPY --from=files made /';
    expect(await listing(await run(kubefile, directory))).toEqual(['f644 here: from the context']);
  });

  it('copies from an image of the store', async () => {
    const directory = await context({ a: 'A' });
    await run('FROM scratch\nCOPY a etc/', directory, { options: { names: [parseReference('base:1')] } });
    expect(await listing(await run('FROM scratch\nCOPY --from=base:1 etc/a b', directory))).toEqual(['f644 b: A']);
  });

  it.each([
    ['COPY missing x', 'NOT_FOUND', 'source "missing" is not there', 'located'],
    ['COPY *.nothing x/', 'NOT_FOUND', 'no file matches the source "*.nothing"', 'located'],
    ['COPY outside x', 'UNSAFE_PATH', 'source "outside" leaves the context', 'located'],
    ['COPY up x', 'UNSAFE_PATH', 'source "up" leaves the context', 'located'],
    ['COPY --chown=nobody a x', 'NOT_FOUND', 'the user "nobody" of --chown is not in /etc/passwd', 'later'],
    ['COPY a* x', 'INVALID_ARGUMENT', 'cannot copy 2 files to "x", which is no directory', 'later'],
  ])('%s fails', async (instruction, code, message, located) => {
    const directory = await context({ a: '', a2: '' });
    await symlink('/etc/passwd', join(directory, 'outside'));
    await symlink('../../..', join(directory, 'up'));
    const error = await failure(run(`FROM scratch\n${instruction}`, directory));
    // What is missing is known before anything is fetched, and is told with its place; the rest when it is copied.
    expect(error).toMatchObject({ code: located === 'located' ? 'INVALID_KUBEFILE' : code });
    expect(String(error)).toContain(message);
    if (located === 'located') expect(String(error)).toMatch(/Kubefile:2:6: error: .*\n.*\n {7}\^+/);
    expect(await store.images()).toEqual([]);
  });

  it('keeps links inside a directory as links', async () => {
    const directory = await context({ 'd/real': 'x' });
    await symlink('real', join(directory, 'd/link'));
    expect(await listing(await run('FROM scratch\nCOPY d /d', directory))).toEqual([
      'd755 d',
      's777 d/link -> real',
      'f644 d/real: x',
    ]);
  });
});

describe('ADD', () => {
  it('names an archive that it refuses, and the line', async () => {
    const hostile = tarOf({ '../out': 'x' });
    const directory = await context({
      'good.tar': tarOf({ file: '' }),
      'bad.tar': hostile,
      'short.tar': hostile.subarray(0, 600),
    });
    await expect(run('FROM scratch\nADD good.tar bad.tar /a/', directory)).rejects.toThrow(
      'Kubefile:2: cannot unpack "bad.tar": refused the path "../out"',
    );
    await expect(run('FROM scratch\nADD short.tar /a/', directory)).rejects.toThrow('cannot unpack "short.tar"');
  });

  it('unpacks local archives and takes other files as they are', async () => {
    const tar = tarOf({ 'in/': '', 'in/file': 'packed' });
    const directory = await context({ 'a.tar': tar, 'b.tgz': gzipSync(tar), 'c.gz': gzipSync('no tar'), d: 'plain' });
    const built = await run('FROM scratch\nADD a.tar /a/\nADD b.tgz /b/\nADD c.gz d /c/', directory);
    const paths = (await listing(built)).map((line) => line.replace(/:.*/s, ''));
    expect(paths).toEqual([
      'd755 a',
      'd755 a/in',
      'f644 a/in/file',
      'd755 b',
      'd755 b/in',
      'f644 b/in/file',
      'd755 c',
      'f644 c/c.gz',
      'f644 c/d',
    ]);
  });

  it('downloads URLs and holds them against the checksum', async () => {
    const directory = await context({});
    await mkdir(directory, { recursive: true });
    const download: BuildTools['download'] = async () => Readable.from([Buffer.from('content')]);
    const kubefile = (digest: string): string =>
      `FROM scratch\nADD --checksum=${digest} https://example.com/dir/file.txt /opt/`;
    const built = await run(kubefile(digestOf('content')), directory, { tools: { download } });
    expect(await listing(built, 'opt')).toContain('f644 opt/file.txt: content');
    const error = await failure(run(kubefile(digestOf('other')), directory, { tools: { download } }));
    expect(hasCode(error, 'DIGEST_MISMATCH')).toBe(true);
  });
});

describe('what the image says of itself', () => {
  it('writes the annotations that sealer reads', async () => {
    const directory = await context({
      'app/install.sh': '#!/bin/sh\n',
      'kube/a.yaml': 'kind: Namespace\n',
      'chart/Chart.yaml': 'name: c\nversion: 1.0.0\n',
      'chart/values.yaml': '',
      'chart/templates/x.yaml': '',
      'mixed/a.txt': '',
    });
    const kubefile = [
      'FROM scratch',
      'ENV G="1 2"',
      'LABEL team=a',
      'MAINTAINER someone',
      'KUBEVERSION >=1.19.0',
      'APP sh local://app',
      'APP kube local://kube',
      'APP helm local://chart',
      'APP mixed local://mixed',
      'APPCMDS mixed ["ls -l"]',
      'APPENV sh KEY=value',
      'CNI calico local://kube',
      'LAUNCH sh helm',
    ];
    const built = await run(kubefile.join('\n'), directory, {
      options: { labels: { extra: 'x' }, annotations: { note: 'n' } },
    });
    const { annotations } = await manifestOf(built.descriptor);
    expect(JSON.parse(annotations[EXTENSION_ANNOTATION] ?? '')).toEqual({
      buildClient: { sealerVersion: 'kubecrate test', buildahVersion: '' },
      schemaVersion: 'v1alpha1',
      type: 'kube-installer',
      applications: [
        { name: 'sh', version: 'v1', type: 'shell', files: ['install.sh'], env: { KEY: 'value' } },
        { name: 'kube', version: 'v1', type: 'kube', files: ['a.yaml'] },
        { name: 'helm', version: 'v1', type: 'helm', files: ['helm'] },
        { name: 'mixed', version: 'v1', cmds: ['ls -l'] },
        { name: 'calico', version: 'v1', type: 'kube', files: ['a.yaml'] },
      ],
      env: { G: '1 2' },
      launch: { app_names: ['sh', 'helm'] },
    });
    expect(annotations['note']).toBe('n');
    const { manifest } = await readManifest(store, built.descriptor);
    const config =
      manifest.kind === 'manifest' ? parseImageConfig(await readContent(store, manifest.config)) : undefined;
    expect(config?.config).toMatchObject({
      Env: ['G=1 2'],
      Labels: {
        team: 'a',
        extra: 'x',
        'app.alpha.sealer.io/supported-kube-version': '>=1.19.0',
        'cluster.alpha.sealer.io/kube-cni-calico': 'true',
      },
    });
    expect(config?.author).toBe('someone');
  });

  it('refuses an application that nothing says how to launch', async () => {
    const directory = await context({ 'mixed/a.txt': '' });
    await expect(run('FROM scratch\nAPP mixed local://mixed', directory)).rejects.toThrow(
      /Kubefile:2: the application "mixed" .* nothing says how to launch it/,
    );
  });
});

describe('container images', () => {
  const base = { seed: 'base', size: 1_500_000 };
  const app = image({ seed: 'app', layers: [base, { seed: 'app' }] });
  const web = image({ seed: 'web', layers: [base, { seed: 'web', size: 1_200_000 }] });

  async function upstream(): Promise<Record<string, MemoryStore>> {
    const [a, b] = [new MemoryStore(), new MemoryStore()];
    await pushImage(a, app, '1');
    await pushImage(b, web, '2');
    return { 'quay.io/team/app': a, 'docker.io/library/web': b };
  }

  it('are saved into layers of the registry directory, each large blob in one of its own', async () => {
    const directory = await context({ imageList: 'quay.io/team/app:1\nweb:2\n' });
    const built = await run('FROM scratch\nCOPY imageList manifests', directory, {
      tools: { registries: registriesOf(await upstream()) },
    });
    const tree = await treeOf(built.descriptor);
    for (const name of ['team/app/_manifests/tags/1', 'library/web/_manifests/tags/2', 'web/_manifests/tags/2']) {
      expect(await tree.stat(`registry/docker/registry/v2/repositories/${name}/current/link`), name).toBeDefined();
    }
    const { layers, annotations } = await manifestOf(built.descriptor);
    expect(layers.filter(({ size }) => size > 1_200_000)).toHaveLength(2);
    expect(JSON.parse(annotations[CONTAINER_IMAGES_ANNOTATION] ?? '')).toEqual([
      { image: 'docker.io/library/web:2', platform: { architecture: 'amd64', os: 'linux' } },
      { image: 'quay.io/team/app:1', platform: { architecture: 'amd64', os: 'linux' } },
    ]);
    expect((await store.verify()).problems).toEqual([]);
  });

  it('of the base stay in a derived image, which shares its layers and adds only what is new', async () => {
    const registries = registriesOf(await upstream());
    const directory = await context({ imageList: 'quay.io/team/app:1\n' });
    const names = [parseReference('base:1')];
    const first = await run('FROM scratch\nCOPY imageList manifests', directory, {
      options: { names },
      tools: { registries },
    });
    const second = await context({ imageList: 'web:2\n' }, 'second');
    const built = await run('FROM base:1\nCOPY imageList manifests', second, { tools: { registries } });
    const [below, above] = [await manifestOf(first.descriptor), await manifestOf(built.descriptor)];
    expect(above.layers.slice(0, below.layers.length)).toEqual(below.layers);
    expect(above.layers.slice(below.layers.length).filter(({ size }) => size > 1_400_000)).toEqual([]);
    expect(
      JSON.parse(above.annotations[CONTAINER_IMAGES_ANNOTATION] ?? '').map((entry: { image: string }) => entry.image),
    ).toEqual(['docker.io/library/web:2', 'quay.io/team/app:1']);
  });

  it('are listed with where they were found, and nothing is fetched or kept, in a preview', async () => {
    const directory = await context({
      imageList: 'web:2 # comment\n',
      'x.yaml': 'kind: Pod\napiVersion: v1\nspec:\n  containers:\n    - image: quay.io/team/app:1\n',
    });
    const registries = { repository: () => Promise.reject(new Error('a registry was asked')) as never };
    const [options, tools] = inputs('FROM scratch\nCOPY imageList x.yaml manifests', directory, {
      tools: { registries },
    });
    const { images } = await previewImages(options, tools);
    expect(images.map(({ image: name, found }) => [name, found[0]?.file])).toEqual([
      ['docker.io/library/web:2', 'manifests/imageList'],
      ['quay.io/team/app:1', 'manifests/x.yaml'],
    ]);
    expect(await store.images()).toEqual([]);
  });

  it('that cannot be had fail the build with their names, and the store has no new image', async () => {
    const directory = await context({ imageList: 'quay.io/team/app:1\nquay.io/none/a:1\nquay.io/none/b:1\n' });
    const error = await failure(
      run('FROM scratch\nCOPY imageList manifests', directory, {
        tools: { registries: registriesOf(await upstream()) },
      }),
    );
    expect(String(error)).toMatch(/cannot save 2 of 3 images:\n.*quay\.io\/none\/a:1.*\n(.*\n)*.*quay\.io\/none\/b:1/);
    expect(await store.images()).toEqual([]);
  });

  it('are left out with mode lite, and taken from lists beside the Kubefile', async () => {
    const directory = await context({ a: '' });
    const imageLists = [readImageList('web:2\n', 'list')];
    const registries = registriesOf(await upstream());
    const all = await run('FROM scratch\nCOPY a a', directory, { options: { imageLists }, tools: { registries } });
    expect(all.platforms[0]?.saved.map(({ repository }) => repository)).toEqual(['library/web', 'web']);
    const lite = await run('FROM scratch\nCOPY a a', directory, {
      options: { imageLists, mode: 'lite' },
      tools: { registries },
    });
    expect(lite.platforms[0]?.saved).toEqual([]);
  });
});

describe('several platforms', () => {
  it('make an index, each with its own container images', async () => {
    const platforms = ['linux/amd64', 'linux/arm64'].map(parsePlatform);
    const children = platforms.map((platform, seed) => image({ seed, platform }));
    const upstream = new MemoryStore();
    await pushImage(upstream, index(children), '1');
    const directory = await context({ imageList: 'quay.io/a/b:1\n' });
    const built = await run('FROM scratch\nCOPY imageList manifests', directory, {
      options: { platforms },
      tools: { registries: registriesOf({ 'quay.io/a/b': upstream }) },
    });
    const { manifest } = await readManifest(store, built.descriptor);
    expect(manifest.kind === 'index' && manifest.manifests.map(({ platform }) => platform)).toEqual(platforms);
    for (const [i, { descriptor }] of built.platforms.entries()) {
      const tree = await treeOf(descriptor);
      const stored = await Promise.all(
        children.map(({ descriptor: { digest } }) =>
          tree.stat(`registry/docker/registry/v2/blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`),
        ),
      );
      expect(stored.map((entry) => entry !== undefined)).toEqual([i === 0, i === 1]);
    }
  });

  it('that an image lacks are an error that says what it has', async () => {
    const upstream = new MemoryStore();
    await pushImage(upstream, image({ seed: 1 }), '1');
    const directory = await context({ imageList: 'quay.io/a/b:1\n' });
    const error = await failure(
      run('FROM scratch\nCOPY imageList manifests', directory, {
        options: { platforms: [parsePlatform('linux/s390x')] },
        tools: { registries: registriesOf({ 'quay.io/a/b': upstream }) },
      }),
    );
    expect(error).toMatchObject({ code: 'PLATFORM_MISSING' });
    expect(String(error)).toContain('has no manifest for linux/s390x; it has linux/amd64');
  });
});

describe('a build', () => {
  it('gives the same bytes for the same input, in another directory, at another time', async () => {
    const files = { 'd/a': 'A', 'd/b': 'B', c: 'C' };
    const kubefile = 'FROM scratch\nCOPY d /d\nADD c /\nENV A=b';
    const first = await run(kubefile, await context(files, 'one'));
    const again = await context(Object.fromEntries(Object.entries(files).reverse()), 'two');
    await utimes(join(again, 'c'), 1, 2_000_000_000);
    store = await openImageStore(join(root, 'other'));
    const second = await run(kubefile, again);
    expect(second.descriptor).toEqual(first.descriptor);
  });

  it('tells once of each image it saves, and not of those that are there already', async () => {
    const web = new MemoryStore();
    await pushImage(web, image({ seed: 'web' }), '1');
    const registries = registriesOf({ 'docker.io/library/web': web });
    const directory = await context({ imageList: 'web:1\n' });
    const told: string[] = [];
    const onEvent: BuildTools['onEvent'] = (event) => {
      if (event.type === 'tagged') told.push(event.image);
    };
    const build = () => run('FROM scratch\nCOPY imageList manifests', directory, { tools: { registries, onEvent } });
    await build();
    expect(told).toEqual(['docker.io/library/web:1']);
    told.length = 0;
    await build();
    expect(told).toEqual([]);
  });

  it('refuses a wrong Kubefile with all of its errors before anything is fetched', async () => {
    const source = counting(new MemoryStore());
    const registries = registriesOf({ 'docker.io/library/base': source.target });
    const error = await failure(
      run('FROM base\nCOPPY a b\nLAUNCH', await context({ a: '' }), { tools: { registries } }),
    );
    expect(hasCode(error, 'INVALID_KUBEFILE')).toBe(true);
    expect(String(error)).toMatch(/Kubefile:2:1: error: .*"COPPY".*did you mean "?COPY.*Kubefile:3:1: error/s);
    expect(source.calls).toEqual([]);
  });

  it('pulls a base that the store lacks, and says which one it cannot find', async () => {
    const upstream = new MemoryStore();
    await pushImage(
      upstream,
      image({
        seed: 'os',
        layers: [{ seed: 'os', files: { 'etc/passwd': 'nobody:x:65534:65534::/:/bin/false\n', 'etc/group': '' } }],
      }),
      '1',
    );
    const directory = await context({ a: 'A' });
    const registries = registriesOf({ 'quay.io/os/base': upstream });
    const built = await run('FROM quay.io/os/base:1\nCOPY --chown=nobody a /a', directory, { tools: { registries } });
    expect(await (await treeOf(built.descriptor)).stat('a')).toMatchObject({ uid: 65534 });
    const error = await failure(run('FROM quay.io/os/none:1\nCOPY a /a', directory, { tools: { registries } }));
    expect(hasCode(error, 'NOT_FOUND')).toBe(true);
    await expect(run('FROM quay.io/os/none:1\nCOPY a /a', directory, { options: { pull: 'never' } })).rejects.toThrow(
      '--pull=never',
    );
  });

  it('says that RUN needs an engine where none answers', async () => {
    const directory = await context({ a: '' });
    await expect(run('FROM scratch\nCOPY a a\nRUN ls', directory)).rejects.toThrow('no engine answers');
  });

  it('ends with the reason of an abort', async () => {
    const signal = AbortSignal.abort(new Error('stopped by the user'));
    await expect(run('FROM scratch\nCOPY a a', await context({ a: '' }), { tools: { signal } })).rejects.toThrow(
      'stopped by the user',
    );
  });
});

describe('downloads', () => {
  it('come from a real server', async () => {
    const server = createServer((_request, response) => response.end('served'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20file.txt`;
      const download: BuildTools['download'] = async (from) =>
        Readable.from([Buffer.from(await (await fetch(from)).arrayBuffer())]);
      const directory = await context({});
      await mkdir(directory, { recursive: true });
      const built = await run(`FROM scratch\nADD ${url} /x/`, directory, { tools: { download } });
      expect(await listing(built)).toEqual(['d755 x', 'f644 x/a file.txt: served']);
    } finally {
      server.close();
    }
  });
});
