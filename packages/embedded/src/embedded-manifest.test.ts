import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEmbeddedManifest } from './embedded-manifest.ts';

const VALID = {
  schemaVersion: 1,
  imageName: 'test:v1',
  mediaType: 'application/embedded.manifest+json',
  created: '2018-03-01T15:55:44Z',
  layers: [
    { mediaType: 'application/bind.image.rootfs.diff.dir', pathInHost: '/' },
    { mediaType: 'application/squashfs.image.rootfs.diff.img', pathInHost: 'app.img', pathInContainer: '/opt/app' },
  ],
};

function refusesOrReads(bytes: Uint8Array): void {
  try {
    parseEmbeddedManifest(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(KubecrateError);
    expect((error as KubecrateError).code).toBe('INVALID_MANIFEST');
  }
}

describe('parseEmbeddedManifest', () => {
  test('reads what it needs and keeps the rest', () => {
    const document = { ...VALID, more: { deep: [1] } };
    const manifest = parseEmbeddedManifest(Buffer.from(JSON.stringify(document)));
    expect(manifest.document).toEqual(document);
    expect(manifest.layers).toEqual([
      { kind: 'directory', size: 0, pathInHost: '/', pathInContainer: '' },
      { kind: 'squashfs', size: 0, pathInHost: 'app.img', pathInContainer: '/opt/app' },
    ]);
  });

  test('takes as many layers as iSulad mounts, and no more', () => {
    const [root, layer] = VALID.layers;
    const withLayers = (count: number): Buffer =>
      Buffer.from(JSON.stringify({ ...VALID, layers: [root, ...Array.from({ length: count - 1 }, () => layer)] }));
    expect(parseEmbeddedManifest(withLayers(125)).layers).toHaveLength(125);
    expect(() => parseEmbeddedManifest(withLayers(126))).toThrow('max depth exceeded');
  });

  test('refuses random bytes with an error of its own', () => {
    fc.assert(fc.property(fc.uint8Array(), refusesOrReads));
  });

  test('refuses random values in the place of any field with an error of its own', () => {
    const fields = fc.constantFrom('schemaVersion', 'imageName', 'mediaType', 'created', 'layers');
    const layerFields = fc.constantFrom('mediaType', 'size', 'digest', 'pathInHost', 'pathInContainer');
    fc.assert(
      fc.property(fields, layerFields, fc.jsonValue(), (field, layerField, value) => {
        refusesOrReads(Buffer.from(JSON.stringify({ ...VALID, [field]: value })));
        const layers = VALID.layers.map((layer) => ({ ...layer, [layerField]: value }));
        refusesOrReads(Buffer.from(JSON.stringify({ ...VALID, layers })));
      }),
    );
  });
});
