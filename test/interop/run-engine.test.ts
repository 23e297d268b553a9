// RUN with real container engines: what a command changed is the layer, and the engine is as it was before.

import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { readManifest } from '@kubecrate/content';
import { type TarHeader, tarEntries } from '@kubecrate/files';
import { openImageStore } from '@kubecrate/image-store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Outcome, openWorkspace, type Workspace } from '../cli/kubecrate.ts';
import { startDockerd } from '../fixtures/dockerd.ts';
import { describePeer } from '../fixtures/peers.ts';
import { startPodmanService } from '../fixtures/podman.ts';

/** An engine, and what it holds. */
interface Engine extends AsyncDisposable {
  readonly host: string;
  leftovers(): Promise<{ readonly containers: string; readonly images: string }>;
}

async function docker(): Promise<Engine> {
  const engine = await startDockerd();
  const leftovers = async () => ({
    containers: await engine.docker('ps', '--all', '--quiet'),
    images: await engine.docker('images', '--all', '--quiet'),
  });
  return { host: engine.host, leftovers, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

async function podman(): Promise<Engine> {
  const engine = await startPodmanService();
  const leftovers = async () => ({
    containers: await engine.podman('ps', '--all', '--quiet'),
    images: await engine.podman('images', '--all', '--quiet'),
  });
  return { host: engine.host, leftovers, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

const NOTHING = { containers: '', images: '' };

/** A base with a shell: busybox, which is one static file. */
async function buildBase(workspace: Workspace): Promise<void> {
  const base = join(workspace.directory, 'base');
  await mkdir(join(base, 'rootfs/bin'), { recursive: true });
  await mkdir(join(base, 'rootfs/etc/app'), { recursive: true });
  await copyFile(await pathOf('busybox'), join(base, 'rootfs/bin/busybox'));
  await writeFile(join(base, 'rootfs/etc/app/kept'), 'kept\n');
  await writeFile(join(base, 'rootfs/etc/app/changed'), 'before\n');
  await writeFile(join(base, 'rootfs/etc/app/deleted'), 'gone\n');
  await mkdir(join(base, 'rootfs/old/below'), { recursive: true });
  await writeFile(join(base, 'rootfs/old/below/file'), 'gone\n');
  const applets = ['sh', 'cat', 'cp', 'echo', 'env', 'ln', 'mkdir', 'printf', 'rm', 'sleep', 'chmod', 'mv'];
  for (const name of applets) await symlink('busybox', join(base, 'rootfs/bin', name));
  await writeFile(join(base, 'Kubefile'), 'FROM scratch\nENV GREETING=hello\nCOPY rootfs /\n');
  await workspace.ok(['build', '-t', 'base:1', 'base']);
}

async function pathOf(program: string): Promise<string> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program);
    if (await readFile(path).then(Boolean, () => false)) return path;
  }
  throw new Error(`${program} is not on the PATH`);
}

/** The entries of the last layer of an image: type, and text or target. */
async function lastLayer(workspace: Workspace, name: string): Promise<ReadonlyMap<string, string>> {
  const store = await openImageStore(workspace.store);
  const { descriptor } = await store.image(name, {});
  const { manifest } = await readManifest(store, descriptor);
  const layer = manifest.kind === 'manifest' ? manifest.layers.at(-1)! : undefined;
  const entries = new Map<string, string>();
  const tar = (await store.fetch(layer!)).pipe(createGunzip());
  for await (const { header, content } of tarEntries(tar, { rules: 'layer' })) {
    entries.set(header.path, `${header.type} ${header.linkTarget ?? (await shown(header, content))}`.trim());
  }
  return entries;
}

async function shown({ type, size }: TarHeader, content: NodeJS.ReadableStream): Promise<string> {
  return type !== 'file' ? '' : size > 1000 ? `${size} bytes` : text(content);
}

const ENGINES = [
  { name: 'Docker', peers: ['dockerd', 'busybox'], start: docker },
  { name: 'podman', peers: ['podman', 'busybox'], start: podman },
] as const;

for (const { name, peers, start } of ENGINES) {
  describePeer(peers, `RUN in ${name}`, () => {
    let engine: Engine;
    let workspace: Workspace;
    beforeAll(async () => {
      engine = await start();
      workspace = await openWorkspace();
      await buildBase(workspace);
    });
    afterAll(async () => {
      await workspace?.[Symbol.asyncDispose]();
      await engine?.[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      expect(await engine.leftovers()).toEqual(NOTHING);
    });

    async function build(kubefile: string, tag: string, args: readonly string[] = []): Promise<Outcome> {
      await writeFile(join(workspace.directory, 'Kubefile'), kubefile);
      const outcome = await workspace.run(['build', '-t', tag, ...args, '.'], {
        env: { DOCKER_HOST: engine.host, SOURCE_DATE_EPOCH: '1700000000' },
      });
      expect(await engine.leftovers()).toEqual(NOTHING);
      return outcome;
    }

    test('what was added, changed and deleted is the layer, and nothing else', async () => {
      const outcome = await build(
        [
          'FROM base:1',
          'RUN --network=none echo new > /etc/app/added && echo after > /etc/app/changed && rm /etc/app/deleted \\',
          '  && rm -r /old && mkdir -m 700 /made && ln -s /etc/app/kept /made/link && echo printed',
          '',
        ].join('\n'),
        'changes:1',
      );
      expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('printed') });
      const layer = await lastLayer(workspace, 'changes:1');
      expect(Object.fromEntries(layer)).toEqual({
        etc: 'directory',
        'etc/app': 'directory',
        made: 'directory',
        'etc/app/added': 'file new',
        'etc/app/changed': 'file after',
        'etc/app/.wh.deleted': 'file',
        '.wh.old': 'file',
        'made/link': 'symlink /etc/app/kept',
      });
      await workspace.ok(['verify', 'changes:1']);
    });

    test('the command gets ENV and ARG, and the commands after it what it wrote', async () => {
      const outcome = await build(
        'FROM base:1\nARG WHO=nobody\nENV SIZE=big\nRUN --network=none echo "$GREETING $WHO $SIZE" > /out\nRUN --network=none ["/bin/cat", "/out"]\n',
        'environment:1',
        ['--build-arg', 'WHO=world'],
      );
      expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('hello world big') });
      // The second command changed nothing: it made no layer.
      expect(Object.fromEntries(await lastLayer(workspace, 'environment:1'))).toEqual({ out: 'file hello world big' });
    });

    test('a command that fails is an error with its code and the end of what it printed', async () => {
      const outcome = await build(
        'FROM base:1\nRUN --network=none echo this is why >&2; exit 7\nRUN --network=none echo never\n',
        'failed:1',
      );
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toContain('ended with code 7');
      expect(outcome.stderr.split('error: ')[1]).toContain('this is why');
      expect(outcome.stderr).not.toContain('never');
      expect(await workspace.ok(['images', '-q'])).not.toContain('failed');
    });

    test('a program that is not there is an error', async () => {
      const outcome = await build('FROM base:1\nRUN --network=none ["/bin/none"]\n', 'failed:1');
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toContain('/bin/none');
    });

    test('the same build twice has the same digest', async () => {
      const kubefile = 'FROM base:1\nRUN --network=none mkdir /d && echo b > /d/b && echo a > /d/a && ln /d/b /d/0\n';
      for (const tag of ['twice:1', 'twice:2']) expect(await build(kubefile, tag)).toMatchObject({ code: 0 });
      const [one, two] = await Promise.all(['twice:1', 'twice:2'].map((tag) => lastLayer(workspace, tag)));
      expect(one).toEqual(two);
      const images = JSON.parse(await workspace.ok(['images', '--output', 'json'])) as { names: string[] }[];
      expect(images.map(({ names }) => names)).toContainEqual(['twice:1', 'twice:2']);
    });

    test('hard links stay hard links, also for the command after', async () => {
      expect(
        await build(
          'FROM base:1\nRUN --network=none echo one > /m && ln /m /z && ln /m /a && ln /etc/app/kept /k\n',
          'links:1',
        ),
      ).toMatchObject({ code: 0 });
      const layer = await lastLayer(workspace, 'links:1');
      expect([layer.get('a'), layer.get('m'), layer.get('z')]).toEqual(['file one', 'link a', 'link a']);
      // Its file did not change; where the engine says it did, both are in the layer.
      expect(['file kept', 'link etc/app/kept']).toContain(layer.get('k'));
      expect(await build('FROM links:1\nRUN --network=none echo two >> /m\n', 'links:2')).toMatchObject({ code: 0 });
      const second = await lastLayer(workspace, 'links:2');
      expect([second.get('a'), second.get('m'), second.get('z')]).toEqual(['file one\ntwo', 'link a', 'link a']);
      const directory = join(workspace.directory, 'unpacked');
      await workspace.ok(['unpack', 'links:2', directory]);
      for (const path of ['a', 'm', 'z']) expect(await readFile(join(directory, path), 'utf8')).toBe('one\ntwo\n');
    });

    test('Ctrl-C stops the command and leaves nothing', async () => {
      await writeFile(
        join(workspace.directory, 'Kubefile'),
        'FROM base:1\nRUN --network=none echo started; sleep 600\n',
      );
      const run = workspace.start(['build', '-t', 'stopped:1', '.'], { env: { DOCKER_HOST: engine.host } });
      await new Promise<void>((resolve, reject) => {
        run.child.stderr?.on('data', (chunk: Buffer) => String(chunk).includes('started') && resolve());
        run.ended.then(({ stderr }) => reject(new Error(stderr)), reject);
      });
      run.child.kill('SIGINT');
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(130);
      expect(await engine.leftovers()).toEqual(NOTHING);
      await workspace.ok(['verify']);
    });
  });
}

test('without an engine, RUN says where it looked and what to do', async () => {
  await using workspace = await openWorkspace();
  await writeFile(join(workspace.directory, 'Kubefile'), 'FROM scratch\nRUN echo\n');
  const env = { DOCKER_HOST: `unix://${join(workspace.directory, 'none.sock')}` };
  const outcome = await workspace.run(['build', '-t', 'test:1', '.'], { env });
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`no engine answers at unix://${join(workspace.directory, 'none.sock')}`);
  expect(outcome.stderr).toContain('DOCKER_HOST');
});
