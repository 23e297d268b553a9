/** `kubecrate tag`: gives an image of the store one more name. */

import { KubecrateError } from '@kubecrate/errors';
import { formatReference, parseReference, withDefaultTag } from '@kubecrate/oci';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { openStore, type StoreOptions, withStoreOption } from '../options.ts';

export function tagCommand(context: Context): Command {
  const command = new Command('tag')
    .description('Give an image one more name; an image that had it loses it.')
    .argument('SOURCE', 'a name, an id or the beginning of one')
    .argument('TARGET', 'the new name; without a tag, its tag is latest');
  return withStoreOption(command).action((source: string, target: string, options: StoreOptions) =>
    tagImage(source, target, { options, context }),
  );
}

async function tagImage(
  source: string,
  target: string,
  { options, context }: { readonly options: StoreOptions; readonly context: Context },
): Promise<void> {
  const reference = withDefaultTag(parseReference(target));
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
  await store.tag(await store.resolve(source, { signal }), formatReference(reference), { signal });
}
