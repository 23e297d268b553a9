/** `kubecrate push`: copies an image of the store to a registry. */

import { type CopyReport, type CopyResult, copyImages } from '@kubecrate/content';
import { KubecrateError } from '@kubecrate/errors';
import {
  DOCKER_HUB,
  familiarReference,
  formatPlatform,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '@kubecrate/oci';
import { Command } from 'commander';
import { collectList, parsePlatformOption, parseReferenceArgument } from '../arguments.ts';
import { checkStoredImage } from '../check-stored-image.ts';
import type { Context } from '../context.ts';
import { copiedIn, fieldsOf, refuseFailed } from '../copy-outcome.ts';
import { orRefuseEmbedded } from '../find-embedded.ts';
import { leaseImages } from '../lease-images.ts';
import { imageSignal, openRegistries, openStore, type TransferOptions, withTransfer } from '../options.ts';
import { openReporter } from '../reporters/reporter.ts';
import { spelledOut } from '../spelled-out.ts';
import { wholeImage } from '../stored-platforms.ts';
import { writeJson } from '../text.ts';

interface Options extends TransferOptions {
  readonly platform?: readonly string[];
}

export function pushCommand(context: Context): Command {
  const command = new Command('push')
    .description('Copy an image of the store to a registry.')
    .argument('IMAGE', 'a name, which says where it goes, or an id')
    .argument('[DESTINATION]', 'the name it gets there, where that is another one')
    .option(
      '--platform <OS/ARCH>',
      'the platforms to push of an image that has several (default: all that are stored)',
      collectList,
    );
  return withTransfer(command).action((image: string, destination: string | undefined, options: Options) =>
    pushImage({ image, destination }, options, context),
  );
}

async function pushImage(
  { image, destination }: { readonly image: string; readonly destination: string | undefined },
  options: Options,
  context: Context,
): Promise<void> {
  const platforms = options.platform?.map(parsePlatformOption);
  const store = await openStore(options, context);
  const signal = await imageSignal(options, context);
  const stored = await orRefuseEmbedded(store, { image, verb: 'push', signal }, () => store.image(image, { signal }));
  await checkStoredImage(store, image, options, context);
  const name = nameOf(image, stored.names);
  const target = withDefaultTag(parseReferenceArgument(destination ?? name ?? refuseUnnamed(image)));
  if (target.tag === undefined || target.digest !== undefined) {
    throw new KubecrateError('INVALID_REFERENCE', `cannot push to ${formatReference(target)}: it has a digest`, {
      hint: 'name it with a tag: the digest comes of the content',
    });
  }
  await using _lease = await leaseImages(store, [stored.descriptor], { signal });
  using reporter = await openReporter(options.progress, context, { verb: 'pushed' });
  await using registries = await openRegistries(options, context, reporter.onEvent);
  const source = name === undefined ? store : store.beside(name);
  const whole = await wholeImage(source, { name: image, descriptor: stored.descriptor }, { platforms, signal });
  if (whole.form === 'narrowed' && platforms === undefined) {
    const has = stored.platforms.map(formatPlatform).join(', ');
    reporter.onEvent({
      type: 'warning',
      message: `${image} is stored for ${has} alone: it gets a digest of its own, ${whole.descriptor.digest}`,
    });
  }
  const job = {
    image,
    source: whole.source,
    reference: whole.descriptor.digest,
    destination: registries.destination(target.domain, target.repository),
    tags: [target.tag],
    mountFrom: repositoryBeside(target, stored.names),
  };
  const report = await copyImages([job], { signal, onEvent: reporter.onEvent });
  const pushed = familiarReference(target);
  const { domain, repository } = target;
  for (const result of copiedIn(report)) {
    const { digest } = result.descriptor;
    if (options.output === 'json') writeJson(context.stdout, { image: pushed, ...fieldsOf(result) });
    else context.stdout.write(`Image "${familiarReference({ domain, repository, digest })}" pushed\n`);
  }
  refuseFailed(destination === undefined ? hintAtDestination(report, target) : report, 'push');
}

/** The report; a name of Docker Hub may have been meant for another registry. */
function hintAtDestination({ results }: CopyReport, target: Reference): CopyReport {
  if (target.domain !== DOCKER_HUB) return { results };
  const told = (result: CopyResult): CopyResult => {
    if (result.status !== 'failed' || !(result.error instanceof KubecrateError)) return result;
    const { error, job } = result;
    const own = `this goes to Docker Hub; for another registry name the destination: kubecrate push ${job.image} HOST/${target.repository.replace(/^library\//, '')}:${target.tag}`;
    const hint = error.hint === undefined ? own : `${error.hint}; ${own}`;
    return { ...result, error: new KubecrateError(error.code, error.message, { cause: error, hint }) };
  };
  return { results: results.map(told) };
}

/** The name that was given, where it is one of the image; an id says nothing of where it goes, unless there is one name alone. */
function nameOf(text: string, names: readonly string[]): string | undefined {
  return names.find((name) => name === spelledOut(text)) ?? (names.length === 1 ? names[0] : undefined);
}

/** Another repository of the same registry that the image was pulled from, or pushed to: it may have the blobs. */
function repositoryBeside({ domain, repository }: Reference, names: readonly string[]): string | undefined {
  return names.map(parseReference).find((known) => known.domain === domain && known.repository !== repository)
    ?.repository;
}

function refuseUnnamed(text: string): never {
  throw new KubecrateError('USAGE', `${JSON.stringify(text)} does not say where to push`, {
    hint: 'name the destination: kubecrate push IMAGE DESTINATION',
  });
}
