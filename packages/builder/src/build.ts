/** Building a cluster image: a Kubefile and a context in, an image in the store out. */

import { KubecrateError } from '@kubecrate/errors';
import { openDirectoryTree } from '@kubecrate/files';
import {
  type Diagnostic,
  evaluate,
  inFileOrder,
  type Kubefile,
  parseKubefile,
  throwOnErrors,
} from '@kubecrate/kubefile';
import { type Descriptor, formatReference, withDefaultTag } from '@kubecrate/oci';
import { assembleIndex } from '@kubecrate/packer';
import type { BuildOptions, BuildTools } from './build-options.ts';
import { type BuiltPlatform, buildPlatform } from './build-platform.ts';
import { checkSources } from './check-sources.ts';
import { readIgnoreFile } from './ignore-file.ts';

export interface BuildResult {
  /** The manifest, or the index where several platforms were built. */
  readonly descriptor: Descriptor;
  readonly platforms: readonly BuiltPlatform[];
  /** Warnings about the Kubefile. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Builds the image, puts it into the store and gives it its names. A wrong Kubefile is refused before anything is fetched.
 * @throws KubecrateError INVALID_KUBEFILE with every error of the file; what a step or an image fails with
 */
export async function build(options: BuildOptions, tools: BuildTools): Promise<BuildResult> {
  tools.signal?.throwIfAborted();
  const { kubefile, warnings } = await readKubefile(options, tools.signal);
  await using _lease = await tools.store.lease({ signal: tools.signal });
  const platforms: BuiltPlatform[] = [];
  for (const platform of options.platforms) platforms.push(await buildPlatform(kubefile, platform, options, tools));
  const [only, ...others] = platforms;
  if (only === undefined) throw new KubecrateError('INVALID_ARGUMENT', 'cannot build for no platform');
  const descriptor =
    others.length === 0
      ? only.descriptor
      : await assembleIndex(
          platforms.map((platform) => platform.descriptor),
          tools.store,
          { signal: tools.signal },
        );
  for (const name of options.names) {
    await tools.store.tag(descriptor, formatReference(withDefaultTag(name)), { signal: tools.signal });
  }
  return { descriptor, platforms, warnings };
}

/** Parses the Kubefile and expands it for every platform, so that all that is wrong is said at once. */
export async function readKubefile(
  options: BuildOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly kubefile: Kubefile; readonly warnings: readonly Diagnostic[] }> {
  const { text, file } = options.kubefile;
  const kubefile = parseKubefile(text, { file });
  const { buildArgs } = options;
  const evaluations = options.platforms.map((platform) => evaluate(kubefile, { platform, buildArgs }));
  const expanded = evaluations.flatMap(({ diagnostics }) => diagnostics);
  const reported = [...kubefile.diagnostics, ...expanded];
  const ignore = await readIgnoreFile(options.context);
  const context = { context: openDirectoryTree(options.context), ignore, text, reported };
  const sources = await Promise.all(evaluations.map(({ stages }) => checkSources(stages, { ...context, signal })));
  const diagnostics = [
    ...new Map([...reported, ...sources.flat()].map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values(),
  ];
  throwOnErrors(inFileOrder(diagnostics), text, file);
  return { kubefile, warnings: diagnostics.filter(({ severity }) => severity === 'warning') };
}
