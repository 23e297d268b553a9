/** Patterns of `.Files.Glob`: `*` and `?` within a part of a path, `**` across parts, `[a-z]`, `[!a]`, `{one,two}`. */

/** A pattern as a function; one that cannot be read matches everything, as in Helm. */
export function compileFileGlob(pattern: string): (path: string) => boolean {
  const runes = Array.from(pattern);
  const parsed = parseAlternative(runes, 0, '', 0);
  const nodes = parsed === undefined ? [ANY] : parsed.nodes;
  return (path) => {
    const text = Array.from(path);
    return advance(nodes, text, new Set([0])).has(text.length);
  };
}

type Node =
  | { readonly type: 'one'; readonly test: (rune: string) => boolean }
  | { readonly type: 'many'; readonly slashes: 'crossed' | 'kept' }
  | { readonly type: 'choice'; readonly choices: readonly (readonly Node[])[] };

/** Braces within braces; deeper ones are not read. */
const MAX_DEPTH = 50;

const ANY: Node = { type: 'many', slashes: 'crossed' };

/** All places that can be reached from `starts`: no pattern makes this look at a place twice for one node. */
function advance(nodes: readonly Node[], text: readonly string[], starts: ReadonlySet<number>): ReadonlySet<number> {
  let places = starts;
  for (const node of nodes) {
    if (places.size === 0) break;
    places = step(node, text, places);
  }
  return places;
}

function step(node: Node, text: readonly string[], starts: ReadonlySet<number>): ReadonlySet<number> {
  const ends = new Set<number>();
  if (node.type === 'choice') {
    for (const choice of node.choices) for (const end of advance(choice, text, starts)) ends.add(end);
    return ends;
  }
  for (const start of starts) {
    if (node.type === 'one') {
      const rune = text[start];
      if (rune !== undefined && node.test(rune)) ends.add(start + 1);
      continue;
    }
    for (let end = start; !ends.has(end); end++) {
      ends.add(end);
      if (end >= text.length || (node.slashes === 'kept' && text[end] === '/')) break;
    }
  }
  return ends;
}

interface Parsed {
  readonly nodes: readonly Node[];
  readonly end: number;
}

/** Reads up to the end, or inside braces up to `,` or `}`. */
function parseAlternative(runes: readonly string[], from: number, stops: string, depth: number): Parsed | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const nodes: Node[] = [];
  let at = from;
  for (; at < runes.length; at++) {
    const rune = runes[at] as string;
    if (stops.includes(rune)) return { nodes, end: at };
    if (rune === '*') {
      const crosses = runes[at + 1] === '*';
      while (runes[at + 1] === '*') at++;
      nodes.push({ type: 'many', slashes: crosses ? 'crossed' : 'kept' });
    } else if (rune === '?') nodes.push({ type: 'one', test: (other) => other !== '/' });
    else if (rune === '[' || rune === '{') {
      const inner: { readonly node: Node; readonly end: number } | undefined =
        rune === '[' ? parseSet(runes, at + 1) : parseChoice(runes, at + 1, depth + 1);
      if (inner === undefined) return undefined;
      nodes.push(inner.node);
      at = inner.end;
    } else {
      const literal = rune === '\\' ? runes[++at] : rune;
      if (literal === undefined) return undefined;
      nodes.push({ type: 'one', test: (other) => other === literal });
    }
  }
  return stops === '' ? { nodes, end: at } : undefined;
}

function parseChoice(
  runes: readonly string[],
  from: number,
  depth: number,
): { readonly node: Node; readonly end: number } | undefined {
  const choices: (readonly Node[])[] = [];
  for (let at = from; ; ) {
    const parsed = parseAlternative(runes, at, ',}', depth);
    if (parsed === undefined) return undefined;
    choices.push(parsed.nodes);
    if (runes[parsed.end] === '}') return { node: { type: 'choice', choices }, end: parsed.end };
    at = parsed.end + 1;
  }
}

function parseSet(runes: readonly string[], from: number): { readonly node: Node; readonly end: number } | undefined {
  const end = runes.indexOf(']', from);
  if (end < 0) return undefined;
  const negated = runes[from] === '!';
  const body = runes.slice(negated ? from + 1 : from, end);
  if (body.length === 0) return undefined;
  const [low, dash, high] = body;
  const inSet =
    body.length === 3 && dash === '-' && low !== undefined && high !== undefined
      ? (rune: string) => codeOf(low) <= codeOf(rune) && codeOf(rune) <= codeOf(high)
      : (rune: string) => body.includes(rune);
  return { node: { type: 'one', test: (rune) => inSet(rune) !== negated }, end };
}

function codeOf(rune: string): number {
  return rune.codePointAt(0) ?? 0;
}
