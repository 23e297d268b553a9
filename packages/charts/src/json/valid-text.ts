/** Text without the stray halves of pairs that stand for bytes outside UTF-8. */

/** True where every byte belongs to a character. */
export function isValidText(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** The text with U+FFFD for each byte that belongs to no character, as Go's `encoding/json` writes it. */
export function toValidText(text: string): string {
  return isValidText(text) ? text : text.replace(LONE_SURROGATES, '\ufffd');
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = /\p{Surrogate}/gu;
