/** `kubecrate chart template`: prints what `helm template` prints. */

import { resolve } from 'node:path';
import { loadChart, renderChart, templateOutput } from '@kubecrate/charts';
import { KubecrateError } from '@kubecrate/errors';
import { systemRandom } from '@kubecrate/gotemplate';
import { Command } from 'commander';
import { collect, collectList } from '../arguments.ts';
import type { Context } from '../context.ts';
import { readValues, type ValueOptions, withValueOptions } from '../value-options.ts';

interface Options extends ValueOptions {
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
    .argument('NAME|CHART', 'the name of the release (default: release-name), then a chart: a directory or a .tgz')
    .argument('[CHART]', 'the chart, where a name is given');
  return withValueOptions(command)
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
  const { cwd, signal, stdout, stderr, now } = context;
  const releaseName = nameOf(second === undefined ? undefined : first, options);
  const chart = await loadChart(resolve(cwd, second ?? first), { signal });
  const { namespace, kubeVersion, apiVersions } = options;
  const rendered = await renderChart(chart, await readValues(options, context), {
    random: systemRandom(),
    now: () => new Date(now()),
    operation: options.isUpgrade === true ? 'upgrade' : 'install',
    schemas: options.skipSchemaValidation === true ? 'ignored' : 'checked',
    signal,
    ...(releaseName === undefined ? {} : { releaseName }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    ...(apiVersions === undefined ? {} : { apiVersions }),
  });
  for (const warning of rendered.warnings) stderr.write(`warning: ${warning}\n`);
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
  if (name === undefined || (RELEASE_NAME.test(name) && name.length <= 53)) return name;
  throw new KubecrateError('USAGE', `${JSON.stringify(name)} is no name of a release`, {
    hint: 'lower-case letters, digits, "-" and ".", at most 53 of them',
  });
}

/** As Helm has it (pkg/chartutil/validate_name.go). */
const RELEASE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function hooksOf({ hooks, skipTests }: Options): 'all' | 'without-tests' | 'none' {
  if (!hooks) return 'none';
  return skipTests === true ? 'without-tests' : 'all';
}
