/** `kubecrate verify`: reads images anew and says what is missing or damaged. */

import { stat } from 'node:fs/promises';
import { fileError, isMissing, KubecrateError, NotFoundError } from '@kubecrate/errors';
import type { ImageStore } from '@kubecrate/image-store';
import type { VerifyReport } from '@kubecrate/stores';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { openEmbedded } from '../embedded.ts';
import { findEmbedded } from '../find-embedded.ts';
import {
  type OutputOptions,
  openStore,
  type StoreOptions,
  storeDirectory,
  withOutput,
  withStoreOption,
} from '../options.ts';
import { readSettings } from '../settings.ts';
import { findSubject, isPath } from '../subject.ts';
import { count, formatBytes, writeJson } from '../text.ts';
import { joinReports, verifyEmbedded } from '../verify-embedded.ts';
import { verifySubject } from '../verify-subject.ts';

interface Options extends StoreOptions, OutputOptions {}

export function verifyCommand(context: Context): Command {
  const command = new Command('verify')
    .description('Read images anew and hold every byte against its digest; list what is missing or damaged.')
    .argument(
      '[SOURCE]',
      'an image of the store, an archive, an OCI layout, a registry directory or an images directory of KubeKey (default: the whole store)',
    );
  return withOutput(withStoreOption(command)).action((source: string | undefined, options: Options) =>
    verify(source, options, context),
  );
}

async function verify(source: string | undefined, options: Options, context: Context): Promise<void> {
  const { stdout, signal } = context;
  const report =
    source === undefined
      ? await verifyStore(await storeThatIsThere(options, context), signal)
      : await verifySource(source, options, context);
  const { problems } = report;
  if (options.output === 'json') writeJson(stdout, report);
  else
    for (const { kind, subject, where, message } of problems)
      stdout.write(`${kind} ${subject} (${where}): ${message}\n`);
  // Content that nothing refers to is what a broken-off push leaves: no image lacks anything.
  const wrong = problems.filter(({ kind }) => kind !== 'unreferenced');
  if (wrong.length > 0) {
    const what = source === undefined ? 'the store' : JSON.stringify(source);
    throw new KubecrateError('DIGEST_MISMATCH', `${what} is not whole: ${count(wrong.length, 'problem')}`, {
      hint: 'pull, build or save it again; what is whole is not fetched again',
    });
  }
  if (options.output === 'text') stdout.write(summaryOf(report));
}

async function verifyStore(store: ImageStore, signal: AbortSignal): Promise<VerifyReport> {
  const embedded = await (await openEmbedded(store)).images({ signal });
  return joinReports(await store.verify({ signal }), await verifyEmbedded(embedded, signal));
}

/** An image, an archive or a directory, else an embedded image. @throws NotFoundError */
async function verifySource(source: string, options: Options, context: Context): Promise<VerifyReport> {
  const { signal } = context;
  const store = (): Promise<ImageStore> => openStore(options, context);
  try {
    return await verifySubject(await findSubject(source, store, context), { signal });
  } catch (error) {
    if (!(error instanceof NotFoundError) || isPath(source)) throw error;
    const embedded = await findEmbedded(await store(), source, signal);
    if (embedded === undefined) throw error;
    return await verifyEmbedded([embedded], signal);
  }
}

/** Other commands make the store they work on; what is not there has nothing to verify. @throws NotFoundError */
async function storeThatIsThere(options: Options, context: Context): Promise<ImageStore> {
  const directory = storeDirectory(options, await readSettings(options.config, context), context);
  await stat(directory).catch((error: unknown) => {
    if (!isMissing(error)) throw fileError(`cannot read the store ${JSON.stringify(directory)}`, error);
    throw new NotFoundError(`cannot verify the store ${JSON.stringify(directory)}: it is not there`, {
      hint: 'name the directory of a store with --store, or name an image, a directory or an archive',
    });
  });
  return await openStore(options, context);
}

function summaryOf({ checked, bytes }: VerifyReport): string {
  return `everything is whole: ${count(checked, 'blob')}, ${formatBytes(bytes)}\n`;
}
