import { MemoryStore, readManifest } from '@kubecrate/content';
import { image, index, pushImage } from '@kubecrate/content/testing';
import { formatPlatform, parsePlatform } from '@kubecrate/oci';
import { describe, expect, test } from 'vitest';
import { filtered, parseFilter } from './filter.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'windows/amd64'];

async function kept(given: Parameters<typeof parseFilter>[0]): Promise<readonly string[]> {
  const source = new MemoryStore();
  const children = PLATFORMS.map((name, seed) => image({ seed, platform: parsePlatform(name) }));
  await pushImage(source, index(children), 't');
  const view = filtered(source, parseFilter(given)).target;
  const { manifest } = await readManifest(view, await view.resolve('t'));
  return manifest.kind === 'index'
    ? manifest.manifests.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []))
    : [];
}

describe('a platform filter', () => {
  test.each([
    [{}, PLATFORMS],
    [{ platform: ['all'] }, PLATFORMS],
    [{ platform: ['all', 'linux/amd64'] }, PLATFORMS],
    [{ os: ['linux'] }, ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6']],
    [{ arch: ['amd64'] }, ['linux/amd64', 'windows/amd64']],
    [{ os: ['linux'], arch: ['amd64,arm64'] }, ['linux/amd64', 'linux/arm64']],
    [{ arch: ['arm'] }, ['linux/arm/v7', 'linux/arm/v6']],
    [{ arch: ['arm:v6', 'x86_64'], os: ['Linux'] }, ['linux/amd64', 'linux/arm/v6']],
    [{ platform: ['linux/arm/v7', 'windows/amd64'] }, ['linux/arm/v7', 'windows/amd64']],
    [{ platform: ['linux/arm'] }, ['linux/arm/v7', 'linux/arm/v6']],
  ])('%j keeps %j', async (given, expected) => {
    expect(await kept(given)).toEqual(expected);
  });

  test('of a system with a version keeps that version', async () => {
    const source = new MemoryStore();
    const versions = ['10.0.17763.1817', '10.0.20348.1'];
    const children = versions.map((version, seed) =>
      image({ seed, platform: { ...parsePlatform('windows/amd64'), 'os.version': version } }),
    );
    await pushImage(source, index(children), 't');
    const keptOf = async (os: string): Promise<unknown> => {
      const view = filtered(source, parseFilter({ os: [os] })).target;
      const { manifest } = await readManifest(view, await view.resolve('t'));
      return manifest.kind === 'index' ? manifest.manifests.map(({ platform }) => platform?.['os.version']) : [];
    };
    expect(await keptOf('windows:10.0.20348.1')).toEqual(['10.0.20348.1']);
    expect(await keptOf('windows')).toEqual(versions);
  });

  test('nothing that fits is PLATFORM_MISSING; single images are filtered too', async () => {
    await expect(kept({ arch: ['s390x'] })).rejects.toMatchObject({ code: 'PLATFORM_MISSING' });
    const source = new MemoryStore();
    await pushImage(source, image({ seed: 1, platform: parsePlatform('linux/arm64') }), 't');
    await expect(filtered(source, parseFilter({ arch: ['amd64'] })).target.resolve('t')).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
    });
    await expect(filtered(source, parseFilter({ arch: ['arm64'] })).target.resolve('t')).resolves.toMatchObject({});
  });

  test('wrong values are refused', () => {
    expect(() => parseFilter({ platform: ['linux/'] })).toThrowError(
      expect.objectContaining({ code: 'INVALID_PLATFORM' }),
    );
    expect(() => parseFilter({ arch: ['amd64,a/b/c'] })).toThrowError(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('cannot use --arch "a/b/c": ') }),
    );
    expect(() => parseFilter({ arch: ['arm46'] })).toThrowError(
      expect.objectContaining({ code: 'USAGE', hint: 'did you mean "arm64"?' }),
    );
    expect(() => parseFilter({ os: ['windows,linx'] })).toThrowError(
      expect.objectContaining({
        code: 'USAGE',
        message: 'cannot use --os "linx": the operating system "linx" is not known',
        hint: 'did you mean "linux"?',
      }),
    );
    expect(() => parseFilter({ arch: ['a b'] })).toThrowError(expect.objectContaining({ code: 'USAGE' }));
    expect(() => parseFilter({ platform: ['linux/amd64'], os: ['linux'] })).toThrowError(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });
});
