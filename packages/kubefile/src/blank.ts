/** White space: what separates words, and what is trimmed from the ends of a line. */

/** True for the characters that separate words: blank, tab, and the controls that Docker's parser takes for blanks. */
export function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\v' || character === '\f' || character === '\r';
}

/** The first offset at or after `from` that holds no separator, or the length of the text. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at])) at++;
  return at;
}

/** The first offset at or after `from` that holds a separator, or the length of the text. */
export function skipToBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBlank(text[at])) at++;
  return at;
}

/** How many characters of white space of any kind (no-break spaces too) the text begins with. */
export function leadingSpace(text: string): number {
  const first = text.search(/[^\s\u0085]/);
  return first === -1 ? text.length : first;
}
