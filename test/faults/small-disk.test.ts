// A disk that is really full: a tmpfs of 8 MiB in a mount namespace of its own, which takes root.

import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { type RunningServer, startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../cli/kubecrate.ts';
import { runSuccessfully } from '../fixtures/run-process.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'cmd', 'kubecrate', 'bin', 'kubecrate.js');
const large = image({ seed: 'small disk', layers: [1, 2, 3].map((n) => ({ seed: `layer ${n}`, size: 5_000_000 })) });

/** What a command said on the small disk, and the files that were there afterwards. */
interface Seen {
  readonly code: number;
  readonly stderr: string;
  readonly files: readonly string[];
}

let workspace: Workspace;
let server: RunningServer;
let disk: string;
let name: string;
beforeEach(async () => {
  workspace = await openWorkspace();
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('large'), large, '1');
  server = await startServer(namespace);
  name = `${server.host}/large:1`;
  disk = join(workspace.directory, 'disk');
  await mkdir(disk);
  await mkdir(join(workspace.directory, 'context'));
  await writeFile(join(workspace.directory, 'context/Kubefile'), 'FROM scratch\nCOPY imageList manifests\n');
  await writeFile(join(workspace.directory, 'context/imageList'), `${name}\n`);
});
afterEach(async () => {
  await server.close();
  await workspace[Symbol.asyncDispose]();
});

/** A command of ours in the words of a shell. */
function kubecrate(...args: readonly string[]): string {
  return [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(' ');
}

/** Runs commands (a text is one of the shell) one after the other while the directory `disk` is a tmpfs that nobody else sees. */
async function onSmallDisk(...commands: readonly (string | readonly string[])[]): Promise<readonly Seen[]> {
  const { directory, home, store } = workspace;
  const runs = commands.map((args, i) => {
    const command = typeof args === 'string' ? `( ${args} )` : kubecrate(...args);
    return `${command} >/dev/null 2>'${home}/${i}.stderr'; echo $? >'${home}/${i}.code'
      (cd '${disk}' && find . -type f -printf '%P\\n' | sort) >'${home}/${i}.files'`;
  });
  const script = ['set -e', `mount -t tmpfs -o size=8m none '${disk}'`, `cd '${directory}'`, 'set +e', ...runs];
  await runSuccessfully('unshare', ['-m', 'bash', '-c', script.join('\n')], {
    env: { ...process.env, HOME: home, KUBECRATE_STORE: store, TMPDIR: home },
  });
  const read = (file: string): Promise<string> => readFile(join(home, file), 'utf8');
  return Promise.all(
    commands.map(async (_, i) => ({
      code: Number(await read(`${i}.code`)),
      stderr: await read(`${i}.stderr`),
      files: (await read(`${i}.files`)).split('\n').filter((file) => file !== ''),
    })),
  );
}

function expectFull(seen: Seen | undefined, ...says: readonly string[]): void {
  expect(seen?.code).toBe(1);
  const message = seen?.stderr.slice(seen.stderr.search(/^error: /m)) ?? '';
  for (const part of ['no space left on device', 'free some space on this disk', ...says]) {
    expect(message).toContain(part);
  }
  expect(seen?.stderr.match(/^error: /gm), 'messages').toHaveLength(1);
  expect(seen?.stderr).not.toMatch(/ENOSPC|\bat .*:\d+:\d+/);
}

const isLeftOver = (file: string): boolean => file.split('/').some((part) => part.startsWith('.kubecrate-'));

const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe.skipIf(!mayMount)('a full disk (needs root: mounts a tmpfs of 8 MiB)', () => {
  const platform = ['--platform', 'linux/amd64'];

  test('under the store: build names the image, the store stays whole, prune frees all of it', async () => {
    const store = ['--store', 'disk/store'];
    const [build, verify, images, prune] = await onSmallDisk(
      ['build', '-t', 'a:1', ...store, ...platform, 'context'],
      ['verify', ...store],
      ['images', '-q', ...store],
      ['prune', ...store],
    );
    expectFull(build, name);
    for (const { code } of [verify, images, prune] as readonly Seen[]) expect(code).toBe(0);
    expect(prune?.files.filter((file) => !/^store\/(oci-layout|index\.json|reserve)$/.test(file))).toEqual([]);
  });

  describe('without one free byte', () => {
    const store = ['--store', 'disk/store'];
    const fill = 'cat /dev/zero >disk/full; cat /dev/zero >disk/last; ! echo x >disk/none';
    beforeEach(async () => {
      const tiny = image({ seed: 'tiny disk' });
      await pushImage(await openImageStore(workspace.store), tiny, 'tiny:1');
      await workspace.ok(['save', 'tiny:1', '-o', 'tiny.tar']);
    });

    test('rmi and prune free the store, and leave it as ready as it was', async () => {
      const [, rmi, , prune, verify] = await onSmallDisk(
        `${kubecrate('load', '-i', 'tiny.tar', ...store)} && ${fill}`,
        ['rmi', 'tiny:1', ...store],
        fill,
        ['prune', ...store],
        ['verify', ...store],
      );
      for (const seen of [rmi, prune, verify]) expect(seen).toMatchObject({ code: 0, stderr: '' });
      expect(rmi?.files.filter((file) => file.includes('/blobs/'))).toEqual([]);
      for (const seen of [rmi, prune]) expect(seen?.files).toContain('store/reserve');
    });

    test('a store of an older version is freed with what dead processes left in it', async () => {
      const left = 'disk/store/.kubecrate/partial/x.kept.0123456789ab.part';
      const old = `rm disk/store/reserve && mkdir -p "$(dirname ${left})" && head -c 200000 /dev/zero >${left}`;
      const [, rmi] = await onSmallDisk(`${kubecrate('load', '-i', 'tiny.tar', ...store)} && ${old} && ${fill}`, [
        'rmi',
        'tiny:1',
        ...store,
      ]);
      expect(rmi).toMatchObject({ code: 0, stderr: '' });
      expect(rmi?.files.filter((file) => file.includes('/blobs/') || file.endsWith('.part'))).toEqual([]);
    });
  });

  test('under the registry directory: mirror serves nothing of the image', async () => {
    const [mirror] = await onSmallDisk(['mirror', '--dir', 'disk/mirror', ...platform, name]);
    expectFull(mirror, name);
    expect(mirror?.files.filter((file) => file.includes('/_manifests/'))).toEqual([]);
  });

  test('under the tarball: build -o and save leave no part of it, and the image is in the store', async () => {
    const [build, save, verify] = await onSmallDisk(
      ['build', '-t', 'a:1', '-o', 'disk/a.tar', ...platform, 'context'],
      ['save', 'a:1', '-o', 'disk/a.tar'],
      ['verify', 'a:1'],
    );
    for (const seen of [build, save]) {
      expectFull(seen, `cannot write "${disk}/a.tar"`);
      expect(seen?.files).toEqual([]);
    }
    expect(verify?.code).toBe(0);
  });

  test('under the store and the directory of what was saved: load and unpack leave nothing half-written', async () => {
    await workspace.ok(['build', '-t', 'a:1', '-o', 'a.tar', ...platform, 'context']);
    const [load, verify, unpack] = await onSmallDisk(
      ['load', '-i', 'a.tar', '--store', 'disk/store'],
      ['verify', '--store', 'disk/store'],
      ['unpack', 'a:1', 'disk/files'],
    );
    expectFull(load, 'a.tar');
    expect(load?.files.filter(isLeftOver)).toEqual([]);
    expect(verify?.code).toBe(0);
    expectFull(unpack, `cannot unpack into "${disk}/files"`);
    expect(unpack?.files.filter((file) => !file.startsWith('store/'))).toEqual([]);
  });
});
