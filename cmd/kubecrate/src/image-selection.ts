/** The options by which a command says how sure it wants to be of the images that it found. */

import type { SelectImagesOptions } from '@kubecrate/builder';
import type { Confidence } from '@kubecrate/discovery';
import { KubecrateError } from '@kubecrate/errors';
import { type Command, Option } from 'commander';

export interface ConfidenceOptions {
  readonly confidence: Confidence;
}

/** `--confidence LEVEL`: `what` says what it decides. */
export function withConfidence(command: Command, what: string): Command {
  return command.addOption(
    new Option('--confidence <LEVEL>', what).choices(['certain', 'likely', 'possible']).default('likely'),
  );
}

/** What a build saves. @throws KubecrateError USAGE for a probe of images that are not saved */
export function readSelection({
  confidence,
  probe,
}: ConfidenceOptions & { readonly probe?: boolean }): SelectImagesOptions {
  if (probe === true && confidence !== 'possible') {
    throw new KubecrateError('USAGE', '--probe is for images that are possible at most, and these are not saved', {
      hint: 'add --confidence possible, or ask: kubecrate list-images --probe',
    });
  }
  return { leastConfidence: confidence, possibleImages: probe === true ? 'probed' : 'believed' };
}
