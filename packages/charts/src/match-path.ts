/** Go's `path.Match`: `*` and `?` stay within a part of a path, `[a-z]` and `[^a]` are sets, `\` takes the next character as it is. */

/** A pattern as a function, or undefined for one that Go calls malformed. */
export function compilePathPattern(pattern: string): ((path: string) => boolean) | undefined {
  const parts = parsePattern(Array.from(pattern));
  if (parts === undefined) return undefined;
  return (path) => matches(parts, Array.from(path));
}

type Part = '*' | ((character: string) => boolean);

function matches(parts: readonly Part[], path: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  // Where to go on from when what follows the last star does not fit: a star stops at a slash, so no earlier one can help.
  let star = -1;
  let retry = 0;
  while (at < path.length || part < parts.length) {
    const test = parts[part];
    const character = path[at];
    if (test === '*') {
      star = part++;
      retry = at;
    } else if (test !== undefined && character !== undefined && test(character)) {
      part++;
      at++;
    } else {
      if (star < 0 || retry >= path.length || path[retry] === '/') return false;
      at = ++retry;
      part = star + 1;
    }
  }
  return true;
}

function parsePattern(pattern: readonly string[]): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    if (character === '*') {
      if (parts.at(-1) !== '*') parts.push('*');
    } else if (character === '?') parts.push((other) => other !== '/');
    else if (character === '[') {
      const set = parseSet(pattern, at + 1);
      if (set === undefined) return undefined;
      parts.push(set.test);
      at = set.end;
    } else if (character === '\\') {
      const escaped = pattern[++at];
      if (escaped === undefined) return undefined;
      parts.push((other) => other === escaped);
    } else parts.push((other) => other === character);
  }
  return parts;
}

function parseSet(
  pattern: readonly string[],
  from: number,
): { readonly test: (character: string) => boolean; readonly end: number } | undefined {
  const negated = pattern[from] === '^';
  const ranges: (readonly [string, string])[] = [];
  let at = negated ? from + 1 : from;
  for (;;) {
    if (pattern[at] === ']' && ranges.length > 0) break;
    const low = readMember(pattern, at);
    if (low === undefined) return undefined;
    at = low.next;
    if (pattern[at] !== '-') {
      ranges.push([low.character, low.character]);
      continue;
    }
    const high = readMember(pattern, at + 1);
    if (high === undefined) return undefined;
    at = high.next;
    ranges.push([low.character, high.character]);
  }
  return {
    end: at,
    test: (character) => {
      const code = codeOf(character);
      return ranges.some(([low, high]) => codeOf(low) <= code && code <= codeOf(high)) !== negated;
    },
  };
}

function readMember(
  pattern: readonly string[],
  at: number,
): { readonly character: string; readonly next: number } | undefined {
  const character = pattern[at];
  if (character === undefined || character === '-' || character === ']') return undefined;
  if (character !== '\\') return { character, next: at + 1 };
  const escaped = pattern[at + 1];
  return escaped === undefined ? undefined : { character: escaped, next: at + 2 };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
