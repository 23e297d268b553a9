/** `kubecrate search`: lists the tags of a repository. */

import { KubecrateError } from '@kubecrate/errors';
import { askedRepository, formatReference } from '@kubecrate/oci';
import { Command } from 'commander';
import { parseCount, parseReferenceArgument } from '../arguments.ts';
import type { Context } from '../context.ts';
import {
  type OutputOptions,
  openRegistries,
  type RegistryOptions,
  withOutput,
  withRegistryOptions,
} from '../options.ts';
import { writeJson } from '../text.ts';

interface Options extends RegistryOptions, OutputOptions {
  readonly limit?: string;
}

export function searchCommand(context: Context): Command {
  const command = new Command('search')
    .description('List the tags of a repository of a registry, in the order of the registry.')
    .argument('REPOSITORY', 'for example registry.example.com/team/app')
    .option('--limit <N>', 'list no more than this');
  return withOutput(withRegistryOptions(command)).action((repository: string, options: Options) =>
    listTags(repository, options, context),
  );
}

async function listTags(text: string, options: Options, context: Context): Promise<void> {
  const { signal, stdout } = context;
  const reference = parseReferenceArgument(text);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw new KubecrateError('USAGE', `${JSON.stringify(text)} is no repository: it has a tag or a digest`, {
      hint: 'leave out what follows the repository',
    });
  }
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : parseCount('--limit', options.limit, 1);
  await using registries = await openRegistries(options, context);
  const tags: string[] = [];
  const asked = askedRepository(text, reference);
  for await (const tag of registries.repository(asked.domain, asked.repository).tags({ signal })) {
    if (tags.push(tag) >= limit) break;
  }
  if (options.output === 'json') writeJson(stdout, { repository: formatReference(reference), tags });
  else stdout.write(tags.map((tag) => `${tag}\n`).join(''));
}
