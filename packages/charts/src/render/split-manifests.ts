/** Rendered text into documents, and documents into the order in which Helm installs them. */

import { trimSpace } from '@kubecrate/gotemplate';

/** One document of a rendered file. */
export interface ManifestText {
  readonly content: string;
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
}

/** The documents between `---` lines, without blanks around them and without empty ones, as Helm splits. */
export function splitManifests(text: string): ManifestText[] {
  const trimmed = trimSpace(text);
  const documents: ManifestText[] = [];
  const offset = trimmed === '' ? 0 : text.indexOf(trimmed);
  let line = 1;
  let counted = 0;
  const add = (from: number, to: number): void => {
    if (from === to) return;
    const document = trimmed.slice(from, to);
    const content = trimSpace(document);
    const begin = offset + from + (content === '' ? document.length : document.indexOf(content));
    line += countLines(text, counted, begin);
    counted = begin;
    documents.push({ content, line });
  };
  let from = 0;
  for (const { start, end } of separators(trimmed)) {
    add(from, start);
    from = end;
  }
  add(from, trimmed.length);
  return documents;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
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
