import { KubecrateError } from '@kubecrate/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { MAX_MANIFEST_SIZE, parseManifest } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';

const descriptor = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('{}'), size: 2 };
const parse = (value: unknown, mediaType?: string): unknown =>
  parseManifest(Buffer.from(JSON.stringify(value)), mediaType);

describe('parseManifest', () => {
  it('reads an image manifest with everything a descriptor can carry', () => {
    const layer = {
      ...descriptor,
      mediaType: MEDIA_TYPES.ociLayer,
      urls: ['https://example.com/x'],
      annotations: { a: 'b' },
      data: 'e30=',
    };
    const value = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: descriptor,
      layers: [layer],
      subject: descriptor,
      artifactType: 'x/y',
    };
    expect(parse(value)).toEqual({
      kind: 'manifest',
      mediaType: MEDIA_TYPES.ociManifest,
      config: descriptor,
      layers: [layer],
      subject: descriptor,
      artifactType: 'x/y',
    });
  });

  it('believes the body, then what was said, then the shape', () => {
    const manifests = [
      {
        ...descriptor,
        mediaType: MEDIA_TYPES.ociManifest,
        platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      },
    ];
    expect(parse({ mediaType: MEDIA_TYPES.dockerManifestList, manifests }, MEDIA_TYPES.ociManifest)).toMatchObject({
      kind: 'index',
    });
    expect(parse({ config: descriptor, layers: [] }, MEDIA_TYPES.dockerManifest)).toMatchObject({
      mediaType: MEDIA_TYPES.dockerManifest,
    });
    expect(parse({ manifests }, 'application/json')).toMatchObject({
      kind: 'index',
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [{ platform: { os: 'linux', architecture: 'arm64' } }],
    });
    expect(parse({ config: descriptor, layers: [] })).toMatchObject({ mediaType: MEDIA_TYPES.ociManifest });
  });

  it.each([
    [{ schemaVersion: 1, fsLayers: [] }, 'schema 1'],
    [{ mediaType: MEDIA_TYPES.dockerSchema1Signed }, 'schema 1'],
    [{ mediaType: 'text/html' }, 'media type "text/html"'],
    [{ config: descriptor, layers: {} }, 'manifest.layers is not a list'],
    [{ layers: [] }, 'manifest.config is not an object'],
    [{ config: { ...descriptor, size: -1 }, layers: [] }, 'manifest.config.size is -1'],
    [{ config: { ...descriptor, size: 1.5 }, layers: [] }, 'manifest.config.size is 1.5'],
    [{ config: { ...descriptor, digest: 'sha256:../../etc' }, layers: [] }, 'cannot parse digest'],
    [{ config: descriptor, layers: [{ mediaType: 'x' }] }, 'manifest.layers[0]'],
    [
      { manifests: [{ ...descriptor, platform: { os: 'linux' } }] },
      'index.manifests[0].platform.architecture is missing',
    ],
    [[], 'manifest is not an object'],
  ])('refuses %j', (value, message) => {
    expect(() => parse(value)).toThrow(message);
  });

  it('refuses a manifest larger than registries take', () => {
    expect(() => parseManifest(Buffer.alloc(MAX_MANIFEST_SIZE + 1))).toThrow('the limit is 4194304');
  });

  it('gives only its own errors for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            parseManifest(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(KubecrateError);
          }
        },
      ),
    );
  });
});
