/** The parts of an image that `copy` moves. */

import { platformMissing, readContent, readManifest } from '@kubecrate/content';
import {
  type Descriptor,
  MEDIA_TYPES,
  matchesPlatform,
  type Platform,
  parseImageConfig,
  platformOfConfig,
} from '@kubecrate/oci';
import { wholeImage } from '../stored-platforms.ts';
import type { OpenSource } from './open-source.ts';

export interface Choice {
  /** The platforms wanted; all that are there where it is absent. */
  readonly platforms: readonly Platform[] | undefined;
  /** `asked`: an image that has none of them is refused. `default`: an image of one other platform is taken as it is. */
  readonly reason: 'asked' | 'default';
  /** Whether the destination takes an index that lacks children. */
  readonly indexes: 'whole' | 'sparse';
  readonly signal: AbortSignal;
}

/** What to copy, and the platforms that the copy has to choose itself. */
export interface ChosenImage {
  readonly source: OpenSource['target'];
  readonly descriptor: Descriptor;
  readonly platforms: readonly Platform[] | undefined;
}

/** @throws KubecrateError PLATFORM_MISSING */
export async function chooseImage(
  { target, descriptor }: OpenSource,
  name: string,
  { platforms, reason, indexes, signal }: Choice,
): Promise<ChosenImage> {
  const { manifest } = await readManifest(target, descriptor, { signal });
  if (manifest.kind === 'manifest') {
    const { config } = manifest;
    if (reason === 'asked' && platforms !== undefined && IMAGE_CONFIGS.has(config.mediaType)) {
      const platform = platformOfConfig(parseImageConfig(await readContent(target, config, { signal })));
      const fits = platform !== undefined && platforms.some((wanted) => matchesPlatform(platform, wanted));
      if (!fits) throw platformMissing(name, platforms, platform === undefined ? [] : [platform]);
    }
    return { source: target, descriptor, platforms: undefined };
  }
  if (indexes === 'sparse' && platforms !== undefined) return { source: target, descriptor, platforms };
  const whole = await wholeImage(target, { name, descriptor }, { platforms, signal });
  return { source: whole.source, descriptor: whole.descriptor, platforms: undefined };
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);
