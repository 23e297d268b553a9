import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lutimes, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { expect, test } from 'vitest';
import { openWorkspace } from './kubecrate.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'cmd', 'kubecrate', 'bin', 'kubecrate.js');

interface Surroundings {
  readonly umask: '022' | '077';
  readonly env: Readonly<Record<string, string>>;
  /** The order in which the files are made, which is the order in which many file systems list them. */
  readonly order: 'forward' | 'backward';
  /** Seconds since 1970: the times of all files. */
  readonly time: number;
}

async function writeContext(directory: string, list: string, { order, time }: Surroundings): Promise<void> {
  const kubefile = `FROM scratch
COPY imageList manifests
COPY files /files/
COPY --chown=5:6 --chmod=640 files/a <<text /x/
written
text
ENV B=2 A=1
LABEL z=1 a=2
APP web local://web.yaml
LAUNCH web
`;
  const files = [
    ['Kubefile', kubefile],
    ['imageList', list],
    ['web.yaml', 'kind: ConfigMap\napiVersion: v1\n'],
    ...['a', 'b', 'c', 'sub/d', 'sub/e'].map((name) => [`files/${name}`, name] as const),
  ] as const;
  for (const [path, content] of order === 'forward' ? files : files.toReversed()) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
    await chmod(join(directory, path), 0o644);
  }
  await symlink('a', join(directory, 'files/link'));
  for (const path of ['files', 'files/sub']) await chmod(join(directory, path), 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    await lutimes(join(entry.parentPath, entry.name), time, time);
  }
}

test('two builds of the same input make the same tarball, whatever is around them', async () => {
  const namespace = memoryNamespace();
  const layers = [{ seed: 'large', size: 2_000_000 }, { seed: 'small' }];
  for (const name of ['one', 'two', 'three']) {
    await pushImage(namespace.repository(name), image({ seed: name, layers: [...layers, { seed: name }] }), '1');
  }
  await using server = await startServer(namespace);
  const list = ['one', 'two', 'three'].map((name) => `${server.host}/${name}:1\n`).join('');
  await using workspace = await openWorkspace();
  const build = async (name: string, surroundings: Surroundings): Promise<Buffer> => {
    const directory = join(workspace.directory, name);
    await writeContext(directory, list, surroundings);
    const args = ['build', '-t', 'same:1', '--platform', 'linux/amd64', '--progress', 'none', '-o', '../same.tar', '.'];
    const command = `umask ${surroundings.umask} && exec "$@"`;
    const child = spawn('sh', ['-c', command, 'sh', process.execPath, PROGRAM, ...args], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: workspace.home,
        KUBECRATE_STORE: join(workspace.home, `store of ${name}`),
        SOURCE_DATE_EPOCH: '1700000000',
        ...surroundings.env,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    return await readFile(join(workspace.directory, 'same.tar'));
  };
  const first = await build('a', { umask: '022', env: { TZ: 'UTC' }, order: 'forward', time: 1_600_000_000 });
  const second = await build('another directory', {
    umask: '077',
    env: { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8', USER: 'somebody' },
    order: 'backward',
    time: 1_000_000_000,
  });
  expect(second.equals(first)).toBe(true);
});
