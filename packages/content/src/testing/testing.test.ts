import { gunzipSync } from 'node:zlib';
import { TransientError } from '@kubecrate/errors';
import { digestOf, parseImageConfig, parseManifest } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../memory-store.ts';
import { isDeleter, isLocator } from '../powers.ts';
import { verifyBytes } from '../verify.ts';
import {
  blob,
  bytesOf,
  chart,
  counting,
  failingFetch,
  failingPush,
  image,
  index,
  type Lie,
  lying,
  pushBlob,
  pushImage,
  randomBytes,
  randomContent,
  referrer,
  slow,
} from './index.ts';

describe('generators', () => {
  test('the same seed gives the same bytes, streamed or not, and another seed others', async () => {
    const { descriptor, open } = randomContent('seed', 700_001);
    const bytes = randomBytes('seed', 700_001);
    expect((await bytesOf(open())).equals(bytes)).toBe(true);
    expect((await bytesOf(open())).equals(bytes)).toBe(true);
    verifyBytes(descriptor, bytes);
    expect(randomBytes('seed', 10).equals(bytes.subarray(0, 10))).toBe(true);
    expect(randomBytes('other', 10).equals(bytes.subarray(0, 10))).toBe(false);
  });

  test('an image is valid: manifest, configuration, and diff IDs of its layers', () => {
    const arm64 = { os: 'linux', architecture: 'arm64' };
    for (const format of ['oci', 'docker'] as const) {
      const { bytes, config, layers, descriptor } = image({ seed: 1, platform: arm64, layers: 3, format });
      const manifest = parseManifest(bytes);
      expect(manifest).toMatchObject({ config: config.descriptor, layers: layers.map((layer) => layer.descriptor) });
      const { rootfs, architecture } = parseImageConfig(config.bytes);
      expect(architecture).toBe('arm64');
      expect(rootfs.diff_ids).toEqual(layers.map((layer) => digestOf(gunzipSync(layer.bytes))));
      expect(descriptor).toMatchObject({ mediaType: manifest.mediaType, platform: arm64 });
    }
  });

  test('images share a layer where they share its seed', () => {
    const shared = { seed: 'base', size: 5000 };
    const [one, two] = [1, 2].map((seed) => image({ seed, layers: [shared, { seed }] }));
    expect(one?.layers[0]).toEqual(two?.layers[0]);
    expect(one?.layers[1]).not.toEqual(two?.layers[1]);
  });

  test('an index lists its images and one attestation for each', () => {
    const { bytes, manifests } = index([image({ seed: 1 }), image({ seed: 2 })], { attestations: 'one-each' });
    expect(manifests).toHaveLength(4);
    expect(parseManifest(bytes)).toMatchObject({
      kind: 'index',
      manifests: manifests.map(({ descriptor }) => descriptor),
    });
  });

  test('charts and referrers are artifacts', () => {
    const mysql = chart({ name: 'mysql', version: '1.0.0', provenance: 'signed' });
    expect(parseManifest(mysql.bytes)).toMatchObject({ layers: mysql.blobs.slice(1).map((b) => b.descriptor) });
    const sbom = referrer(mysql.descriptor);
    expect(parseManifest(sbom.bytes)).toMatchObject({ subject: mysql.descriptor });
  });
});

describe('stores around a store', () => {
  const content = blob('application/octet-stream', randomBytes('content', 100_000));
  const { descriptor, bytes } = content;
  const filled = async (): Promise<MemoryStore> => {
    const store = new MemoryStore();
    await pushBlob(store, content);
    return store;
  };

  test('counting remembers each call with its subject, and keeps the powers', async () => {
    const { target, calls, subjectsOf } = counting(new MemoryStore());
    const pushed = image({ seed: 'counted' });
    await pushImage(target, pushed, 'v1');
    expect(subjectsOf('push')).toEqual([...pushed.blobs, pushed].map((b) => b.descriptor.digest));
    expect(calls.at(-1)).toEqual({ verb: 'tag', subject: pushed.descriptor.digest });
    expect([isDeleter(target), isLocator(target)]).toEqual([true, false]);
  });

  test('failingFetch breaks off after so many bytes, so many times', async () => {
    const store = failingFetch(await filled(), 70_000, { times: 1 });
    let seen = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of await store.fetch(descriptor)) seen += (chunk as Buffer).byteLength;
    };
    await expect(read()).rejects.toBeInstanceOf(TransientError);
    expect(seen).toBe(70_000);
    expect((await bytesOf(await store.fetch(descriptor))).equals(bytes)).toBe(true);
  });

  test('failingPush is a full disk', async () => {
    const store = failingPush(new MemoryStore(), 10, { times: 1 });
    await expect(pushBlob(store, content)).rejects.toHaveProperty('code', 'NO_SPACE');
    expect(await store.exists(descriptor)).toBe(false);
    await pushBlob(store, content);
    expect(await store.exists(descriptor)).toBe(true);
  });

  test.each<[Lie, string]>([
    ['flipped-bit', 'DIGEST_MISMATCH'],
    ['short', 'SIZE_MISMATCH'],
    ['long', 'SIZE_MISMATCH'],
    ['empty', 'SIZE_MISMATCH'],
  ])('lying with %s is found out by push', async (lie, code) => {
    const liar = lying(await filled(), lie);
    const pushing = new MemoryStore().push(descriptor, await liar.fetch(descriptor));
    await expect(pushing).rejects.toHaveProperty('code', code);
  });

  test('slow gives the same bytes in the end, and gives way to an abort', async () => {
    const store = slow(await filled(), 1);
    expect((await bytesOf(await store.fetch(descriptor))).equals(bytes)).toBe(true);
    const signal = AbortSignal.abort(new Error('too slow'));
    await expect(slow(store, 60_000).fetch(descriptor, { signal })).rejects.toThrow();
  });
});
