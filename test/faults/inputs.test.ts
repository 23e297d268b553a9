// What a person gives is wrong: lists, names, Kubefiles, sources. Nothing is fetched, and nothing is lost.

import { mkdir, readFile, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

const BUILD = ['build', '-t', 'test:1', '-o', 'out.tar', '--platform', 'linux/amd64', '.'];
const MIRROR = ['mirror', '--dir', 'mirror', '--platform', 'linux/amd64'];
const FROM_LIST = 'FROM scratch\nCOPY imageList manifests\n';

describe('an image list with lines that are no references', () => {
  const list = 'mysql:8\n\nmysql:8:9 # what\nUpper/Case\n';
  const says = ['imageList', /^.*imageList.*:3:? .*"mysql:8:9"/m, /^.*imageList.*:4:? .*"Upper\/Case"/m];

  test('in the context', async () => {
    await scene.write({ Kubefile: FROM_LIST, imageList: list });
    await scene.refuses(BUILD, { says });
  });

  test('given to build and to mirror', async () => {
    await scene.write({ Kubefile: 'FROM scratch\n', imageList: list });
    await scene.refuses([...BUILD, '--image-list', 'imageList'], { says });
    await scene.refuses([...MIRROR, '--image-list', 'imageList'], { says });
  });

  test('that is not there, or a directory', async () => {
    await scene.write({ Kubefile: 'FROM scratch\n' });
    await scene.refuses([...BUILD, '--image-list', 'none'], { says: ['cannot read the image list "none"', 'check'] });
    await scene.refuses([...MIRROR, '--image-list', 'mirror'], {
      says: ['cannot read the image list "mirror": it is a directory', 'give a file'],
    });
    await scene.refuses([...MIRROR, '--image-list', '/dev/zero'], {
      says: ['cannot read the image list "/dev/zero"', 'it is a device', 'give a file or a pipe'],
    });
  });
});

test('two images that claim one name are named, with their digests and what to do', async () => {
  const [one, two] = [image({ seed: 'one' }), image({ seed: 'two' })];
  const [first, second] = [memoryNamespace(), memoryNamespace()];
  await pushImage(first.repository('app'), one, '1');
  await pushImage(second.repository('app'), two, '1');
  await using here = await startServer(first);
  await using there = await startServer(second);
  const names = [`${here.host}/app:1`, `${there.host}/app:1`];
  const says = [
    'two images claim the name app:1',
    `${names[0]} (${one.descriptor.digest})`,
    `${names[1]} (${two.descriptor.digest})`,
    '--names=qualified',
  ];
  await scene.write({ Kubefile: FROM_LIST, imageList: `${names.join('\n')}\n` });
  await scene.refuses(BUILD, { says });
  await scene.refuses([...MIRROR, ...names], { says });
});

describe('a Kubefile', () => {
  test('that is missing, or a directory', async () => {
    await scene.refuses(BUILD, { says: ['cannot read the Kubefile', join(scene.workspace.directory, 'Kubefile')] });
    await mkdir(join(scene.workspace.directory, 'Kubefile'));
    await scene.refuses(BUILD, { says: ['Kubefile', 'it is no file', '-f FILE'] });
  });

  test('of a context that is missing, or a file', async () => {
    await scene.write({ file: '' });
    const build = BUILD.slice(0, -1);
    await scene.refuses([...build, 'none'], { says: ['the build context', 'none'] });
    await scene.refuses([...build, 'file'], { says: ['the build context', 'it is no directory'] });
  });

  test('that is no text is refused with the line, and not read with other characters in it', async () => {
    await scene.write({ Kubefile: Buffer.from('FROM scratch\nLABEL a="\xff"\n', 'latin1') });
    await scene.refuses(BUILD, { says: ['Kubefile:2', 'a byte that is not UTF-8', 'save the file as UTF-8'] });
    await scene.refuses(['lint'], { says: ['Kubefile:2', 'a byte that is not UTF-8'] });
    await scene.write({ Kubefile: 'FROM scratch\n\nLABEL a=b\0c\n' });
    await scene.refuses(BUILD, { says: ['Kubefile:3', 'a NUL character'] });
    await scene.write({ Kubefile: Buffer.from('\ufeffFROM scratch\n', 'utf16le') });
    await scene.refuses(BUILD, { says: ['Kubefile:1', 'a byte that is not UTF-8'] });
    await scene.write({ Kubefile: Buffer.alloc(4 * 1024 * 1024 + 1, '#') });
    await scene.refuses(BUILD, { says: ['Kubefile', '4194305 bytes', 'the limit is 4194304'] });
  });

  test('that is wrong in several lines is refused with all of them, before anything is fetched', async () => {
    await scene.write({ Kubefile: 'FROM registry.invalid/base:1\nCOYP a b\nCOPY a\n' });
    const { stderr } = await scene.refuses(BUILD, { says: ['Kubefile:2:1', 'COPY', 'Kubefile:3:1'] });
    expect(stderr).not.toContain('registry.invalid');
  });

  test('whose base is nowhere', async () => {
    await using server = await startServer(memoryNamespace());
    await scene.write({ Kubefile: `FROM ${server.host}/base:1\nCOPY . .\n` });
    await scene.refuses(BUILD, { says: [`${server.host}/base:1`] });
    await scene.refuses([...BUILD, '--pull', 'never'], { says: [`${server.host}/base:1`, '--pull=never'] });
  });
});

describe('a COPY source', () => {
  test('that is missing is named, with its place and a near miss', async () => {
    await scene.write({ Kubefile: 'FROM scratch\nCOPY manifest .\n', 'manifests/a': '' });
    await scene.refuses(BUILD, { says: ['"manifest"'] });
  });

  test.each(['../secret', 'sub/../../secret', 'link/secret', 'absolute/secret', 'chain'])(
    'that leaves the context (%s)',
    async (source) => {
      const { directory } = scene.workspace;
      await scene.write({
        secret: 'for nobody',
        'context/Kubefile': `FROM scratch\nCOPY ${source} .\n`,
        'context/sub/file': '',
      });
      await symlink('..', join(directory, 'context/link'));
      await symlink(directory, join(directory, 'context/absolute'));
      await symlink('sub/next', join(directory, 'context/chain'));
      await symlink('../../secret', join(directory, 'context/sub/next'));
      const build = [...BUILD.slice(0, -1), 'context'];
      await scene.refuses(build, { says: [source, 'context'], hides: ['for nobody'] });
    },
  );

  test('of another stage that leaves it', async () => {
    await scene.write({
      Kubefile: 'FROM scratch AS one\nCOPY Kubefile /f\nFROM scratch\nCOPY --from=one ../../etc/passwd .\n',
    });
    await scene.refuses(BUILD, { says: ['../../etc/passwd'] });
  });
});

describe('wrong usage has exit code 2 and says how it is meant', () => {
  test.each([
    [['build', '.'], ['-t NAME:TAG']],
    [['mirror', '--dir', 'mirror'], ['--image-list']],
    [['mirror', 'mysql:8'], ['--dir']],
    [
      [...BUILD, '--platform', 'linux/amd64', '--names', 'short'],
      ["'short'", 'plain, qualified'],
    ],
    [['load'], ['--input']],
    [['serve'], ['SOURCE']],
    [['verify', '--none'], ['--none']],
    [[...MIRROR, 'mysql:8', '--platform', 'linux'], ['"linux"']],
    [
      ['build', '-t', 'test:1', '--platform', 'linux/vax', '.'],
      ['"linux/vax"', 'amd64'],
    ],
    [['build', '-t', 'test:1', '--platform', ',', '.'], ['--platform']],
    [['lint', '--platform', 'x', '.'], ['"x"']],
    [
      ['lint', '--output', 'xml', '.'],
      ["'xml'", 'text, json'],
    ],
    [['inspect', 'before:1', '--platform', 'x'], ['"x"']],
    [['bulid'], ['build']],
  ])('%j', async (args, says) => {
    await scene.write({ Kubefile: 'FROM scratch\n' });
    await scene.refuses(args, { code: 2, says });
  });
});

test('a reference that is none is shown with what is wrong in it', async () => {
  await scene.write({ Kubefile: 'FROM scratch\n' });
  await scene.refuses([...MIRROR, 'Upper/Case:1'], { code: 2, says: ['"Upper/Case:1"', 'lower case'] });
  await scene.refuses(['build', '-t', 'a b', '.'], { code: 2, says: ['"a b"'] });
});

describe('a place where nothing can be written is refused before anything is fetched', () => {
  const RAW = /\bE[A-Z]{3,}\b/;
  const build = (file: string): readonly string[] => ['build', '-t', 'test:1', '-o', file, '.'];

  test('as the file of -o', async () => {
    const { directory } = scene.workspace;
    await scene.write({ Kubefile: 'FROM registry.invalid/base:1\n', file: '' });
    await symlink('/dev/null', join(directory, 'device'));
    for (const [file, ...says] of [
      ['none/out.tar', `there is no directory "${directory}/none"`, 'make the directory first'],
      ['file/out.tar', `"${directory}/file" is a file`],
      ['mirror', 'it is a directory, not a file'],
      ['device', 'it is a device, a pipe or a socket'],
    ] as const) {
      const { stderr } = await scene.refuses(build(file), { says: [`cannot write "${directory}/${file}`, ...says] });
      expect(stderr).not.toContain('registry.invalid');
    }
    await scene.refuses(['save', 'before:1', '-o', 'device'], { says: ['it is a device, a pipe or a socket'] });
    expect(await readlink(join(directory, 'device'))).toBe('/dev/null');
  });

  test('as the store, the registry directory or the directory of unpack, in words', async () => {
    await scene.write({ Kubefile: 'FROM scratch\n', file: 'kept' });
    const unpack = await scene.refuses(['unpack', 'before:1', 'file'], { says: ['/file": not a directory'] });
    const mirror = await scene.refuses(['mirror', '--dir', 'file', 'mysql:8'], { says: ['"file" is a file'] });
    const store = await scene.refuses(['images', '--store', 'file/store'], { says: ['/file/store": not a directory'] });
    for (const { stderr } of [unpack, mirror, store]) expect(stderr).not.toMatch(RAW);
    expect(await readFile(join(scene.workspace.directory, 'file'), 'utf8')).toBe('kept');
  });
});
