/** `kubecrate pull`: copies images from registries into the store. */

import { type CopyJob, type CopyResult, copyImages } from '@kubecrate/content';
import {
  askedRepository,
  familiarReference,
  formatReference,
  type Platform,
  parseReference,
  type Reference,
  tagOrDigest,
  withDefaultTag,
} from '@kubecrate/oci';
import { Command } from 'commander';
import { collectList, machinePlatform, parsePlatformOption, parseReferenceArgument } from '../arguments.ts';
import type { Context } from '../context.ts';
import { type Copied, copiedIn, fieldsOf, refuseFailed } from '../copy-outcome.ts';
import {
  imageSignal,
  openRegistries,
  openStore,
  readRegistryConfig,
  type TransferOptions,
  withTransfer,
} from '../options.ts';
import { errorFields } from '../reporters/json.ts';
import { openReporter } from '../reporters/reporter.ts';
import { hintAtShortNames } from '../short-names.ts';
import { writeJson } from '../text.ts';

interface Options extends TransferOptions {
  readonly platform?: readonly string[];
}

export function pullCommand(context: Context): Command {
  const command = new Command('pull')
    .description('Copy images from registries into the store.')
    .argument('IMAGE...', 'NAME[:TAG|@DIGEST]')
    .option(
      '--platform <OS/ARCH>',
      'the platforms to take of an image that has several, or all (default: of this machine)',
      collectList,
    );
  return withTransfer(command).action((images: readonly string[], options: Options) =>
    pullImages(images, options, context),
  );
}

async function pullImages(images: readonly string[], options: Options, context: Context): Promise<void> {
  const platforms = platformsOf(options, context);
  const references = images.map((image) => ({ image, reference: withDefaultTag(parseReferenceArgument(image)) }));
  const store = await openStore(options, context);
  const signal = await imageSignal(options, context);
  await using _lease = await store.lease({ signal });
  using reporter = await openReporter(options.progress, context, { verb: 'pulled' });
  await using registries = await openRegistries(options, context, reporter.onEvent);
  for (const { image } of references)
    if (options.progress !== 'json') context.stderr.write(`Image "${image}" pulling\n`);
  const jobs = references.map(({ image, reference }): CopyJob => {
    const { domain, repository } = askedRepository(image, reference);
    return {
      image,
      source: registries.repository(domain, repository),
      reference: tagOrDigest(reference),
      destination: store,
      tags: [formatReference(storedName(reference))],
    };
  });
  const report = await copyImages(jobs, { platforms, signal, onEvent: reporter.onEvent });
  const pulled = copiedIn(report);
  if (options.output === 'json')
    writeJson(
      context.stdout,
      report.results.map((result) => ({ image: result.job.image, ...outcomeOf(result) })),
    );
  else for (const result of pulled) context.stdout.write(`Image "${digestName(result)}" pulled\n`);
  if (pulled.length === jobs.length) return;
  refuseFailed(hintAtShortNames(report, await readRegistryConfig(options, context)), 'pull');
}

function outcomeOf(result: CopyResult): object {
  return result.status === 'failed' ? { status: 'failed', error: errorFields(result.error) } : fieldsOf(result);
}

/** A name with both a tag and a digest is stored under its tag. */
function storedName({ digest, ...reference }: Reference): Reference {
  return reference.tag === undefined && digest !== undefined ? { ...reference, digest } : reference;
}

function platformsOf({ platform }: Options, { arch }: Context): readonly Platform[] | undefined {
  if (platform === undefined) return [machinePlatform(arch)];
  return platform.includes('all') ? undefined : platform.map(parsePlatformOption);
}

/** The name as it was given, with the digest in place of the tag. */
function digestName({ job, descriptor }: Copied): string {
  const { domain, repository } = parseReference(job.image);
  return familiarReference({ domain, repository, digest: descriptor.digest });
}
