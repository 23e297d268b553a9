/** `kubecrate chart template`: prints what `helm template` prints. */

import { renderChart, templateOutput } from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import { systemRandom } from '@kubecrate/gotemplate';
import { Command } from 'commander';
import { collect, collectList } from '../arguments.ts';
import type { Context } from '../context.ts';
import { CHART_KINDS, type ChartSourceOptions, openChart, withChartSource } from '../open-chart.ts';
import { requireReleaseName } from '../release-name.ts';
import { readValues, type ValueOptions, withValueOptions } from '../value-options.ts';

interface Options extends ValueOptions, ChartSourceOptions {
  readonly releaseName?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly includeCrds?: boolean;
  readonly skipTests?: boolean;
  readonly hooks: boolean;
  readonly isUpgrade?: boolean;
  readonly skipSchemaValidation?: boolean;
  readonly showOnly?: readonly string[];
}

export function chartTemplateCommand(context: Context): Command {
  const command = new Command('template')
    .description('Render a chart and print its objects.')
    .usage('[options] [NAME] CHART')
    .argument('NAME|CHART', `the name of the release (default: release-name), then a chart: ${CHART_KINDS}`)
    .argument('[CHART]', 'the chart, where a name is given');
  return withChartSource(withValueOptions(command))
    .option('--release-name <NAME>', 'the name of the release, in another way')
    .option('-n, --namespace <NAME>', 'the namespace of the release (default: default)')
    .option('--kube-version <VERSION>', 'the version of Kubernetes that the chart sees')
    .option('-a, --api-versions <VERSION,...>', 'more API versions that the chart sees; may be repeated', collectList)
    .option('--include-crds', 'print the custom resource definitions of the chart too')
    .option('--skip-tests', 'leave out the hooks that test the release')
    .option('--no-hooks', 'leave out all hooks')
    .option('--is-upgrade', 'render for an upgrade, not for a first installation')
    .option('--skip-schema-validation', 'do not check the values against the schema of the chart')
    .option('-s, --show-only <FILE>', 'print only what this file of the chart renders; may be repeated', collect)
    .action((first: string, second: string | undefined, options: Options) =>
      template({ first, second }, options, context),
    );
}

async function template(
  { first, second }: { readonly first: string; readonly second: string | undefined },
  options: Options,
  context: Context,
): Promise<void> {
  const { signal, stdout, stderr, now } = context;
  const releaseName = nameOf(second === undefined ? undefined : first, options);
  const chart = await openChart(second ?? first, options, context);
  if (chart.metadata.deprecated) stderr.write('warning: This chart is deprecated\n');
  const { namespace, kubeVersion, apiVersions } = options;
  const rendered = await renderChart(chart, await readValues(options, context), {
    random: systemRandom(),
    now: () => new Date(now()),
    operation: options.isUpgrade === true ? 'upgrade' : 'install',
    schemas: options.skipSchemaValidation === true ? 'ignored' : 'checked',
    warn: (message) => void stderr.write(`warning: ${message}\n`),
    signal,
    ...(releaseName === undefined ? {} : { releaseName }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    ...(apiVersions === undefined ? {} : { apiVersions }),
  });
  stdout.write(
    templateOutput(rendered, {
      crds: options.includeCrds === true ? 'included' : 'left-out',
      hooks: hooksOf(options),
      ...(options.showOnly === undefined ? {} : { showOnly: options.showOnly }),
    }),
  );
}

function nameOf(argument: string | undefined, { releaseName }: Options): string | undefined {
  const name = releaseName ?? argument;
  if (releaseName !== undefined && argument !== undefined && releaseName !== argument) {
    throw new KubecrateError('USAGE', `the release has two names: ${argument} and ${releaseName}`);
  }
  return name === undefined ? undefined : requireReleaseName(name);
}

function hooksOf({ hooks, skipTests }: Options): 'all' | 'without-tests' | 'none' {
  if (!hooks) return 'none';
  return skipTests === true ? 'without-tests' : 'all';
}
