/** Patterns of file names, as COPY and .dockerignore write them: Go's filepath.Match, and `**` for any number of directories. */

import { KubecrateError } from '@kubecrate/errors';

/** True for a path that matches. Paths are relative, separated by `/`. */
export type PathMatcher = (path: string) => boolean;

/**
 * Reads a pattern: `*` and `?` do not cross `/`; `[a-z]`, `[^a-z]`; `\` takes the next character as it is;
 * a part that is `**` stands for any number of directories, none included, and at the end for everything below.
 * @throws KubecrateError INVALID_ARGUMENT for a pattern that is malformed
 */
export function globToMatcher(pattern: string): PathMatcher {
  const glob = compileGlob(pattern);
  return (path) => {
    const parts = path.split('/');
    return matchLengths(glob, parts).has(parts.length);
  };
}

/** True where the pattern has a character that stands for others. */
export function isGlob(pattern: string): boolean {
  return /(^|[^\\])(\\\\)*[*?[]/.test(pattern);
}

/** A pattern part by part. */
export type Glob = readonly ('**' | RegExp)[];

/** @throws KubecrateError INVALID_ARGUMENT */
export function compileGlob(pattern: string): Glob {
  try {
    return pattern.split('/').map((part) => (part === '**' ? part : new RegExp(`^${partSource(part)}$`, 'su')));
  } catch (cause) {
    throw new KubecrateError('INVALID_ARGUMENT', `cannot read the pattern ${JSON.stringify(pattern)}`, {
      hint: 'a "[" needs its "]", a range its smaller end first, and a "\\" a character after it',
      cause,
    });
  }
}

/** How many first parts of a path the whole pattern matches: several numbers where it has a `**`. */
export function matchLengths(glob: Glob, parts: readonly string[]): ReadonlySet<number> {
  let lengths = new Set([0]);
  for (const [i, part] of glob.entries()) {
    lengths = part === '**' ? anyDepth(lengths, parts.length, i === glob.length - 1) : oneDeeper(lengths, parts, part);
  }
  return lengths;
}

function anyDepth(lengths: ReadonlySet<number>, depth: number, last: boolean): Set<number> {
  const first = Math.min(...lengths) + (last ? 1 : 0);
  return new Set(Array.from({ length: Math.max(depth - first + 1, 0) }, (_, i) => first + i));
}

function oneDeeper(lengths: ReadonlySet<number>, parts: readonly string[], part: RegExp): Set<number> {
  const matching = [...lengths].filter((length) => {
    const text = parts[length];
    return text !== undefined && part.test(text);
  });
  return new Set(matching.map((length) => length + 1));
}

/** The regular expression of one part. @throws SyntaxError where it is malformed */
function partSource(part: string): string {
  const tokens = part.match(TOKEN) ?? [];
  if (tokens.join('') !== part) throw new SyntaxError(`a part of ${JSON.stringify(part)} has no meaning`);
  return tokens.map(tokenSource).join('');
}

/** `*`s, `?`, a class, an escaped character, or any other; a lone `[` or `\` is none of these. */
const TOKEN = /\*+|\?|\[(?!\^\])\^?(?:\\.|[^\]\\])+\]|\\.|[^[\\*?]/gsu;

function tokenSource(token: string): string {
  if (token.startsWith('*')) return '.*';
  if (token === '?') return '.';
  return token.startsWith('[') ? classSource(token) : literal(token);
}

function classSource(token: string): string {
  const negated = token.startsWith('[^');
  const ranges = token.slice(negated ? 2 : 1, -1).matchAll(/(\\.|[^\\])(?:-(\\.|[^\\]))?/gsu);
  const sources = Array.from(ranges, ([, from = '', to = from]) => `${literal(from)}-${literal(to)}`);
  return `[${negated ? '^' : ''}${sources.join('')}]`;
}

/** One character, with or without a backslash before it. */
function literal(token: string): string {
  const char = token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
