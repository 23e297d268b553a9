/** `kubecrate verify`: reads images anew and says what is missing or damaged. */

import { KubecrateError } from '@kubecrate/errors';
import type { VerifyReport } from '@kubecrate/stores';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { type OutputOptions, openStore, type StoreOptions, withOutput, withStoreOption } from '../options.ts';
import { findSubject } from '../subject.ts';
import { count, formatBytes, writeJson } from '../text.ts';
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
  const store = (): ReturnType<typeof openStore> => openStore(options, context);
  const report =
    source === undefined
      ? await (await store()).verify({ signal })
      : await verifySubject(await findSubject(source, store, context), { signal });
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

function summaryOf({ checked, bytes }: VerifyReport): string {
  return `everything is whole: ${count(checked, 'blob')}, ${formatBytes(bytes)}\n`;
}
