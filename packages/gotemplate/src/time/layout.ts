/** Go's layouts: a date is formatted and read by example, `2006-01-02T15:04:05Z07:00`. */

/** A piece of a layout: text, or one of Go's reference elements. */
export interface LayoutPiece {
  readonly type: 'text' | 'element';
  readonly text: string;
}

/** Cuts a layout into its elements and the text between them. */
export function layoutPieces(layout: string): LayoutPiece[] {
  const pieces: LayoutPiece[] = [];
  let at = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    if (match.index > at) pieces.push({ type: 'text', text: layout.slice(at, match.index) });
    pieces.push({ type: 'element', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < layout.length) pieces.push({ type: 'text', text: layout.slice(at) });
  return pieces;
}

/** The first alternative that matches is the element: longer ones stand before shorter ones. */
const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|__2|_2(?!006)|3|4|5|PM|pm|[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,](?:0+|9+)(?![0-9])/g;
