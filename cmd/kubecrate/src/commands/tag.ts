/** `kubecrate tag`: gives an image of the store one more name. */

import { KubecrateError } from '@kubecrate/errors';
import { familiarReference, formatReference, withDefaultTag } from '@kubecrate/oci';
import { Command } from 'commander';
import { parseReferenceArgument } from '../arguments.ts';
import type { Context } from '../context.ts';
import { openEmbedded } from '../embedded.ts';
import { orRefuseEmbedded } from '../find-embedded.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { writeJson } from '../text.ts';

type Options = StoreOptions & OutputOptions;

export function tagCommand(context: Context): Command {
  const command = new Command('tag')
    .description('Give an image one more name; an image that had it loses it.')
    .argument('SOURCE', 'a name, an id or the beginning of one')
    .argument('TARGET', 'the new name; without a tag, its tag is latest');
  return withOutput(withStoreOption(command)).action((source: string, target: string, options: Options) =>
    tagImage(source, target, { options, context }),
  );
}

async function tagImage(
  source: string,
  target: string,
  { options, context }: { readonly options: Options; readonly context: Context },
): Promise<void> {
  const reference = withDefaultTag(parseReferenceArgument(target));
  if (reference.digest !== undefined) {
    throw new KubecrateError(
      'INVALID_REFERENCE',
      `cannot give an image the name ${JSON.stringify(target)}: it has a digest`,
      {
        hint: 'a name has a tag; the digest follows from the image',
      },
    );
  }
  const store = await openStore(options, context);
  const { signal } = context;
  const descriptor = await orRefuseEmbedded(store, { image: source, verb: 'tag', signal }, () =>
    store.resolve(source, { signal }),
  );
  const name = familiarReference(reference);
  if ((await (await openEmbedded(store)).find(name, { signal })) !== undefined) {
    throw new KubecrateError('CONFLICT', `cannot tag ${JSON.stringify(source)}: an embedded image is named ${name}`, {
      hint: `choose another name, or remove that image first: kubecrate rmi ${name}`,
    });
  }
  await store.tag(descriptor, formatReference(reference), { signal });
  if (options.output === 'json') {
    writeJson(context.stdout, { source, target: name, digest: descriptor.digest });
  }
}
