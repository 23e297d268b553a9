/** Near misses: the word that was probably meant. */

/** `did you mean "COPY"?` where one of `candidates` is close enough to `word`, else undefined. Letter case does not matter. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearestTo(word, candidates);
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
}

/** The candidate that is close enough to `word` to be meant by it, else undefined. */
export function nearestTo(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const wanted = word.toLowerCase();
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  let tried = 0;
  for (const candidate of candidates) {
    if (++tried > MAX_CANDIDATES) break;
    const limit = isShortened(wanted, candidate.toLowerCase())
      ? MAX_LEFT_OUT
      : Math.max(1, Math.floor(Math.min(wanted.length, candidate.length) / 3));
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** What a person would not mistype is not compared, so that a file made to be slow is not. */
const MAX_LENGTH = 64;
const MAX_CANDIDATES = 200;

/** True for a word with a few letters left out, but the first and the last: `imgs` for `images`. */
function isShortened(word: string, full: string): boolean {
  if (word.length < 3 || full.length - word.length > MAX_LEFT_OUT) return false;
  if (word[0] !== full[0] || word.at(-1) !== full.at(-1)) return false;
  let at = 0;
  for (const letter of full) if (letter === word[at]) at += 1;
  return at === word.length;
}

const MAX_LEFT_OUT = 2;

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? a.length;
}
