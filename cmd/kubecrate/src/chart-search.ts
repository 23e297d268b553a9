/** The options by which a command searches the charts of a tree for images. */

import type { BuildChartOptions } from '@kubecrate/builder';
import { type Command, Option } from 'commander';
import { collect, parsePairs, readNamedFile } from './arguments.ts';
import type { Context } from './context.ts';

export interface ChartSearchOptions {
  readonly chartValues?: readonly string[];
  readonly chartErrors: 'error' | 'warn';
  readonly chartTests?: boolean;
}

export function withChartSearch(command: Command): Command {
  return command
    .option(
      '--chart-values <NAME=FILE>',
      'values for a chart, named by its name or its path in the image; several for one chart are sets of their own; may be repeated',
      collect,
    )
    .addOption(
      new Option('--chart-errors <MODE>', 'what a chart that does not render is: it ends the run, or is warned of')
        .choices(['error', 'warn'])
        .default('error'),
    )
    .option('--chart-tests', 'search the test hooks of charts too');
}

/** Reads the files of values. @throws KubecrateError USAGE, NOT_FOUND, IO */
export async function readChartSearch(
  { chartValues = [], chartErrors, chartTests }: ChartSearchOptions,
  { cwd }: Pick<Context, 'cwd'>,
): Promise<BuildChartOptions> {
  const named = chartValues.flatMap((text) => Object.entries(parsePairs('--chart-values', [text])));
  return {
    chartValues: await Promise.all(
      named.map(async ([chart, file]) => ({ chart, file, text: await readNamedFile(cwd, file, 'the values') })),
    ),
    chartErrors,
    chartTests: chartTests === true ? 'include' : 'leave-out',
  };
}
