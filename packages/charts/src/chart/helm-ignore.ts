/** `.helmignore`: which files of a directory are no part of the chart. */

import { basename } from 'node:path/posix';
import { KubecrateError } from '@kubecrate/errors';
import { compilePathPattern } from '../match-path.ts';

/** True for a path, relative to the chart, that is left out; with a directory goes all that is in it. */
export type HelmIgnore = (path: string, type: 'file' | 'directory') => boolean;

/** The rules of a `.helmignore`, and Helm's own: hidden files in `templates/`. Throws `INVALID_CHART`. */
export function parseHelmIgnore(text: string): HelmIgnore {
  const rules = [...text.split('\n'), 'templates/.?*'].flatMap((line) => parseRule(line) ?? []);
  return (path, type) => {
    for (const { negated, onlyDirectories, test } of rules) {
      const other = onlyDirectories && type !== 'directory';
      // A rule with `!` leaves out everything else: this is how Helm reads it.
      if (negated) {
        if (other || !test(path)) return true;
      } else if (!other && test(path)) return true;
    }
    return false;
  };
}

interface Rule {
  readonly negated: boolean;
  readonly onlyDirectories: boolean;
  readonly test: (path: string) => boolean;
}

function parseRule(line: string): Rule | undefined {
  const rule = line.trim();
  if (rule === '' || rule.startsWith('#')) return undefined;
  if (rule.includes('**')) throw invalidRule(rule, 'double-star (**) syntax is not supported');
  const negated = rule.startsWith('!');
  const onlyDirectories = rule.endsWith('/');
  const pattern = rule.slice(negated ? 1 : 0, onlyDirectories ? -1 : undefined);
  const matches = compilePathPattern(pattern.replace(/^\//, ''));
  if (matches === undefined) throw invalidRule(rule, 'syntax error in pattern');
  return { negated, onlyDirectories, test: pattern.includes('/') ? matches : (path) => matches(basename(path)) };
}

function invalidRule(rule: string, problem: string): KubecrateError {
  return new KubecrateError('INVALID_CHART', `cannot read .helmignore: ${JSON.stringify(rule)}: ${problem}`);
}
