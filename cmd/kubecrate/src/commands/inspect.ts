/** `kubecrate inspect`: prints everything about images, or what a template asks for. */

import { NotFoundError } from '@kubecrate/errors';
import type { ImageStore, StoredImage } from '@kubecrate/image-store';
import { Command, Option } from 'commander';
import { machinePlatform, parsePlatformOption } from '../arguments.ts';
import type { Context } from '../context.ts';
import { findEmbedded } from '../find-embedded.ts';
import { readImageDocument } from '../image-document.ts';
import { openStore, type StoreOptions, withStoreOption } from '../options.ts';

interface Options extends StoreOptions {
  readonly format?: string;
  readonly platform?: string;
}

export function inspectCommand(context: Context): Command {
  const command = new Command('inspect')
    .description('Print everything about images as JSON, or what a template asks for.')
    .argument('IMAGE...', 'names, ids or beginnings of ids')
    .option('-f, --format <TEMPLATE>', 'a Go template, for example {{json .image.id}}')
    .option('--platform <OS/ARCH>', 'the platform to show of an image that has several (default: of this machine)')
    .addOption(
      new Option('--output <FORMAT>', 'how to print without a template')
        .choices(['json'])
        .default('json')
        .conflicts('format'),
    );
  return withStoreOption(command).action((images: readonly string[], options: Options) =>
    inspect(images, options, context),
  );
}

async function inspect(images: readonly string[], options: Options, context: Context): Promise<void> {
  const { signal, arch, stdout } = context;
  const store = await openStore(options, context);
  const machine = machinePlatform(arch);
  const wanted = options.platform === undefined ? undefined : parsePlatformOption(options.platform);
  const documents: object[] = [];
  for (const name of images) {
    const found = await findImage(store, name, signal);
    documents.push(
      'document' in found ? found.document : await readImageDocument(store, found, { wanted, machine, signal }),
    );
  }
  if (options.format === undefined) {
    stdout.write(`${JSON.stringify(documents, undefined, 4)}\n`);
  } else {
    const { formatEach } = await import('../format-template.ts');
    stdout.write(formatEach(options.format, documents));
  }
}

/** An image of the store, or what the manifest of an embedded image says. @throws NotFoundError */
async function findImage(
  store: ImageStore,
  name: string,
  signal: AbortSignal,
): Promise<StoredImage | { readonly document: object }> {
  try {
    return await store.image(name, { signal });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const found = await findEmbedded(store, name, signal);
    if (found === undefined) throw error;
    return { document: found.manifest.document };
  }
}
