/** Reading the files of embedded images anew, where they lie. */

import type { EmbeddedImage } from '@kubecrate/embedded';
import { KubecrateError, messageOf, NotFoundError } from '@kubecrate/errors';
import type { Problem, VerifyReport } from '@kubecrate/stores';

/** The checks of `load`, and that the manifest is still the one that was loaded. */
export async function verifyEmbedded(images: readonly EmbeddedImage[], signal: AbortSignal): Promise<VerifyReport> {
  const problems: Problem[] = [];
  let checked = 0;
  let bytes = 0;
  for (const image of images) {
    const problem = await problemOf(image, signal);
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    // The first layer is the root file system of the machine.
    checked += image.manifest.layers.length;
    bytes += image.bytes.byteLength + image.size;
  }
  return { checked, bytes, problems };
}

async function problemOf(image: EmbeddedImage, signal: AbortSignal): Promise<Problem | undefined> {
  const { readEmbeddedImage } = await import('@kubecrate/embedded');
  const told = { subject: image.digest, where: image.manifest.imageName };
  try {
    const { digest } = await readEmbeddedImage(image.path, { signal });
    if (digest === image.digest) return undefined;
    return { kind: 'corrupt', ...told, message: `${JSON.stringify(image.path)} is another manifest now, ${digest}` };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubecrateError)) throw error;
    const kind = error instanceof NotFoundError ? 'missing' : 'corrupt';
    return { kind, ...told, message: messageOf(error.cause ?? error) };
  }
}

/** Two reports as one. */
export function joinReports(a: VerifyReport, b: VerifyReport): VerifyReport {
  return { checked: a.checked + b.checked, bytes: a.bytes + b.bytes, problems: [...a.problems, ...b.problems] };
}
