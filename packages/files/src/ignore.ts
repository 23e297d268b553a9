/** Ignore files: .dockerignore and .kubefileignore (Docker's "Build context", section ".dockerignore files"). */

import { KubecrateError, messageOf } from '@kubecrate/errors';
import { compileGlob, type Glob, matchLengths } from './glob.ts';

/** What an ignore file says about the paths of a context: relative, separated by `/`. */
export interface IgnoreMatcher {
  ignores(path: string): boolean;
  /** True for a directory of which nothing is wanted, so that it need not be read. */
  ignoresAll(directory: string): boolean;
}

/**
 * Reads an ignore file. The last line that matches a path, or a directory above it, decides; `!` takes it back in.
 * @throws KubecrateError INVALID_ARGUMENT naming the line that is malformed
 */
export function ignoreMatcher(text: string): IgnoreMatcher {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, i) => parseLine(line, i + 1));
  const exceptions = rules.some(({ effect }) => effect === 'keep');
  const ignores = (path: string): boolean => {
    const parts = path.split('/');
    return rules.findLast(({ glob }) => matchesAbove(glob, parts))?.effect === 'ignore';
  };
  return { ignores, ignoresAll: (directory) => !exceptions && ignores(directory) };
}

interface Rule {
  readonly glob: Glob;
  readonly effect: 'ignore' | 'keep';
}

function parseLine(line: string, number: number): Rule[] {
  if (line.startsWith('#')) return [];
  const text = line.trim();
  const effect = text.startsWith('!') ? 'keep' : 'ignore';
  const pattern = clean(effect === 'keep' ? text.slice(1).trim() : text);
  if (pattern === '') return [];
  try {
    return [{ glob: compileGlob(pattern), effect }];
  } catch (error) {
    throw new KubecrateError('INVALID_ARGUMENT', `cannot read line ${number} of the ignore file: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** As Go's filepath.Clean, below the context: `/a//b/../c/` is `a/c`, and `.` is nothing. */
function clean(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function matchesAbove(glob: Glob, parts: readonly string[]): boolean {
  for (const length of matchLengths(glob, parts)) if (length > 0) return true;
  return false;
}
