// A registry that is not there, does not let in, does not have it or does not tell the truth: `build` and `mirror`.

import {
  type ImageFixture,
  image,
  index,
  type ManifestFixture,
  memoryNamespace,
  pushImage,
} from '@kubecrate/content/testing';
import type { Digest } from '@kubecrate/oci';
import { startServer } from '@kubecrate/server';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { type HttpFault, type ProxiedRequest, startHttpProxy } from '../fixtures/http-proxy.ts';
import { openScene, type Refusal, type Scene } from './scene.ts';

/** An image that no other test has fetched already. */
function appOf(seed: string): ImageFixture {
  return image({ seed, layers: [{ seed: `small ${seed}` }, { seed: `large ${seed}`, size: 300_000 }] });
}

/** A registry with `app:1`, behind a proxy that answers as `faultOf` says. */
async function faultyRegistry(
  app: ManifestFixture,
  faultOf: (request: ProxiedRequest) => HttpFault | undefined,
): Promise<{ readonly host: string } & AsyncDisposable> {
  const namespace = memoryNamespace();
  await pushImage(namespace.repository('app'), app, '1');
  const server = await startServer(namespace);
  const proxy = await startHttpProxy(server.url, faultOf);
  return {
    host: proxy.host,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

const body = (bytes: Uint8Array) => (): HttpFault => ({ kind: 'body', bytes });

const answers =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}) =>
  (): HttpFault => ({ kind: 'answer', status, headers, body: body.toString('latin1') });

/** The fault for the content of that digest alone. */
function of(digest: Digest, fault: (request: ProxiedRequest) => HttpFault) {
  return (request: ProxiedRequest): HttpFault | undefined =>
    request.method === 'GET' && request.path.includes(digest) ? fault(request) : undefined;
}

describe.each(['build', 'mirror'] as const)('%s', (command) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene();
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  async function refuses(name: string, refusal: Refusal, platform = 'linux/amd64'): Promise<void> {
    if (command === 'mirror') {
      await scene.refuses(['mirror', '--dir', 'mirror', '--platform', platform, name], refusal);
      return;
    }
    await scene.write({ Kubefile: 'FROM scratch\nCOPY imageList manifests\n', imageList: `${name}\n` });
    await scene.refuses(['build', '-t', 'test:1', '-o', 'out.tar', '--platform', platform, '.'], refusal);
  }

  test('a host that nobody knows', async () => {
    await refuses('registry.invalid/app:1', {
      says: ['registry.invalid/app:1', /cannot reach registry\.invalid: /, 'name service of this machine'],
    });
  });

  test('a refused connection', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    await refuses(`${host}/app:1`, {
      says: [`${host}/app:1`, `cannot reach ${host}: the connection was refused`, 'check that the registry runs'],
    });
  });

  test('a registry that wants a password', async () => {
    await using server = await startServer(memoryNamespace(), { users: [{ username: 'ada', password: 'lovelace' }] });
    await refuses(`${server.host}/app:1`, {
      says: [`${server.host}/app:1`, `kubecrate login ${server.host}`],
      hides: ['lovelace'],
    });
  });

  test('a tag that is not there', async () => {
    await using registry = await faultyRegistry(appOf(`tag ${command}`), () => undefined);
    await refuses(`${registry.host}/app:2`, { says: [`${registry.host}/app:2`, 'check'] });
  });

  test('a platform that is not there', async () => {
    const arm = image({ seed: 'arm', platform: { os: 'linux', architecture: 'arm64' } });
    await using registry = await faultyRegistry(index([appOf(`platform ${command}`), arm]), () => undefined);
    await refuses(
      `${registry.host}/app:1`,
      { says: [`${registry.host}/app:1`, 'linux/s390x', 'it has linux/amd64, linux/arm64'] },
      'linux/s390x',
    );
  });

  test('a manifest that is not the one of the digest', async () => {
    const { descriptor } = appOf(`manifest ${command}`);
    const other = appOf(`other manifest ${command}`);
    await using registry = await faultyRegistry(other, of(descriptor.digest, answers(200, other.bytes, OCI_MANIFEST)));
    await refuses(`${registry.host}/app@${descriptor.digest}`, { says: [descriptor.digest, registry.host] });
  });

  test('a manifest that is none', async () => {
    const html = answers(200, '<html>sign in</html>', { 'content-type': 'text/html' });
    await using registry = await faultyRegistry(appOf(`none ${command}`), ({ path }) =>
      path.endsWith('/manifests/1') ? html() : undefined,
    );
    await refuses(`${registry.host}/app:1`, { says: [`${registry.host}/app:1`, 'answered with a web page'] });
  });

  describe.each([
    ['small', 0],
    ['large', 1],
  ] as const)('a %s blob', (size, layer) => {
    test('that is not the one of the digest', async () => {
      const app = appOf(`wrong ${size} ${command}`);
      const { descriptor, bytes } = app.layers[layer]!;
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(100) ^ 1, 100);
      await using registry = await faultyRegistry(app, of(descriptor.digest, body(flipped)));
      await refuses(`${registry.host}/app:1`, { says: [`${registry.host}/app:1`, descriptor.digest, registry.host] });
    });

    test('that is shorter than its manifest says', async () => {
      const app = appOf(`short ${size} ${command}`);
      const { descriptor, bytes } = app.layers[layer]!;
      await using registry = await faultyRegistry(app, of(descriptor.digest, body(bytes.subarray(0, 500))));
      await refuses(`${registry.host}/app:1`, { says: [`${registry.host}/app:1`, descriptor.digest, registry.host] });
    });

    test('whose connection always breaks', async () => {
      const app = appOf(`broken ${size} ${command}`);
      const { digest } = app.layers[layer]!.descriptor;
      await using registry = await faultyRegistry(
        app,
        of(digest, () => ({ kind: 'cut', after: 0 })),
      );
      await refuses(`${registry.host}/app:1`, {
        says: [`${registry.host}/app:1`, `cannot reach ${registry.host}`, 'tried 4 times'],
      });
    });

    test('that is missing although its manifest is there', async () => {
      const app = appOf(`missing ${size} ${command}`);
      const { digest } = app.layers[layer]!.descriptor;
      await using registry = await faultyRegistry(app, of(digest, answers(404, '{"errors":[]}')));
      await refuses(`${registry.host}/app:1`, { says: [`${registry.host}/app:1`, digest] });
    });
  });

  test('a registry that is broken', async () => {
    await using registry = await faultyRegistry(appOf(`500 ${command}`), answers(500, 'oops'));
    await refuses(`${registry.host}/app:1`, { says: [`${registry.host}/app:1`, '500', 'tried 4 times'] });
  });
});

const OCI_MANIFEST = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
