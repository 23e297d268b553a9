/** `kubecrate chart package`: a chart directory into an archive, with the same bytes every time. */

import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ChartVersions, packageChart } from '@kubecrate/charts';
import { ensureDirectory, openAtomicFile } from '@kubecrate/files';
import { Command } from 'commander';
import { parseEpoch } from '../arguments.ts';
import type { Context } from '../context.ts';
import { shownPath } from '../kubefile-source.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { writeJson } from '../text.ts';

interface Options extends OutputOptions, ChartVersions {
  readonly destination: string;
}

export function chartPackageCommand(context: Context): Command {
  const command = new Command('package')
    .description('Pack a chart directory as NAME-VERSION.tgz; the same files give the same bytes.')
    .argument('DIR', 'the directory with the Chart.yaml')
    .option('-d, --destination <DIR>', 'where the archive goes; made where it is missing', '.')
    .option('--version <VERSION>', 'the version of the chart, in place of that of Chart.yaml')
    .option('--app-version <VERSION>', 'the version of what it installs, in place of that of Chart.yaml');
  return withOutput(command).action((directory: string, options: Options) => packageTo(directory, options, context));
}

async function packageTo(directory: string, options: Options, { cwd, env, signal, stdout }: Context): Promise<void> {
  const { metadata, filename, archive } = await packageChart(resolve(cwd, directory), {
    mtime: parseEpoch(env['SOURCE_DATE_EPOCH']),
    version: options.version,
    appVersion: options.appVersion,
    signal,
  });
  const destination = resolve(cwd, options.destination);
  await ensureDirectory(destination);
  const path = join(destination, filename);
  await using file = await openAtomicFile(path, { signal });
  await pipeline(archive, file.writable(), { signal });
  await file.commit();
  const { name, version } = metadata;
  if (options.output === 'json') writeJson(stdout, { name, version, file: path });
  else stdout.write(`packaged ${name} ${version} into ${shownPath(cwd, path)}\n`);
}
