/** What `helm template` prints for a rendered chart. */

import { KubecrateError } from '@kubecrate/errors';
import { trimSpace } from '@kubecrate/gotemplate';
import { compilePathPattern } from '../match-path.ts';
import { isTestHook } from './manifests.ts';
import type { RenderedChart } from './render-chart.ts';
import { splitManifests } from './split-manifests.ts';

export interface TemplateOutputOptions {
  /** As `--include-crds`; left out unless `included`. */
  readonly crds?: 'included' | 'left-out';
  /** As `--no-hooks` and `--skip-tests`; all are printed unless given. */
  readonly hooks?: 'all' | 'without-tests' | 'none';
  /** As `--show-only`: patterns of file names below the chart, at least one document for each. */
  readonly showOnly?: readonly string[];
}

/** Throws `INVALID_ARGUMENT` for a file to show that rendered nothing. */
export function templateOutput(rendered: RenderedChart, options: TemplateOutputOptions = {}): string {
  const { crds = 'left-out', hooks = 'all', showOnly = [] } = options;
  const definitions = crds === 'included' ? rendered.crds : [];
  const printedHooks = hooks === 'none' ? [] : rendered.hooks.filter((hook) => hooks === 'all' || !isTestHook(hook));
  const release = [...definitions, ...rendered.manifests].map(section).join('');
  const output = `${trimSpace(release)}\n${printedHooks.map(section).join('')}`;
  return showOnly.length === 0 ? output : selectSections(output, showOnly);
}

function section({ source, content }: { readonly source: string; readonly content: string }): string {
  return `---\n# Source: ${source}\n${content}\n`;
}

function selectSections(output: string, showOnly: readonly string[]): string {
  const sections = splitManifests(output).flatMap(({ content: text }) => {
    const name = /# Source: [^/\n]+\/(.+)/.exec(text)?.[1];
    return name === undefined ? [] : [{ name, text }];
  });
  const selected = showOnly.flatMap((pattern) => {
    const matches = compilePathPattern(pattern);
    const found = sections.filter(({ name }) => matches?.(name) === true);
    if (found.length > 0) return found;
    throw new KubecrateError('INVALID_ARGUMENT', `could not find template ${pattern} in chart`);
  });
  return selected.map(({ text }) => `---\n${text}\n`).join('');
}
