// What an images directory of KubeKey holds beside whole tags: images by digest, broken manifests, two folders that disagree.

import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemoryStore, Namespace } from '@kubecrate/content';
import { image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const AMD64 = image({ seed: 'amd64' });
const ARM64 = image({ seed: 'arm64', platform: parsePlatform('linux/arm64') });
const BOTH = index([AMD64, ARM64]);
const OTHER = image({ seed: 'other' });
const BY_DIGEST = BOTH.descriptor.digest;

interface Place {
  readonly workspace: Workspace;
  readonly host: string;
  readonly namespace: Namespace<MemoryStore>;
}

/** A registry with `team/app:v1` and `team/other:1`, which is a mirror of Docker Hub too. */
async function withRegistry(work: (place: Place) => Promise<void>): Promise<void> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('team/app'), BOTH, 'v1');
  await pushImage(namespace.repository('team/other'), OTHER, '1');
  await using workspace = await openWorkspace();
  await using server = await startServer(namespace, { access: 'writable' });
  const config = join(workspace.home, '.config/kubecrate');
  await mkdir(config, { recursive: true });
  await writeFile(join(config, 'config.json'), JSON.stringify({ 'registry-mirrors': [server.url] }));
  await work({ workspace, host: server.host, namespace });
}

const DEST = '/{{ .module.image.src.reference.repository }}:{{ .module.image.src.reference.reference }}';
const LAYOUTS = ['v4.0.0', 'v4.0.5'] as const;

describe.each(LAYOUTS)('an image that was pulled by its digest, in %s', (layout) => {
  test('is planned, verified, pushed and copied', async () => {
    await withRegistry(async ({ workspace, host, namespace }) => {
      const name = `${host}/team/app@${BY_DIGEST}`;
      await workspace.ok(['image', 'pull', '--images-dir', 'dgo', '--layout', layout, name]);
      expect(await workspace.ok(['verify', './dgo'])).toMatch(/^everything is whole: [1-9]/);
      const push = ['image', 'push', '--images-dir', 'dgo', '--dest', `${host}/pushed${DEST}`];
      const line = `${name} => ${host}/pushed/team/app@${BY_DIGEST}\n`;
      expect(await workspace.ok([...push, '--dry-run'])).toBe(line);
      expect(await workspace.ok(push)).toBe(`copied ${line}Success\n`);
      expect((await namespace.repository('pushed/team/app').resolve(BY_DIGEST)).digest).toBe(BY_DIGEST);
      const copy = ['image', 'copy', '--from', 'dgo', '--to', 'dgo2', '--layout', layout];
      expect(await workspace.ok(copy)).toBe(`copied ${name} => dgo2\nSuccess\n`);
      expect(await workspace.ok(['verify', './dgo2'])).toMatch(/^everything is whole: [1-9]/);
      const child = `${host}/team/app@${ARM64.descriptor.digest}`;
      expect(await workspace.ok([...copy, child])).toBe(`copied ${child} => dgo2\nSuccess\n`);
    });
  });

  test('is damaged where its file is, and then not pushed', async () => {
    await withRegistry(async ({ workspace, host }) => {
      await workspace.ok(['image', 'pull', '--images-dir', 'dgo', '--layout', layout, `${host}/team/app@${BY_DIGEST}`]);
      const path = `${host}/team/app/manifests/${BY_DIGEST}`;
      await truncate(join(workspace.directory, 'dgo', path), 150);
      const verified = await workspace.run(['verify', './dgo']);
      expect(verified).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`corrupt ${path} (${host}/team/app@${BY_DIGEST}): `),
      });
      const pushed = await workspace.run(['image', 'push', '--images-dir', 'dgo', '--dest', `${host}/pushed${DEST}`]);
      expect(pushed).toMatchObject({ code: 1, stderr: expect.stringContaining(`${host}/team/app@${BY_DIGEST}: `) });
    });
  });
});

/** Damages `manifests/...` of team/app; where that is to be found, and what the images are then called. */
interface Damage {
  readonly layout: (typeof LAYOUTS)[number];
  readonly file: string;
  readonly harm: (path: string) => Promise<void>;
  readonly verified: RegExp;
  /** The image that a push refuses. */
  readonly refused: string;
}

const ARM = ARM64.descriptor.digest;
const alter = async (path: string): Promise<void> =>
  await writeFile(path, (await readFile(path, 'latin1')).replace('"size"', ' "size"'), 'latin1');
const cut = (path: string): Promise<void> => truncate(path, 30);

const DAMAGES: Readonly<Record<string, Damage>> = {
  'a child that is missing': {
    layout: 'v4.0.0',
    file: ARM,
    harm: (path) => rm(path),
    verified: /^missing \S+team\/app\/manifests\/sha256:\w+ \(\S+\/team\/app:v1\): the index sha256/,
    refused: 'team/app:v1',
  },
  'a child that is altered': {
    layout: 'v4.0.5',
    file: ARM,
    harm: alter,
    verified: /^corrupt \S+team\/app\/manifests\/sha256:\w+ \(\S+\/team\/app:v1\): .* was cut or altered/,
    refused: 'team/app:v1',
  },
  'a tag file that is cut off': {
    layout: 'v4.0.0',
    file: 'v1',
    harm: cut,
    verified: /^corrupt \S+team\/app\/manifests\/v1 \(\S+\/team\/app:v1\): .* is no manifest/,
    refused: 'team/app:v1',
  },
  'a tag file that is empty': {
    layout: 'v4.0.0',
    file: 'v1',
    harm: (path) => truncate(path),
    verified: /^corrupt \S+team\/app\/manifests\/v1 \(\S+\/team\/app:v1\): .* is no manifest/,
    refused: 'team/app:v1',
  },
  'a tag file that is altered and still a manifest': {
    layout: 'v4.0.0',
    file: 'v1',
    harm: alter,
    verified: /^corrupt \S+team\/app\/manifests\/v1 \(\S+\/team\/app:v1\): .* was altered/,
    refused: 'team/app:v1',
  },
  'a manifest that is listed, and altered': {
    layout: 'v4.0.5',
    file: BY_DIGEST,
    harm: alter,
    verified: /^corrupt \S+team\/app\/manifests\/sha256:\w+ \(\S+\/team\/app:v1\): .* was cut or altered.*\n$/,
    refused: 'team/app:v1',
  },
  'a list of tags that is cut off': {
    layout: 'v4.0.5',
    file: 'layout',
    harm: cut,
    verified: /^corrupt \S+team\/app\/manifests\/layout \(\S+\/team\/app\): .* is no list of tags/,
    refused: 'team/app: ',
  },
  'a list of tags that names what is not there': {
    layout: 'v4.0.5',
    file: BY_DIGEST,
    harm: (path) => rm(path),
    verified: /^missing \S+team\/app\/manifests\/sha256:\w+ \(\S+\/team\/app:v1\): .* is not there/,
    refused: 'team/app:v1',
  },
};

describe.each(Object.entries(DAMAGES))('%s', (_, { layout, file, harm, verified, refused }) => {
  test('is found, fails its image alone, and is mended by a pull', async () => {
    await withRegistry(async ({ workspace, host, namespace }) => {
      const names = [`${host}/team/app:v1`, `${host}/team/other:1`];
      const pull = ['image', 'pull', '--images-dir', 'images', '--layout', layout, ...names];
      await workspace.ok(pull);
      await harm(join(workspace.directory, 'images', host, 'team/app/manifests', file));
      const found = await workspace.run(['verify', './images']);
      expect(found.code).toBe(1);
      expect(found.stdout).toMatch(verified);
      for (const command of [
        ['image', 'push', '--images-dir', 'images', '--dest', `${host}/pushed${DEST}`],
        ['image', 'copy', '--from', 'images', '--to', 'copy'],
      ]) {
        const { code, stdout, stderr } = await workspace.run(command);
        expect([code, stderr]).toEqual([1, expect.stringContaining(`${host}/${refused}`)]);
        expect(stdout).toContain(`copied ${host}/team/other:1 => `);
        expect(stdout).not.toContain(`${host}/team/app:v1`);
      }
      const named = await workspace.run(['image', 'copy', '--from', 'images', '--to', 'copy', ...names]);
      expect([named.code, named.stderr]).toEqual([1, expect.stringContaining(`${host}/team/app:v1: `)]);
      expect((await namespace.repository('pushed/team/other').resolve('1')).digest).toBe(OTHER.descriptor.digest);
      await workspace.ok(pull);
      expect(await workspace.ok(['verify', './images'])).toContain('everything is whole');
    });
  });
});

describe('the folders of Docker Hub', () => {
  test.each(LAYOUTS)('in %s that hold one tag with different digests are a conflict', async (layout) => {
    await withRegistry(async ({ workspace, host }) => {
      const names = ['docker.io/team/app:v1', 'docker.io/team/other:1'];
      const pull = ['image', 'pull', '--images-dir', 'images', '--layout', layout, ...names];
      await workspace.ok(pull);
      const folder = (name: string): string => join(workspace.directory, 'images', name, 'team/app/manifests');
      await cp(folder('registry-1.docker.io'), folder('docker.io'), { recursive: true });
      await writeFile(join(folder('docker.io'), 'v1'), OTHER.bytes);
      await writeFile(join(folder('docker.io'), OTHER.descriptor.digest), OTHER.bytes);
      const verified = await workspace.run(['verify', './images']);
      expect(verified.code).toBe(1);
      expect(verified.stdout).toMatch(/^conflict \S+team\/app\/manifests\/\S+ \(docker.io\/team\/app:v1\): /);
      for (const path of ['docker.io/team/app/manifests/', 'registry-1.docker.io/team/app/manifests/'])
        if (layout === 'v4.0.0') expect(verified.stdout).toContain(`"${path}v1" is sha256:`);
      const pushed = await workspace.run([
        'image',
        'push',
        '--images-dir',
        'images',
        '--dest',
        `${host}/pushed${DEST}`,
      ]);
      expect(pushed.code).toBe(1);
      expect(pushed.stdout).toContain('copied docker.io/team/other:1 => ');
      expect(pushed.stderr).toContain('docker.io/team/app:v1: conflict: ');
      await workspace.ok(pull);
      expect(await workspace.ok(['verify', './images'])).toContain('everything is whole');
      expect(
        await workspace.ok(['image', 'push', '--images-dir', 'images', '--dest', `${host}/pushed${DEST}`]),
      ).toContain('copied docker.io/team/app:v1 => ');
    });
  });

  test('are both written anew where a tag moves, in whichever form they are', async () => {
    await withRegistry(async ({ workspace, host, namespace }) => {
      const pull = ['image', 'pull', '--images-dir', 'images', 'docker.io/team/app:v1'];
      await workspace.ok(pull);
      await pushImage(namespace.repository('team/app'), OTHER, 'v1');
      await workspace.ok([...pull, '--layout', 'v4.0.5']);
      await workspace.ok(['verify', './images']);
      await workspace.ok(['image', 'push', '--images-dir', 'images', '--dest', `${host}/pushed${DEST}`]);
      expect((await namespace.repository('pushed/team/app').resolve('v1')).digest).toBe(OTHER.descriptor.digest);
      await pushImage(namespace.repository('team/app'), BOTH, 'v1');
      await workspace.ok(pull);
      await workspace.ok(['verify', './images']);
      await workspace.ok(['image', 'push', '--images-dir', 'images', '--dest', `${host}/pushed${DEST}`]);
      expect((await namespace.repository('pushed/team/app').resolve('v1')).digest).toBe(BY_DIGEST);
    });
  });
});
