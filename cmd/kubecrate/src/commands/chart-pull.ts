/** `kubecrate chart pull`: a chart out of a registry, as `helm pull` does it. */

import { join, resolve } from 'node:path';
import { unpackChart } from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import { ensureDirectory } from '@kubecrate/files';
import { MEDIA_TYPES } from '@kubecrate/oci';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { shownPath } from '../kubefile-source.ts';
import {
  imageSignal,
  type OutputOptions,
  openRegistries,
  type RegistryOptions,
  withOutput,
  withRegistryOptions,
} from '../options.ts';
import { findRemoteChart, type RemoteChart, readRemoteChart, writeLayer } from '../remote-chart.ts';
import { openReporter } from '../reporters/reporter.ts';
import { writeJson } from '../text.ts';

interface Options extends RegistryOptions, OutputOptions {
  readonly version?: string;
  readonly destination: string;
  readonly prov?: boolean;
  readonly untar?: boolean;
  readonly untardir?: string;
}

export function chartPullCommand(context: Context): Command {
  const command = new Command('pull')
    .description('Fetch a chart from a registry as NAME-VERSION.tgz, or as a directory.')
    .argument('oci://HOST/PATH/NAME', 'the chart')
    .option('--version <VERSION>', 'a version, or a range of versions (default: the newest release)')
    .option('-d, --destination <DIR>', 'where the archive goes; made where it is missing', '.')
    .option('--prov', 'fetch the .prov file too; it is an error where there is none')
    .option('--untar', 'unpack the chart into the directory NAME, and keep no archive')
    .option('--untardir <DIR>', 'where, below the destination, the chart is unpacked; with --untar');
  return withOutput(withRegistryOptions(command)).action((chart: string, options: Options) =>
    pull(chart, options, context),
  );
}

async function pull(chart: string, options: Options, context: Context): Promise<void> {
  const { stdout, cwd } = context;
  if (options.untardir !== undefined && options.untar !== true) {
    throw new KubecrateError('USAGE', '--untardir needs --untar');
  }
  if (options.untar === true && options.prov === true) {
    throw new KubecrateError('USAGE', '--prov is for the archive, which --untar does not keep');
  }
  const signal = await imageSignal(options, context);
  using reporter = await openReporter('plain', context);
  await using registries = await openRegistries(options, context, reporter.onEvent);
  const remote = await findRemoteChart(chart, options.version, registries, signal);
  const path = await keep(remote, options, { cwd, signal });
  const { name, digest } = remote;
  if (options.output === 'json') writeJson(stdout, { chart: name, digest, file: path });
  else stdout.write(`Pulled: ${name}\nDigest: ${digest}\nwritten to ${shownPath(cwd, path)}\n`);
}

/** Writes what was asked for, and returns the path of the archive or of the directory. */
async function keep(
  remote: RemoteChart,
  { destination, prov, untar, untardir = '.' }: Options,
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<string> {
  const { name, fileName, archive, provenance, source } = remote;
  const directory = resolve(cwd, destination);
  if (untar === true) {
    const bytes = await readRemoteChart(remote, { signal });
    return await unpackChart(name, bytes, resolve(directory, untardir), { signal });
  }
  if (prov === true && provenance === undefined) {
    throw new KubecrateError(
      'UNSUPPORTED',
      `cannot pull ${name}: it has no layer of type ${MEDIA_TYPES.helmProvenance}`,
      {
        hint: 'leave out --prov',
      },
    );
  }
  const path = join(directory, fileName);
  await ensureDirectory(directory);
  await writeLayer(source, archive, path, { signal });
  if (prov === true && provenance !== undefined) await writeLayer(source, provenance, `${path}.prov`, { signal });
  return path;
}
