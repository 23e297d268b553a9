/** Diagnostics as a person reads them. */

import { redact } from '@kubecrate/errors';
import type { Diagnostic } from './diagnostic.ts';
import type { Range } from './position.ts';
import { splitLines } from './statement.ts';

/**
 * `file:line:column: error: message`, the line of the source, a caret under the part it is about, and the hint.
 * `text` is the Kubefile that was read. Control characters and secrets are not shown.
 */
export function formatDiagnostic(diagnostic: Diagnostic, text: string, file: string): string {
  return formatWithLines(diagnostic, splitLines(text), file);
}

/** All of them, an empty line between two. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], text: string, file: string): string {
  const lines = splitLines(text);
  return diagnostics.map((diagnostic) => formatWithLines(diagnostic, lines, file)).join('\n\n');
}

function formatWithLines(
  { severity, message, range, hint }: Diagnostic,
  lines: readonly string[],
  file: string,
): string {
  const place = range === undefined ? '' : `:${range.start.line}:${range.start.column}`;
  const parts = [`${printable(file)}${place}: ${severity}: ${shownText(message)}`];
  const line = range === undefined ? undefined : lines[range.start.line - 1];
  if (range !== undefined && line !== undefined) parts.push(...quoteLine(line, range));
  if (hint !== undefined) parts.push(`  hint: ${shownText(hint)}`);
  return parts.join('\n');
}

/** How many characters of a line are shown, and how many of them before the caret where it does not fit. */
const WIDTH = 100;
const BEFORE = 40;

/** How far around the caret secrets are looked for: far more than is shown, and little enough to be quick on a line of any length. */
const AROUND = 500;

function quoteLine(whole: string, { start, end }: Range): readonly string[] {
  const cut = Math.max(0, start.column - 1 - AROUND);
  const line = whole.slice(cut, start.column - 1 + AROUND);
  const shown = redact(line);
  const from = redact(line.slice(0, start.column - 1 - cut)).length;
  const rest = end.line === start.line ? redact(line.slice(end.column - 1 - cut)).length : 0;
  const to = Math.max(from + 1, shown.length - rest);
  const isWhole = line.length === whole.length && shown.length <= WIDTH;
  const first = isWhole ? 0 : Math.max(0, Math.min(from - BEFORE, shown.length - WIDTH));
  const last = Math.min(shown.length, first + WIDTH);
  const head = cut + first > 0 ? '...' : '';
  const tail = last < shown.length || cut + line.length < whole.length ? '...' : '';
  const before = head + printable(shown.slice(first, from));
  const marked = Math.max(1, displayWidth(printable(shown.slice(from, Math.min(to, last)))));
  return [`  ${head}${printable(shown.slice(first, last))}${tail}`, `  ${blanksFor(before)}${'^'.repeat(marked)}`];
}

/** A message or a hint; a value in it may be of any length. */
function shownText(text: string): string {
  return printable(redact(text.length > AROUND ? `${text.slice(0, AROUND)}...` : text));
}

/** White space as wide as `text`; tabs stay, so that whatever reads them sees the same stops. */
function blanksFor(text: string): string {
  return [...text].map((character) => (character === '\t' ? '\t' : ' '.repeat(displayWidth(character)))).join('');
}

/** Columns on a terminal: Chinese, Japanese, Korean characters and emoji take two, and combining marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Control and formatting characters, which could rewrite the terminal, as a replacement character; tabs stay. */
function printable(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd');
}
