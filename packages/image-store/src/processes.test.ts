import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { image, pushImage } from '@kubecrate/content/testing';
import { startChild, temporaryDirectory } from '@kubecrate/stores/testing';
import { expect, test } from 'vitest';
import { openImageStore } from './image-store.ts';

type StoreModule = typeof import('./index.ts');

const SOURCE = new URL('./index.ts', import.meta.url);

/** Stores images, names them, names the next one over it, removes and prunes, until it is killed or has done so `rounds` times. */
async function work(
  { openImageStore: open }: StoreModule,
  directory: string,
  name: string,
  rounds: string,
): Promise<void> {
  const { createHash, randomBytes } = process.getBuiltinModule('node:crypto');
  const { Readable } = process.getBuiltinModule('node:stream');
  const store = await open(directory);
  const push = async (mediaType: string, bytes: Buffer): Promise<object> => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as never;
    const descriptor = { mediaType, digest, size: bytes.byteLength };
    if (!(await store.exists(descriptor))) await store.push(descriptor, Readable.from([bytes], { objectMode: false }));
    return descriptor;
  };
  const layer = 'application/vnd.oci.image.layer.v1.tar';
  for (let round = 0; round < Number(rounds); round += 1) {
    const lease = await store.lease();
    const layers: object[] = [];
    // Half of the layers are shared with the other processes, and come and go.
    for (let i = 0; i < 4; i += 1) layers.push(await push(layer, Buffer.alloc(50_000, `shared ${round % 3} ${i}`)));
    for (let i = 0; i < 4; i += 1) layers.push(await push(layer, randomBytes(50_000)));
    const about = { os: 'linux', architecture: 'amd64', name, round };
    const config = await push('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(about)));
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = await push(
      mediaType,
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })),
    );
    await store.tag(manifest as never, `${name}:${round % 2}`);
    await lease[Symbol.asyncDispose]();
    if (round % 3 === 1) await store.remove(`${name}:${round % 2}`);
    if (round % 4 === 2) await store.prune();
    console.log(`round ${round} of ${name}`);
  }
}

test('processes that store, remove and prune at once lose nothing and corrupt nothing', async () => {
  await using directory = await temporaryDirectory();
  const kept = image({ seed: 'kept' });
  const store = await openImageStore(directory.path);
  await pushImage(store, kept, 'kept:1');
  const children = ['one', 'two', 'three'].map((name) =>
    startChild<StoreModule>(SOURCE, work, [directory.path, name, '12']),
  );
  for (const child of children) {
    const { code, output } = await child.ended();
    expect(code, output).toBe(0);
  }
  expect((await store.verify()).problems).toEqual([]);
  expect((await store.resolve('kept:1')).digest).toBe(kept.descriptor.digest);
  // Round 11 names x:1; round 10 named and removed x:0, for 10 is one more than a multiple of 3.
  const names = (await store.images()).flatMap((listed) => listed.names).sort();
  expect(names).toEqual(['kept:1', 'one:1', 'three:1', 'two:1'].map((name) => `docker.io/library/${name}`));
  await store.prune();
  const { problems } = await store.verify();
  expect(problems).toEqual([]);
  const needed = new Set<string>();
  for (const listed of await store.images()) needed.add(listed.descriptor.digest);
  expect((await readdir(join(directory.path, 'blobs/sha256'))).length).toBeGreaterThan(needed.size);
}, 60_000);

test('a process that is killed at any moment leaves a store that is whole, and that others go on with', async () => {
  await using directory = await temporaryDirectory();
  const store = await openImageStore(directory.path);
  const kept = image({ seed: 'kept' });
  await pushImage(store, kept, 'kept:1');
  for (const rounds of [1, 2]) {
    const child = startChild<StoreModule>(SOURCE, work, [directory.path, `killed-${rounds}`, '1000']);
    await child.wrote(`round ${rounds} of`);
    child.process.kill('SIGKILL');
    expect((await child.ended()).signal).toBe('SIGKILL');
    expect((await store.verify()).problems).toEqual([]);
  }
  await store.tag(kept.descriptor, 'kept:2');
  await store.prune();
  expect((await store.verify()).problems).toEqual([]);
  expect((await store.images()).flatMap(({ names }) => names)).toContain('docker.io/library/kept:1');
  expect((await readdir(directory.path)).sort()).toEqual(['blobs', 'index.json', 'leases', 'oci-layout', 'reserve']);
}, 90_000);
