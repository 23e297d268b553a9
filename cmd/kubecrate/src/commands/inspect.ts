/** `kubecrate inspect`: prints everything about images, or what a template asks for. */

import { parsePlatform } from '@kubecrate/oci';
import { Command } from 'commander';
import { machinePlatform } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type ImageDocument, readImageDocument } from '../image-document.ts';
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
    .option('--platform <OS/ARCH>', 'the platform to show of an image that has several (default: of this machine)');
  return withStoreOption(command).action((images: readonly string[], options: Options) =>
    inspect(images, options, context),
  );
}

async function inspect(images: readonly string[], options: Options, context: Context): Promise<void> {
  const { signal, arch, stdout } = context;
  const store = await openStore(options, context);
  const machine = machinePlatform(arch);
  const wanted = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const documents: ImageDocument[] = [];
  for (const name of images) {
    documents.push(await readImageDocument(store, await store.image(name, { signal }), { wanted, machine, signal }));
  }
  if (options.format === undefined) {
    stdout.write(`${JSON.stringify(documents, undefined, 4)}\n`);
  } else {
    const { formatEach } = await import('../format-template.ts');
    stdout.write(formatEach(options.format, documents));
  }
}
