/** The JSON form of arguments: `["a b", "c"]`. */

/** `not-json` is text that is to be read as plain words; `not-strings` is JSON that holds something else than strings. */
export type JsonStrings =
  | { readonly type: 'strings'; readonly items: readonly JsonString[] }
  | { readonly type: 'not-strings' }
  | { readonly type: 'not-json' };

/** One string, and where its literal (quotes included) stands in the text. */
export interface JsonString {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Reads the whole of `text` as a JSON array of strings. */
export function parseJsonStrings(text: string): JsonStrings {
  if (!text.startsWith('[')) return { type: 'not-json' };
  let array: unknown;
  try {
    array = JSON.parse(text);
  } catch {
    return { type: 'not-json' };
  }
  if (!Array.isArray(array) || !array.every((item): item is string => typeof item === 'string')) {
    return { type: 'not-strings' };
  }
  // A flat array of strings: its literals stand in the text in the order of its items.
  const literals = text.matchAll(/"(?:[^"\\]|\\.)*"/g);
  const items = array.map((value): JsonString => {
    const literal = literals.next().value;
    const start = literal?.index ?? 0;
    return { value, start, end: start + (literal?.[0].length ?? 0) };
  });
  return { type: 'strings', items };
}
