import { type Descriptor, digestOf, type ImageIndex, MEDIA_TYPES, parsePlatform, platformOf } from '@kubecrate/oci';
import { describe, expect, it } from 'vitest';
import { platformsOf, selectPlatforms } from './select-platforms.ts';

function child(platform: string | undefined, annotations?: Record<string, string>): Descriptor {
  const [os = '', architecture = '', variant] = platform?.split('/') ?? [];
  const digest = digestOf(`${platform} ${JSON.stringify(annotations ?? '')}`);
  return {
    mediaType: MEDIA_TYPES.ociManifest,
    digest,
    size: 1,
    ...(platform === undefined ? {} : { platform: platformOf(os, architecture, variant) }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function indexOf(...manifests: Descriptor[]): ImageIndex {
  return { kind: 'index', mediaType: MEDIA_TYPES.ociIndex, manifests };
}

const select = (index: ImageIndex, ...platforms: string[]): readonly Descriptor[] =>
  selectPlatforms(index, platforms.map(parsePlatform)).manifests;

describe('selectPlatforms', () => {
  it('takes everything where no platform is asked for', () => {
    const index = indexOf(child('linux/amd64'), child('windows/amd64'));
    expect(selectPlatforms(index, undefined)).toEqual({ manifests: index.manifests, missing: [] });
  });

  it('takes the exact variant, then one without a variant, then for arm the highest older one', () => {
    const [v5, v6, v7] = [child('linux/arm/v5'), child('linux/arm/v6'), child('linux/arm/v7')];
    expect(select(indexOf(v5, v6, v7), 'linux/arm/v6')).toEqual([v6]);
    expect(select(indexOf(v5, v6, v7), 'linux/arm')).toEqual([v7]);
    expect(select(indexOf(v5, v6), 'linux/arm/v7')).toEqual([v6]);
    expect(select(indexOf(v7), 'linux/arm/v6')).toEqual([]);
  });

  it('finds arm64 whether or not the index spells v8', () => {
    const arm64 = child('linux/arm64/v8');
    expect(select(indexOf(child('linux/amd64'), arm64), 'linux/arm64')).toEqual([arm64]);
  });

  it('names the platforms that are missing', () => {
    const { missing } = selectPlatforms(
      indexOf(child('linux/amd64')),
      ['linux/amd64', 'linux/s390x'].map(parsePlatform),
    );
    expect(missing).toEqual([parsePlatform('linux/s390x')]);
  });

  it('takes an attestation with the image it speaks of, and only then', () => {
    const [amd64, arm64] = [child('linux/amd64'), child('linux/arm64')];
    const [first, second] = [amd64, arm64].map(({ digest }) =>
      child('unknown/unknown', {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': digest,
      }),
    );
    const index = indexOf(amd64, arm64, first!, second!);
    expect(select(index, 'linux/arm64')).toEqual([arm64, second]);
    expect(platformsOf(index)).toEqual([amd64.platform, arm64.platform]);
  });

  it('takes children without a platform whatever is asked for', () => {
    const artifact = child(undefined);
    expect(select(indexOf(artifact), 'linux/amd64')).toEqual([artifact]);
  });
});
