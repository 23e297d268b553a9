import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { certificateAuthority, chart, image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { openRegistryDirectory } from '@kubecrate/stores';
import { afterEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Running, type Workspace } from './kubecrate.ts';

const nginx = image({ seed: 'nginx' });
const mysql = chart({ name: 'mysql', version: '8.8.19' });
const running: Running[] = [];

afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

/** Serves on a free port; gives the URL that was printed. */
async function serve(
  workspace: Workspace,
  args: readonly string[],
  input?: string,
): Promise<{ url: string; run: Running }> {
  const run = workspace.start(['serve', '--addr', '127.0.0.1:0', ...args], input === undefined ? {} : { input });
  running.push(run);
  return { url: await run.firstLine(), run };
}

/** The processes that a process started. */
async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

/** Builds `example.com/cluster:1`, with nginx and the chart in its registry directory. */
async function buildCluster(workspace: Workspace): Promise<void> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('library/nginx'), nginx, '1.27');
  await pushImage(namespace.repository('helm-charts/mysql'), mysql, '8.8.19');
  await using server = await startServer(namespace);
  await writeFile(join(workspace.directory, 'Kubefile'), 'FROM scratch\nCOPY imageList manifests\n');
  await writeFile(
    join(workspace.directory, 'imageList'),
    `${server.host}/library/nginx:1.27\n${server.host}/helm-charts/mysql:8.8.19\n`,
  );
  await workspace.ok(['build', '--platform', 'linux/amd64', '-t', 'example.com/cluster:1', '-o', 'cluster.tar', '.']);
}

describe('serve', () => {
  test('a registry directory, until it is stopped', async () => {
    await using workspace = await openWorkspace();
    const registry = join(workspace.directory, 'registry');
    const namespace = await openRegistryDirectory(registry, { access: 'write' });
    await pushImage(namespace.repository('library/nginx'), nginx, '1.27');
    const { url, run } = await serve(workspace, ['registry']);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await json(`${url}/v2/_catalog`)).toEqual({ repositories: ['library/nginx'] });
    const manifest = await fetch(`${url}/v2/library/nginx/manifests/1.27`);
    expect(manifest.headers.get('docker-content-digest')).toBe(nginx.descriptor.digest);
    expect((await fetch(`${url}/v2/library/nginx/blobs/uploads/`, { method: 'POST' })).status).toBe(405);
    run.child.kill('SIGINT');
    expect(await run.ended).toEqual({ code: 0, stdout: `${url}\n`, stderr: '' });
    await workspace.ok(['verify', 'registry']);
  });

  test.runIf(availableParallelism() > 1)(
    'goes on when one of its processes is killed, and takes no address that is taken',
    async () => {
      await using workspace = await openWorkspace();
      const namespace = await openRegistryDirectory(join(workspace.directory, 'registry'), { access: 'write' });
      await pushImage(namespace.repository('library/nginx'), nginx, '1.27');
      const { url, run } = await serve(workspace, ['registry']);
      const [first = 0, ...others] = await childrenOf(run.child.pid);
      expect(others).toHaveLength(Math.min(availableParallelism(), 4) - 1);
      process.kill(first, 'SIGKILL');
      await expect
        .poll(async () => (await childrenOf(run.child.pid)).filter((pid) => pid !== first).length)
        .toBe(others.length + 1);
      for (let i = 0; i < 8; i += 1) {
        expect(await json(`${url}/v2/_catalog`)).toEqual({ repositories: ['library/nginx'] });
      }
      const second = await workspace.run(['serve', 'registry', '--addr', new URL(url).host]);
      expect(second).toMatchObject({ code: 1, stdout: '' });
      expect(second.stderr).toContain(`error: cannot listen on ${new URL(url).host}`);
      expect(second.stderr.match(/error:/g)).toHaveLength(1);
      run.child.kill('SIGTERM');
      const { code, stderr } = await run.ended;
      expect(code).toBe(0);
      expect(stderr).toBe('warning: a serving process ended (SIGKILL); another one takes its place\n');
    },
  );

  test.each(['example.com/cluster:1', 'cluster.tar'])('the registry that is in a cluster image: %s', async (source) => {
    await using workspace = await openWorkspace();
    await buildCluster(workspace);
    const { url } = await serve(workspace, [source]);
    expect(await json(`${url}/v2/_catalog`)).toMatchObject({
      repositories: expect.arrayContaining(['helm-charts/mysql', 'library/nginx']),
    });
    const found = await fetch(`${url}/v2/helm-charts/mysql/manifests/8.8.19`);
    expect(found.headers.get('docker-content-digest')).toBe(mysql.descriptor.digest);
    await using other = await openWorkspace();
    await other.ok(['pull', '--platform', 'linux/amd64', `${new URL(url).host}/library/nginx:1.27`]);
    await other.ok(['verify']);
  });

  test('an image that has no registry, as itself and nothing else', async () => {
    const other = image({ seed: 'other', platform: { os: 'linux', architecture: 'arm64' } });
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('library/nginx'), nginx, '1.27');
    await pushImage(namespace.repository('team/multi'), index([nginx, other]), '1');
    await pushImage(namespace.repository('other'), other, '1');
    await using server = await startServer(namespace);
    await using workspace = await openWorkspace();
    await workspace.ok([
      'pull',
      '--platform',
      'all',
      `${server.host}/library/nginx:1.27`,
      `${server.host}/team/multi:1`,
      `${server.host}/other:1`,
    ]);
    await workspace.ok(['tag', `${server.host}/library/nginx:1.27`, 'nginx:1.27']);
    await workspace.ok(['rmi', `${server.host}/library/nginx:1.27`]);
    const { url } = await serve(workspace, ['nginx:1.27']);
    expect(await json(`${url}/v2/_catalog`)).toEqual({ repositories: ['library/nginx', 'nginx'] });
    expect(await json(`${url}/v2/nginx/tags/list`)).toEqual({ name: 'nginx', tags: ['1.27'] });
    const layer = nginx.layers[0]!;
    const blob = await fetch(`${url}/v2/nginx/blobs/${layer.descriptor.digest}`);
    expect(Buffer.from(await blob.arrayBuffer()).equals(layer.bytes)).toBe(true);
    expect((await fetch(`${url}/v2/nginx/blobs/${other.layers[0]!.descriptor.digest}`)).status).toBe(404);
    expect((await fetch(`${url}/v2/other/manifests/1`)).status).toBe(404);
    const whole = await serve(workspace, [workspace.store]);
    expect(await json(`${whole.url}/v2/team/multi/tags/list`)).toEqual({ name: 'team/multi', tags: ['1'] });
    expect((await fetch(`${whole.url}/v2/team/multi/manifests/${other.descriptor.digest}`)).status).toBe(200);
  });

  test('a directory that is filled by push', async () => {
    await using workspace = await openWorkspace();
    await buildCluster(workspace);
    const { url, run } = await serve(workspace, ['--writable', 'new/registry']);
    await workspace.ok(['push', 'example.com/cluster:1', `${new URL(url).host}/cluster:1`]);
    expect(await json(`${url}/v2/cluster/tags/list`)).toEqual({ name: 'cluster', tags: ['1'] });
    run.child.kill('SIGTERM');
    expect((await run.ended).code).toBe(0);
    await workspace.ok(['verify', './new/registry']);
  });

  test('nothing that is read-only with --writable: an image, an archive', async () => {
    await using workspace = await openWorkspace();
    await buildCluster(workspace);
    const before = await readdir(workspace.directory);
    for (const [source, what] of [
      ['example.com/cluster:1', 'an image is read-only'],
      ['cluster.tar', 'an archive is read-only'],
    ] as const) {
      const { code, stdout, stderr } = await workspace.run(['serve', '--writable', source]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(what);
      expect(stderr).toContain('kubecrate unpack');
    }
    expect(await readdir(workspace.directory)).toEqual(before);
    const { run } = await serve(workspace, ['--writable', './example.com/cluster:1']);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(0);
  });

  test('lets in only the user it was given, and never prints the password', async () => {
    await using workspace = await openWorkspace();
    await mkdir(join(workspace.directory, 'registry'));
    const { url, run } = await serve(
      workspace,
      ['--log', '--writable', '--user', 'ada', '--password-stdin', 'registry'],
      's3cret:word\n',
    );
    expect((await fetch(`${url}/v2/`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('ada:s3cret:word').toString('base64')}`;
    expect((await fetch(`${url}/v2/`, { headers: { authorization } })).status).toBe(200);
    run.child.kill('SIGINT');
    const { stdout, stderr } = await run.ended;
    expect(stderr).toContain('GET /v2/ 401');
    expect(stdout + stderr).not.toContain('s3cret');
    expect(stdout + stderr).not.toContain(authorization);
  });

  test('speaks https with a certificate', async () => {
    await using workspace = await openWorkspace();
    const authority = await certificateAuthority();
    const { cert, key } = await authority.issue('server');
    await writeFile(join(workspace.directory, 'tls.cert'), cert);
    await writeFile(join(workspace.directory, 'tls.key'), key);
    const { url } = await serve(workspace, [
      '--writable',
      '--tls-cert',
      'tls.cert',
      '--tls-key',
      'tls.key',
      'registry',
    ]);
    expect(url).toMatch(/^https:/);
    const sent = request(`${url}/v2/`, { agent: false, ca: authority.cert });
    sent.end();
    const [response] = await once(sent, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
  });

  test('says what it cannot serve', async () => {
    await using workspace = await openWorkspace();
    await mkdir(join(workspace.directory, 'empty'));
    await writeFile(join(workspace.directory, 'text.tar'), 'no archive');
    const cases = [
      [['serve', 'absent'], '"absent" is no image of the store and no file'],
      [['serve', './absent'], 'is not there'],
      [['serve', './empty'], 'it has no docker/registry/v2'],
      [['serve', './text.tar'], 'text.tar'],
      [['serve', '--writable', '--addr', '192.0.2.1:0', 'empty'], 'cannot listen on 192.0.2.1:0'],
    ] as const;
    for (const [args, why] of cases) {
      const { code, stderr } = await workspace.run(args);
      expect(stderr).toContain(why);
      expect(code).toBe(1);
    }
    expect((await readdir(workspace.directory)).sort()).toEqual(['empty', 'text.tar']);
  });
});
