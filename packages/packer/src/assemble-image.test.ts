import { MemoryStore, readContent, readManifest } from '@kubecrate/content';
import { type Descriptor, digestOf, MEDIA_TYPES, parseImageConfig, parsePlatform } from '@kubecrate/oci';
import { describe, expect, it } from 'vitest';
import { assembleImage, assembleIndex, type ImageParts } from './assemble-image.ts';

const LAYER = {
  descriptor: {
    mediaType: MEDIA_TYPES.ociLayerGzip,
    digest: digestOf('layer'),
    size: 5,
    annotations: { b: '2', a: '1' },
    urls: ['https://example.com'],
  },
  diffId: digestOf('tar'),
};
const IMAGE: ImageParts = {
  platform: parsePlatform('linux/arm/v7'),
  layers: [LAYER],
  created: 1_600_000_000,
  author: 'a person',
  container: { Labels: { z: '1', a: '2' }, Env: ['B=1', 'A=2'], Cmd: ['sh'] },
  history: [{ created_by: 'COPY . .' }, { created_by: 'LABEL', empty_layer: true, created: '2001-01-01T00:00:00Z' }],
  annotations: { z: '1', a: '2' },
};

describe('assembleImage', () => {
  it('writes configuration and manifest in one spelling, whatever the order of the input', async () => {
    const store = new MemoryStore();
    const descriptor = await assembleImage(IMAGE, store);
    const reordered = Object.fromEntries(Object.entries(IMAGE).reverse()) as unknown as ImageParts;
    expect(await assembleImage({ ...reordered, annotations: { a: '2', z: '1' } }, store)).toEqual(descriptor);
    const { bytes, manifest } = await readManifest(store, descriptor);
    const config = (manifest as { config: Descriptor }).config;
    expect((await readContent(store, config)).toString()).toBe(
      `{"created":"2020-09-13T12:26:40Z","author":"a person","architecture":"arm","os":"linux","variant":"v7",` +
        `"config":{"Env":["B=1","A=2"],"Cmd":["sh"],"Labels":{"a":"2","z":"1"}},` +
        `"rootfs":{"type":"layers","diff_ids":["${LAYER.diffId}"]},` +
        `"history":[{"created":"2020-09-13T12:26:40Z","created_by":"COPY . ."},` +
        `{"created":"2001-01-01T00:00:00Z","created_by":"LABEL","empty_layer":true}]}`,
    );
    expect(bytes.toString()).toBe(
      `{"schemaVersion":2,"mediaType":"${MEDIA_TYPES.ociManifest}",` +
        `"config":{"mediaType":"${MEDIA_TYPES.ociConfig}","digest":"${config.digest}","size":${config.size}},` +
        `"layers":[{"mediaType":"${MEDIA_TYPES.ociLayerGzip}","digest":"${LAYER.descriptor.digest}","size":5,"annotations":{"a":"1","b":"2"}}],` +
        `"annotations":{"a":"2","z":"1"}}`,
    );
    expect(descriptor.platform).toEqual(IMAGE.platform);
  });

  it('writes what the parsers read back', async () => {
    const store = new MemoryStore();
    const { manifest } = await readManifest(store, await assembleImage(IMAGE, store));
    const config = parseImageConfig(await readContent(store, (manifest as { config: Descriptor }).config));
    expect(config).toMatchObject({ os: 'linux', architecture: 'arm', variant: 'v7', config: IMAGE.container });
    expect(config.rootfs.diff_ids).toEqual([LAYER.diffId]);
  });

  it('makes an image of nothing but a platform', async () => {
    const store = new MemoryStore();
    const image: ImageParts = { platform: parsePlatform('amd64'), layers: [], created: 0 };
    expect((await readManifest(store, await assembleImage(image, store))).manifest).toMatchObject({ layers: [] });
  });

  it('refuses a history that does not fit the layers, and a time that is none', async () => {
    const refused = { code: 'INVALID_ARGUMENT' };
    await expect(assembleImage({ ...IMAGE, history: [] }, new MemoryStore())).rejects.toMatchObject(refused);
    await expect(assembleImage({ ...IMAGE, created: 1.5 }, new MemoryStore())).rejects.toMatchObject(refused);
    await expect(assembleImage({ ...IMAGE, created: 1e15 }, new MemoryStore())).rejects.toMatchObject(refused);
  });
});

describe('assembleIndex', () => {
  it('names each image with its platform, in the order given', async () => {
    const store = new MemoryStore();
    const images = await Promise.all(
      ['linux/arm64', 'linux/amd64'].map((name) => assembleImage({ ...IMAGE, platform: parsePlatform(name) }, store)),
    );
    const { manifest } = await readManifest(store, await assembleIndex(images, store, { annotations: { k: 'v' } }));
    expect(manifest).toMatchObject({ kind: 'index', manifests: images, annotations: { k: 'v' } });
  });
});
