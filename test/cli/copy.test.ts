import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chart, image, index, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { parsePlatform } from '@kubecrate/oci';
import { type RunningServer, startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './kubecrate.ts';

const BASE = { seed: 'base', size: 100_000 };
const AMD64 = image({ seed: 'app', layers: [BASE, { seed: 'app' }] });
const ARM64 = image({ seed: 'app-arm', platform: parsePlatform('linux/arm64'), layers: [BASE] });
const APP = index([AMD64, ARM64], { attestations: 'one-each' });
const PAIR = index([AMD64, ARM64]);
const CHART = chart({ name: 'mysql', version: '8.8.19' });
const AMD64_ONLY = ['--platform', 'linux/amd64'];

let namespace: ReturnType<typeof memoryNamespace>;
let server: RunningServer;
let workspace: Workspace;
let host: string;
beforeEach(async () => {
  namespace = memoryNamespace();
  await pushImage(namespace.repository('team/app'), APP, '1');
  await pushImage(namespace.repository('team/pair'), PAIR, '1');
  await pushImage(namespace.repository('team/plain'), AMD64, '1');
  await pushImage(namespace.repository('charts/mysql'), CHART, '8.8.19');
  server = await startServer(namespace, { access: 'writable' });
  host = server.host;
  workspace = await openWorkspace();
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await server.close();
});

/** What `copy` says that it copied. */
async function copied(...args: readonly string[]): Promise<{ digest: string; status: string }> {
  return JSON.parse(await workspace.ok(['copy', ...args, '--output', 'json'])) as { digest: string; status: string };
}

async function refusal(code: 1 | 2, ...args: readonly string[]): Promise<string> {
  const outcome = await workspace.run(['copy', ...args]);
  expect(outcome.code, outcome.stderr).toBe(code);
  expect(outcome.stdout).toBe('');
  return outcome.stderr.slice(outcome.stderr.search(/^error: /m));
}

const digestAt = async (repository: string, tag: string): Promise<string> =>
  (await namespace.repository(repository).resolve(tag)).digest;

describe('copy', () => {
  test('goes round all places and comes back the same', async () => {
    const way = [
      `docker://${host}/team/app:1`,
      'oci:layout',
      'oci-archive:app.tar',
      'kubekey:kubekey',
      `kubekey:kubekey:${host}/team/app:1`,
      'store:',
      `store:${host}/team/app:1`,
      'registry-dir:mirror',
      'registry-dir:mirror:team/app:1',
      `docker://${host}/back/app:2`,
    ];
    for (let i = 0; i < way.length - 1; i += 1) {
      // A directory is written by its place and read by its place and its name.
      if (/^(kubekey:kubekey|store:|registry-dir:mirror)$/.test(way[i]!)) continue;
      const { digest } = await copied('--all', way[i]!, way[i + 1]!);
      expect(digest, `${way[i]} -> ${way[i + 1]}`).toBe(APP.descriptor.digest);
    }
    expect(await digestAt('back/app', '2')).toBe(APP.descriptor.digest);
    await workspace.ok(['verify', `${host}/team/app:1`]);
    await workspace.ok(['verify', './mirror']);
    await workspace.ok(['verify', './app.tar']);
  });

  test('copies one platform as its manifest, and to a store as an index without the others', async () => {
    const source = `docker://${host}/team/pair:1`;
    expect((await copied(...AMD64_ONLY, source, 'oci:layout:amd64')).digest).toBe(AMD64.descriptor.digest);
    expect((await copied('--platform', 'linux/arm64', source, 'oci:layout:arm64')).digest).toBe(
      ARM64.descriptor.digest,
    );
    expect((await copied(...AMD64_ONLY, source, 'store:')).digest).toBe(PAIR.descriptor.digest);
    const back = await copied('--all', `store:${host}/team/pair:1`, `docker://${host}/back/app:3`);
    expect(await digestAt('back/app', '3')).toBe(back.digest);
    await namespace.repository('back/app').resolve(AMD64.descriptor.digest);
    await expect(namespace.repository('back/app').resolve(ARM64.descriptor.digest)).rejects.toThrow();
    const named = await copied('oci:layout:arm64', 'docker-archive:arm.tar:example.com/app:arm');
    expect(named.digest).toBe(ARM64.descriptor.digest);
    await workspace.ok(['load', '-i', 'arm.tar']);
    const listed = await workspace.ok(['images', '-q']);
    expect(listed.split('\n')).toContain('example.com/app:arm');
  });

  test('leaves what is there already, and says so', async () => {
    const way = [`docker://${host}/team/plain:1`, `docker://${host}/team/other:1`] as const;
    expect((await copied(...way)).status).toBe('copied');
    expect((await copied(...way)).status).toBe('unchanged');
    expect(await workspace.ok(['copy', ...way])).toBe(
      `Image "${way[0]}" copied to "${way[1]}": ${AMD64.descriptor.digest}\n`,
    );
  });

  test('takes artifacts as they are', async () => {
    const { digest } = CHART.descriptor;
    const source = `docker://${host}/charts/mysql:8.8.19`;
    expect((await copied(source, 'registry-dir:mirror:helm-charts/mysql:8.8.19')).digest).toBe(digest);
    expect((await copied(source, 'oci-archive:chart.tar')).digest).toBe(digest);
    expect(await refusal(1, source, 'docker-archive:chart.tar')).toContain('docker');
  });

  test('refuses what is no place, no image, or no platform of it', async () => {
    const source = `docker://${host}/team/app:1`;
    expect(await refusal(2, 'mysql:8', 'oci:layout')).toContain('docker://NAME');
    expect(await refusal(2, source, 'ocy:layout')).toContain('did you mean');
    expect(await refusal(2, source, 'oci:')).toContain('oci:PATH:NAME');
    expect(await refusal(2, '--all', ...AMD64_ONLY, source, 'oci:layout')).toContain('exclude each other');
    expect(await refusal(1, source, `docker://${host}/x@${APP.descriptor.digest}`)).toContain('it has a digest');
    expect(await refusal(1, '--platform', 'linux/s390x', source, 'oci:layout')).toContain('it has linux/amd64');
    const plain = `docker://${host}/team/plain:1`;
    expect(await refusal(1, '--platform', 'linux/arm64', plain, 'oci:layout')).toContain('it has linux/amd64');
    expect(await refusal(1, `docker://${host}/team/none:1`, 'oci:layout')).toContain('team/none');
    expect(await refusal(1, 'oci:nowhere', 'store:')).toContain('nowhere');
    expect(await refusal(1, '--all', source, 'docker-archive:app.tar')).toContain('platform');
    await copied(source, 'oci:layout:1');
    await copied(plain, 'oci:layout:2');
    const several = await refusal(2, 'oci:layout', 'store:');
    expect(several).toContain('append :NAME');
    expect(await refusal(2, 'oci:layout:1', 'store:')).toContain('gives the image no name');
    await writeFile(join(workspace.directory, 'text'), 'no archive');
    expect(await refusal(1, 'oci-archive:text', 'store:')).toContain('text');
  });
});
