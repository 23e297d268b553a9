import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { openImageStore } from '@kubecrate/image-store';
import { startServer } from '@kubecrate/server';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../cmd/kubecrate/src/program.ts';
import { idleContext } from './idle-context.ts';
import { openWorkspace } from './kubecrate.ts';

const APP = image({ seed: 'app' });
const DIGEST = APP.descriptor.digest;

/** What prints a document of its own, in its own format. */
const WITHOUT = ['chart template'];

test('every command that reports does so as JSON too', async () => {
  const program = await buildProgram(['--help'], idleContext());
  const lacking = leaves(program)
    .filter(([, command]) => !command.options.some((option) => option.long === '--output' && isJson(option.argChoices)))
    .map(([name]) => name);
  expect(lacking).toEqual(WITHOUT);
});

function isJson(choices: readonly string[] | undefined): boolean {
  return choices?.includes('json') === true;
}

/** The commands that do something, by their whole names. */
function leaves(command: Command, prefix = ''): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((child) => {
    const name = `${prefix}${child.name()}`;
    return child.commands.length === 0 ? [[name, child] as const] : leaves(child, `${name} `);
  });
}

test('says of an image what its line says, and more', async () => {
  const users = [{ username: 'ada', password: 'secret' }];
  await using server = await startServer(memoryNamespace(), { users, access: 'writable' });
  await using workspace = await openWorkspace();
  await pushImage(await openImageStore(workspace.store), APP, 'docker.io/library/app:1');
  const json = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse(await workspace.ok([...args, '--output', 'json'], { input: 'secret' }));
  const { directory, home } = workspace;
  const file = join(home, '.docker/config.json');
  const { host } = server;

  expect(await json('login', '-u', 'ada', '--password-stdin', host)).toEqual({ server: host, username: 'ada', file });
  expect(await json('tag', 'app:1', 'other')).toEqual({ source: 'app:1', target: 'other:latest', digest: DIGEST });
  const made = { image: 'all:1', mediaType: 'application/vnd.oci.image.index.v1+json', platforms: ['linux/amd64'] };
  const created = await json('manifest', 'create', 'all:1', 'app:1');
  expect(created).toMatchObject({ ...made, digest: expect.stringMatching(/^sha256:/), size: expect.any(Number) });
  expect(await json('manifest', 'add', 'all:1', 'other')).toEqual(created);
  const children = [{ digest: DIGEST, platform: { os: 'linux', architecture: 'amd64' } }];
  expect(await json('manifest', 'inspect', 'all:1')).toMatchObject({
    digest: (created as { digest: string }).digest,
    manifest: { manifests: children },
  });
  expect(await json('manifest', 'push', 'all:1', `${host}/all:1`)).toMatchObject({ status: 'copied' });
  expect(await json('unpack', 'app:1', 'files')).toEqual({
    image: 'app:1',
    digest: DIGEST,
    directory: join(directory, 'files'),
  });
  expect(await json('inspect', 'app:1')).toMatchObject([{ image: { repo_tags: ['app:1', 'other:latest'] } }]);
  expect(await json('logout', host)).toEqual({ server: host, file });
});

test('says what failed, and leaves the one error to standard error', async () => {
  await using workspace = await openWorkspace();
  const { code, stdout, stderr } = await workspace.run(['rmi', 'nope', '--output', 'json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual([
    { image: 'nope', error: { code: 'NOT_FOUND', message: 'no such image: "nope"' } },
  ]);
  expect(stderr.match(/error: /g)).toHaveLength(1);
  const several = await workspace.run(['rmi', 'one', 'two']);
  expect(several.code).toBe(1);
  expect(several.stderr.match(/error: /g)).toHaveLength(1);
  for (const part of ['cannot remove 2 of 2 images', 'one: no such image', 'two: no such image'])
    expect(several.stderr).toContain(part);
});

test('mirror lists what failed beside what is there, as pull does', async () => {
  const images = memoryNamespace();
  await pushImage(images.repository('app'), APP, '1');
  await using server = await startServer(images);
  await using workspace = await openWorkspace();
  const names = [`${server.host}/app:1`, `${server.host}/none:2`];
  const run = await workspace.run(['mirror', '--dir', 'mirror', '--output', 'json', ...names]);
  expect(run.code).toBe(1);
  expect(JSON.parse(run.stdout)).toMatchObject({
    images: [
      { image: names[0], status: 'copied', digest: DIGEST },
      { image: names[1], repository: 'none', tag: '2', status: 'failed', error: { code: 'NOT_FOUND' } },
    ],
  });
  expect(run.stderr).toContain(`${server.host}/none:2`);
});
