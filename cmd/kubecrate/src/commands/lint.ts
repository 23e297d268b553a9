/** `kubecrate lint`: says everything that is wrong with a Kubefile, without fetching anything. */

import { checkSources, readIgnoreFile } from '@kubecrate/builder';
import { KubecrateError } from '@kubecrate/errors';
import { openDirectoryTree } from '@kubecrate/files';
import { evaluate, formatDiagnostics, inFileOrder, parseKubefile } from '@kubecrate/kubefile';
import { Command } from 'commander';
import { collect, collectList, parsePairs, parsePlatforms } from '../arguments.ts';
import type { Context } from '../context.ts';
import { readKubefile } from '../kubefile-source.ts';
import { type OutputOptions, withOutput } from '../options.ts';
import { writeJson } from '../text.ts';

interface Options extends OutputOptions {
  readonly file?: string;
  readonly buildArg?: readonly string[];
  readonly platform?: readonly string[];
}

export function lintCommand(context: Context): Command {
  const command = new Command('lint')
    .description('Check a Kubefile: report every error and warning at once, fetch nothing.')
    .argument('[PATH]', 'the build context', '.')
    .option('-f, --file <FILE>', 'the Kubefile (default: PATH/Kubefile)')
    .option('--build-arg <NAME=VALUE>', 'a value for an ARG; may be repeated', collect)
    .option('--platform <OS/ARCH>', 'the platform to expand variables for', collectList)
    .action(async (path: string, options: Options) => lint(path, options, context));
  return withOutput(command);
}

async function lint(path: string, options: Options, context: Context): Promise<void> {
  const { text, file, context: directory } = await readKubefile(context.cwd, path, options.file);
  const kubefile = parseKubefile(text, { file });
  const buildArgs = parsePairs('--build-arg', options.buildArg, context.env);
  const evaluations = parsePlatforms(options.platform, context.arch).map((platform) =>
    evaluate(kubefile, { platform, buildPlatform: platform, buildArgs }),
  );
  const reported = [...kubefile.diagnostics, ...evaluations.flatMap(({ diagnostics }) => diagnostics)];
  const ignore = await readIgnoreFile(directory);
  const files = { context: openDirectoryTree(directory), ignore, text, reported };
  const sources = await Promise.all(evaluations.map(({ stages }) => checkSources(stages, files)));
  const unique = new Map(
    [...reported, ...sources.flat()].map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]),
  );
  const diagnostics = inFileOrder([...unique.values()]);
  if (options.output === 'json') writeJson(context.stdout, diagnostics);
  else if (diagnostics.length > 0) context.stdout.write(`${formatDiagnostics(diagnostics, text, file)}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) throw new KubecrateError('INVALID_KUBEFILE', `${file} has ${errors} error${errors === 1 ? '' : 's'}`);
  if (options.output !== 'json')
    context.stdout.write(`${file}: no errors, ${diagnostics.length} warning${diagnostics.length === 1 ? '' : 's'}\n`);
}
