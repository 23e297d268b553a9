/** `kubecrate load --type embedded`: checks an embedded image where it lies and remembers it. */

import { resolve } from 'node:path';
import { KubecrateError } from '@kubecrate/errors';
import type { Context } from '../context.ts';
import { embeddedReport, openEmbedded } from '../embedded.ts';
import { imageSignal, type OutputOptions, openStore, type StoreOptions } from '../options.ts';
import { writeJson } from '../text.ts';

export interface LoadEmbeddedOptions extends StoreOptions, OutputOptions {
  /** The manifest. */
  readonly input: string;
  readonly tag?: string;
}

/** @throws KubecrateError USAGE with a tag: an embedded image has the name that its manifest gives it */
export async function loadEmbedded(options: LoadEmbeddedOptions, context: Context): Promise<void> {
  if (options.tag !== undefined) {
    throw new KubecrateError('USAGE', 'Option --tag can be used only when type is docker');
  }
  const file = resolve(context.cwd, options.input);
  const { readEmbeddedImage } = await import('@kubecrate/embedded');
  const signal = await imageSignal(options, context);
  const image = await readEmbeddedImage(file, { signal });
  const embedded = await openEmbedded(await openStore(options, context));
  await embedded.add(image, { signal });
  if (options.output === 'json') writeJson(context.stdout, [embeddedReport(image)]);
  else context.stdout.write(`Load image from "${file}" success\n`);
}
