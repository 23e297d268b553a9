// Passwords are nowhere in what is printed, whatever fails and however it is shown.

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { image, memoryNamespace, pushImage } from '@kubecrate/content/testing';
import { startServer } from '@kubecrate/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { startHttpProxy } from '../fixtures/http-proxy.ts';
import { openScene, type Scene } from './scene.ts';

const PASSWORD = 'hunter2-is-secret';
const BASIC = Buffer.from(`ada:${PASSWORD}`).toString('base64');
/** As it is, as the header has it, and as a URL has it. */
const hides = [PASSWORD, BASIC, encodeURIComponent(PASSWORD)];
const app = image({ seed: 'app', layers: [{ seed: 'small' }, { seed: 'large', size: 300_000 }] });

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

async function login(host: string, password: string): Promise<void> {
  await mkdir(join(scene.workspace.home, '.docker'));
  const auth = Buffer.from(`ada:${password}`).toString('base64');
  await writeFile(join(scene.workspace.home, '.docker/config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
}

describe.each(['plain', 'json'])('with --progress %s', (progress) => {
  const PROGRESS = ['--progress', progress, '--platform', 'linux/amd64'];

  test('credentials of config.json that the registry refuses', async () => {
    await using server = await startServer(memoryNamespace(), { users: [{ username: 'ada', password: 'other' }] });
    await login(server.host, PASSWORD);
    await scene.write({ Kubefile: 'FROM scratch\nCOPY imageList manifests\n', imageList: `${server.host}/app:1\n` });
    const refusal = { says: [`${server.host}/app:1`, `kubecrate login ${server.host}`], hides };
    await scene.refuses(['mirror', '--dir', 'mirror', ...PROGRESS, `${server.host}/app:1`], refusal);
    await scene.refuses(['build', '-t', 'test:1', ...PROGRESS, '.'], refusal);
  });

  test('credentials that the registry takes before it fails, and says again', async () => {
    const namespace = memoryNamespace();
    await pushImage(namespace.repository('app'), app, '1');
    const server = await startServer(namespace, { users: [{ username: 'ada', password: PASSWORD }] });
    await using proxy = await startHttpProxy(server.url, ({ path, headers }) => {
      if (!path.includes('/blobs/') || headers.authorization === undefined) return undefined;
      const message = `denied for authorization: ${headers.authorization}, https://ada:${PASSWORD}@cdn.example/x`;
      return { kind: 'answer', status: 500, body: JSON.stringify({ errors: [{ code: 'UNKNOWN', message }] }) };
    });
    await login(proxy.host, PASSWORD);
    await scene.refuses(['mirror', '--dir', 'mirror', ...PROGRESS, `${proxy.host}/app:1`], {
      says: [`${proxy.host}/app:1`, '500'],
      hides,
    });
    await server.close();
  });

  test('credentials of a list', async () => {
    await using server = await startServer(memoryNamespace(), { users: [{ username: 'ada', password: 'other' }] });
    const section = { registry: server.host, username: 'ada', password: PASSWORD, images: ['app:1'] };
    await scene.write({ Kubefile: 'FROM scratch\n', 'auth.yaml': JSON.stringify([section]) });
    const build = ['build', '-t', 'test:1', ...PROGRESS, '--image-list-with-auth', 'auth.yaml', '.'];
    await scene.refuses(build, { says: [`${server.host}/app:1`], hides });
    await scene.write({
      'auth.yaml': `- registry: quay.io\n  password: ${PASSWORD}\n  images: [Foo Bar]\n  passwort: x\n`,
    });
    await scene.refuses(build, { says: ['auth.yaml:1: username is missing', 'auth.yaml:4'], hides });
    await scene.write({ 'auth.yaml': `- registry: quay.io\n  password: "${PASSWORD}\n` });
    await scene.refuses(build, { says: ['auth.yaml'], hides });
  });
});

test('a URL with a password that cannot be downloaded', async () => {
  const refusing = createServer((_, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  const { port } = refusing.address() as AddressInfo;
  const build = ['build', '-t', 'test:1', '.'];
  await scene.write({
    Kubefile: `FROM scratch\nADD http://ada:${PASSWORD}@127.0.0.1:${port}/file?token=${PASSWORD} /\n`,
  });
  await scene.refuses(build, { says: ['Kubefile:2', `127.0.0.1:${port}/file`, '403'], hides });
  refusing.close();
  const closed = await freePort();
  await scene.write({ Kubefile: `FROM scratch\nADD http://ada:${PASSWORD}@127.0.0.1:${closed}/file /\n` });
  await scene.refuses(build, { says: ['Kubefile:2', `127.0.0.1:${closed}/file`], hides });
});

test('a proxy with a password that cannot be reached', async () => {
  const proxy = `http://ada:${PASSWORD}@127.0.0.1:${await freePort()}`;
  const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy };
  const mirror = ['mirror', '--dir', 'mirror', '--progress', 'json', '--insecure-registry', 'registry.invalid'];
  await scene.refuses([...mirror, 'registry.invalid/app:1'], { says: ['registry.invalid/app:1'], hides }, { env });
});

test('a reference that is a URL with a password', async () => {
  const refusal = {
    code: 2 as const,
    says: ['cannot parse reference', 'https://***@quay.io/app:1', 'write it without one: quay.io/app:1'],
    hides,
  };
  await scene.refuses(['mirror', '--dir', 'mirror', `https://ada:${PASSWORD}@quay.io/app:1`], refusal);
  await scene.refuses(['mirror', '--dir', 'mirror', `ada:${PASSWORD}@quay.io/app:1`], {
    code: 2,
    says: ['***@quay.io/app:1', 'kubecrate login'],
    hides,
  });
  await scene.write({ Kubefile: 'FROM scratch\n', list: `https://ada:${PASSWORD}@quay.io/app:1\n` });
  await scene.refuses(['build', '-t', 'test:1', '--image-list', 'list', '.'], { says: ['list', ':1'], hides });
});

test('a debugging run shows no secret in its stacks', async () => {
  await using server = await startServer(memoryNamespace(), { users: [{ username: 'ada', password: 'other' }] });
  await login(server.host, PASSWORD);
  const { code, stdout, stderr } = await scene.workspace.run(['mirror', '--dir', 'mirror', `${server.host}/app:1`], {
    env: { ...scene.env, KUBECRATE_DEBUG: '1' },
  });
  expect(code).toBe(1);
  expect(stderr).toContain('    at ');
  for (const secret of hides) expect(stdout + stderr).not.toContain(secret);
});
