/** Rendered text into documents, and documents into the order in which Helm installs them. */

/** The documents between `---` lines, without blanks around them and without empty ones, as Helm splits. */
export function splitManifests(text: string): string[] {
  const trimmed = text.trim();
  const documents: string[] = [];
  let from = 0;
  for (const { start, end } of separators(trimmed)) {
    documents.push(trimmed.slice(from, start));
    from = end;
  }
  documents.push(trimmed.slice(from));
  return documents.filter((document) => document !== '').map((document) => document.trim());
}

/** Every `---` at the start of a line, with the blanks before and behind it. */
function* separators(text: string): Generator<{ readonly start: number; readonly end: number }> {
  let from = 0;
  let mark = text.startsWith('---') ? 0 : text.indexOf('\n---');
  while (mark >= 0) {
    let start = mark;
    while (start > from && isSpace(text.charCodeAt(start - 1))) start--;
    let end = mark + (text.charAt(mark) === '\n' ? 4 : 3);
    while (isSpace(text.charCodeAt(end))) end++;
    yield { start, end };
    from = end;
    mark = text.indexOf('\n---', end);
  }
}

/** What `\s` is in Go. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;
}
