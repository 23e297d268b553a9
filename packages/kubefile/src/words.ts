/** Splitting the arguments of an instruction into words. */

import { isBlank, skipBlanks, skipToBlank } from './blank.ts';
import type { EscapeToken } from './directives.ts';
import { type LogicalLine, wordAt } from './logical-line.ts';
import type { Word } from './position.ts';

/** The words between blanks; quotes mean nothing here, as in COPY and FROM. */
export function splitWords(line: LogicalLine, from: number): readonly Word[] {
  const words: Word[] = [];
  let at = skipBlanks(line.text, from);
  while (at < line.text.length) {
    const end = skipToBlank(line.text, at);
    words.push(wordAt(line, at, end));
    at = skipBlanks(line.text, end);
  }
  return words;
}

/** The words between blanks that are neither quoted nor escaped; quotes and escapes stay in the words, as in ENV and LABEL. */
export function splitQuotedWords(line: LogicalLine, from: number, escapeToken: EscapeToken): readonly Word[] {
  const words: Word[] = [];
  let at = skipBlanks(line.text, from);
  while (at < line.text.length) {
    const end = endOfQuotedWord(line.text, at, escapeToken);
    words.push(wordAt(line, at, end));
    at = skipBlanks(line.text, end);
  }
  return words;
}

/** Where the word that begins at `from` ends; a quote that is never closed runs to the end of the text. */
export function endOfQuotedWord(text: string, from: number, escapeToken: EscapeToken): number {
  let open: string | undefined;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (open === undefined && isBlank(character)) return at;
    if (character === escapeToken && open !== "'") at++;
    else if (character === open) open = undefined;
    else if (open === undefined && (character === '"' || character === "'")) open = character;
  }
  return text.length;
}
