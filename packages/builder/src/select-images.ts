/** Which of the images that were found a build saves. */

import { type Confidence, type DiscoveredImage, type Discovery, isAtLeast } from '@kubecrate/discovery';
import type { BuildTools } from './build-options.ts';
import { probeImages } from './probe-images.ts';

export interface SelectImagesOptions {
  /** The least confidence of an image that is saved; `likely` unless given. */
  readonly leastConfidence?: Confidence | undefined;
  /** `probed`: of the images that are `possible` at most, those alone are saved that a registry has. Default `believed`. */
  readonly possibleImages?: 'probed' | 'believed' | undefined;
}

/** The images to save; of a `possible` one that no registry has, a warning is told. */
export async function selectImages(
  { images }: Discovery,
  { leastConfidence = 'likely', possibleImages }: SelectImagesOptions,
  { registries, onEvent, signal }: Pick<BuildTools, 'registries' | 'onEvent' | 'signal'>,
): Promise<readonly DiscoveredImage[]> {
  const selected = images.filter(({ confidence }) => isAtLeast(confidence, leastConfidence));
  if (possibleImages !== 'probed') return selected;
  const possible = selected.filter(({ confidence }) => confidence === 'possible').map(({ image }) => image);
  const probes = await probeImages(possible, registries, { signal });
  return selected.filter(({ image }) => {
    const probe = probes.get(image);
    if (probe === undefined || probe.outcome === 'present') return true;
    const reason = probe.outcome === 'absent' ? 'its registry does not have it' : probe.error.message;
    onEvent({ type: 'warning', message: `${image} is possibly an image, and is not saved: ${reason}` });
    return false;
  });
}
