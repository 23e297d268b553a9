import { access, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  all,
  blob,
  chart,
  image,
  index,
  type ManifestFixture,
  pushBlob,
  pushImage,
  randomBytes,
  readOnlyTargetComplianceSuite,
  referrer,
  targetComplianceSuite,
  tarOf,
} from '@kubecrate/content/testing';
import { openDirectoryTree } from '@kubecrate/files';
import { type Descriptor, MEDIA_TYPES } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { tarFiles } from '../archive/tar-files.ts';
import { leftoversIn, temporaryDirectory } from '../testing/index.ts';
import { registryLinkEntries } from './link-entries.ts';
import { blobDataPath, revisionLinkPath, tagCurrentPath } from './paths.ts';
import { fallbackTag } from './referrers.ts';
import { openRegistryDirectory } from './registry-directory.ts';
import { RegistryFilesRepository, registryFilesNamespace, repositoryNames } from './registry-files.ts';

targetComplianceSuite('a repository of a registry directory', async () => {
  const directory = await temporaryDirectory();
  const registry = await openRegistryDirectory(directory.path, { access: 'write' });
  return {
    target: registry.repository('team/app'),
    sibling: registry.repository('team/other'),
    leftovers: () => leftoversIn(directory.path),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
});

readOnlyTargetComplianceSuite('a registry directory in a tree of files', async (manifest, tag) => {
  const directory = await temporaryDirectory();
  const registry = await openRegistryDirectory(directory.path, { access: 'write' });
  await pushImage(registry.repository('team/app'), manifest, tag);
  return {
    target: registryFilesNamespace(openDirectoryTree(directory.path)).repository('team/app'),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
});

const app = index([image({ seed: 'amd' }), image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } })]);

/** Every manifest under a manifest, and every blob. */
function contentsOf(manifest: ManifestFixture): { manifests: Descriptor[]; blobs: Descriptor[] } {
  const children = manifest.manifests.map(contentsOf);
  return {
    manifests: [manifest.descriptor, ...children.flatMap(({ manifests }) => manifests)],
    blobs: [...manifest.blobs.map(({ descriptor }) => descriptor), ...children.flatMap(({ blobs }) => blobs)],
  };
}

describe('the files of a registry directory', () => {
  test('are those that the pure function gives, byte for byte', async () => {
    await using directory = await temporaryDirectory();
    const registry = await openRegistryDirectory(directory.path, { access: 'write' });
    const mysql = chart({ name: 'mysql', version: '8.8.19' });
    await pushImage(registry.repository('library/app'), app, 'v1');
    await pushImage(registry.repository('app'), app, 'v1');
    await pushImage(registry.repository('helm-charts/mysql'), mysql, '8.8.19');
    const entries = registryLinkEntries([
      { repository: 'library/app', tags: [{ tag: 'v1', digest: app.descriptor.digest }], ...contentsOf(app) },
      { repository: 'app', tags: [{ tag: 'v1', digest: app.descriptor.digest }], ...contentsOf(app) },
      {
        repository: 'helm-charts/mysql',
        tags: [{ tag: '8.8.19', digest: mysql.descriptor.digest }],
        ...contentsOf(mysql),
      },
    ]);
    const written = await readdir(directory.path, { recursive: true, withFileTypes: true });
    const files = written.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(entries.map(({ path }) => join(directory.path, path))).toEqual(files.sort());
    for (const { path, content } of entries) {
      const bytes = await readFile(join(directory.path, path));
      if (content.kind === 'literal') expect(bytes.equals(content.bytes)).toBe(true);
      else expect(bytes.byteLength).toBe(content.size);
      if (path.endsWith('/link')) expect(bytes.byteLength).toBe(71);
    }
  });

  test('come in an order in which a registry that runs never serves what is not whole', async () => {
    await using directory = await temporaryDirectory();
    const repository = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
    const { digest } = app.descriptor;
    const has = (path: string): Promise<boolean> =>
      access(join(directory.path, path)).then(
        () => true,
        () => false,
      );
    await expect(repository.tag(app.descriptor, 'v1')).rejects.toHaveProperty('code', 'NOT_FOUND');
    expect(await has(tagCurrentPath('app', 'v1'))).toBe(false);
    await pushImage(repository, app);
    expect(await has(blobDataPath(digest))).toBe(true);
    expect(await has(revisionLinkPath('app', digest))).toBe(true);
    expect(await has(tagCurrentPath('app', 'v1'))).toBe(false);
  });

  test('are read the same out of a tar', async () => {
    await using directory = await temporaryDirectory();
    const contents = new Map([...contentsBytes(app)]);
    const entries = registryLinkEntries([
      { repository: 'app', tags: [{ tag: 'v1', digest: app.descriptor.digest }], ...contentsOf(app) },
    ]);
    // Names in the fixture's tar are at most 100 bytes long: the longer ones are the links of blobs, which this reader does not need.
    const short = entries.filter(({ path }) => path.length <= 100);
    const tar = tarOf(
      Object.fromEntries(
        short.map(({ path, content }) => [
          path,
          content.kind === 'literal' ? content.bytes : (contents.get(content.digest) ?? ''),
        ]),
      ),
    );
    await writeFile(join(directory.path, 'registry.tar'), tar);
    const files = await tarFiles(join(directory.path, 'registry.tar'));
    expect(await all(repositoryNames(files))).toEqual(['app']);
    expect(await all(new RegistryFilesRepository(files, 'app').tags())).toEqual(['v1']);
  });
});

function* contentsBytes(manifest: ManifestFixture): Generator<readonly [string, Buffer]> {
  for (const { descriptor, bytes } of [manifest, ...manifest.blobs]) yield [descriptor.digest, bytes];
  for (const child of manifest.manifests) yield* contentsBytes(child);
}

describe('repositories', () => {
  test('are found by their directories, in ascending order', async () => {
    await using directory = await temporaryDirectory();
    const registry = await openRegistryDirectory(directory.path, { access: 'write' });
    for (const name of ['a', 'a/b', 'a-b', 'z/y/x'])
      await pushImage(registry.repository(name), image({ seed: name }), 'v1');
    expect(await all(registry.repositories())).toEqual(['a', 'a-b', 'a/b', 'z/y/x']);
    expect(await all((await openRegistryDirectory(directory.path, { access: 'read' })).repositories())).toHaveLength(4);
  });

  test.each(['../etc', 'Upper', 'a//b', '', '_layers', 'a/_manifests'])('%j is refused as a name', async (name) => {
    await using directory = await temporaryDirectory();
    const registry = await openRegistryDirectory(directory.path, { access: 'write' });
    expect(() => registry.repository(name)).toThrow('is no repository name');
  });

  test.each(['../v1', 'a/b', '', '.hidden'])('%j is refused as a tag', async (tag) => {
    await using directory = await temporaryDirectory();
    const repository = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
    await pushImage(repository, app);
    await expect(repository.tag(app.descriptor, tag)).rejects.toHaveProperty('code', 'INVALID_REFERENCE');
    await expect(repository.resolve(tag)).rejects.toHaveProperty('code', 'NOT_FOUND');
  });

  test('do not see each other: content of one is not served by another', async () => {
    await using directory = await temporaryDirectory();
    const registry = await openRegistryDirectory(directory.path, { access: 'write' });
    const layer = blob(MEDIA_TYPES.ociLayer, randomBytes('layer', 1000));
    await pushBlob(registry.repository('one'), layer);
    expect(await registry.repository('two').exists(layer.descriptor)).toBe(false);
    // The bytes are there, so that a link is all that is written.
    const before = await stat(join(directory.path, blobDataPath(layer.descriptor.digest)));
    await pushBlob(registry.repository('two'), layer);
    expect((await stat(join(directory.path, blobDataPath(layer.descriptor.digest)))).ino).toBe(before.ino);
    expect(await registry.repository('two').exists(layer.descriptor)).toBe(true);
  });
});

describe('referrers', () => {
  test('are listed under the fallback tag too, each once, also when they come at the same time', async () => {
    await using directory = await temporaryDirectory();
    const repository = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
    await pushImage(repository, app, 'v1');
    const signatures = Array.from({ length: 5 }, (_, i) =>
      referrer(app.descriptor, { text: `signature ${i}`, annotations: { number: String(i) } }),
    );
    await Promise.all(signatures.map((signature) => pushImage(repository, signature)));
    await pushImage(repository, signatures[0]!);
    const listed = await all(repository.referrers(app.descriptor));
    expect(listed.map(({ digest }) => digest).sort()).toEqual(
      signatures.map(({ descriptor }) => descriptor.digest).sort(),
    );
    expect(listed[0]).toMatchObject({ artifactType: 'application/vnd.example.sbom' });
    const fallback = await repository.resolve(fallbackTag(app.descriptor.digest));
    expect(fallback.mediaType).toBe(MEDIA_TYPES.ociIndex);
  });

  test('are found without the fallback tag as well', async () => {
    await using directory = await temporaryDirectory();
    const repository = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
    await pushImage(repository, app, 'v1');
    const signature = referrer(app.descriptor);
    await pushImage(repository, signature);
    await repository.untag(fallbackTag(app.descriptor.digest));
    const listed = await all(repository.referrers(app.descriptor));
    expect(listed.map(({ digest }) => digest)).toContain(signature.descriptor.digest);
  });
});

describe('a registry directory that is damaged', () => {
  test('does not serve what a power cut left empty, and is healed by the next push', async () => {
    await using directory = await temporaryDirectory();
    const repository = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
    const one = image({ seed: 'one' });
    await pushImage(repository, one, 'v1');
    await writeFile(join(directory.path, revisionLinkPath('app', one.descriptor.digest)), '');
    await writeFile(join(directory.path, blobDataPath(one.config.descriptor.digest)), '');
    await expect(repository.resolve('v1')).rejects.toHaveProperty('code', 'NOT_FOUND');
    expect(await repository.exists(one.config.descriptor)).toBe(false);
    await pushImage(repository, one, 'v1');
    expect((await repository.resolve('v1')).digest).toBe(one.descriptor.digest);
    expect(await repository.exists(one.config.descriptor)).toBe(true);
  });

  test('names the tag whose link holds no digest', async () => {
    await using directory = await temporaryDirectory();
    const repository = (await openRegistryDirectory(directory.path, { access: 'write' })).repository('app');
    await pushImage(repository, app, 'v1');
    await writeFile(join(directory.path, tagCurrentPath('app', 'v1')), 'nonsense');
    await expect(repository.resolve('v1')).rejects.toThrow('the link of app:v1');
  });
});

test('to read, the directory has to be there; to write, it is made with the first content', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'registry');
  await expect(openRegistryDirectory(path, { access: 'read' })).rejects.toHaveProperty('code', 'NOT_FOUND');
  const registry = await openRegistryDirectory(path, { access: 'write' });
  await expect(stat(path)).rejects.toHaveProperty('code', 'ENOENT');
  await pushImage(registry.repository('app'), app, 'v1');
  await rm(path, { recursive: true });
  await writeFile(path, 'a file');
  await expect(openRegistryDirectory(path, { access: 'write' })).rejects.toHaveProperty('code', 'INVALID_ARGUMENT');
});
