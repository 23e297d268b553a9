/** Here-documents: files and scripts written in the Kubefile itself (`COPY <<EOF /etc/motd`). */

import { type Finding, quote, type Report } from './diagnostic.ts';
import type { EscapeToken } from './directives.ts';
import type { LogicalLine } from './logical-line.ts';
import type { Range, Word } from './position.ts';
import { expandWord } from './shell-word.ts';
import { splitQuotedWords } from './words.ts';

export interface Heredoc {
  /** The word that opens it, as written: `<<-"EOF"`. */
  readonly opener: Word;
  /** The delimiter without its quotes; in COPY and ADD the name of the file. */
  readonly name: string;
  /** Its lines, each ended by a line feed whatever the Kubefile's own line ends are; `<<-` has taken the leading tabs away. */
  readonly content: string;
  /** `none` where the delimiter is quoted. */
  readonly expansion: 'variables' | 'none';
}

/** What of a file's lines a here-document needs: those after its instruction. */
export interface HeredocLines {
  readonly lines: readonly string[];
  /** Index of the first line after the instruction. */
  readonly next: number;
}

/** Reads the bodies of all here-documents that `line` opens from offset `from` on; `next` is the index of the line after the last of them. */
export function readHeredocs(
  line: LogicalLine,
  from: number,
  { lines, next, escapeToken, report }: HeredocLines & { readonly escapeToken: EscapeToken; readonly report: Report },
): { readonly heredocs: readonly Heredoc[]; readonly next: number } {
  const heredocs: Heredoc[] = [];
  let at = next;
  for (const word of splitQuotedWords(line, from, escapeToken)) {
    const opener = parseOpener(word, escapeToken);
    if (opener === undefined) continue;
    const body: string[] = [];
    let closed = false;
    while (at < lines.length && !closed) {
      const text = lines[at++] ?? '';
      const kept = opener.tabs === 'drop' ? text.replace(/^\t+/, '') : text;
      closed = kept === opener.name;
      if (!closed) body.push(`${kept}\n`);
    }
    if (!closed) report(unterminated(opener.name, word.range));
    heredocs.push({ opener: word, name: opener.name, content: body.join(''), expansion: opener.expansion });
  }
  return { heredocs, next: at };
}

interface Opener {
  readonly name: string;
  readonly tabs: 'keep' | 'drop';
  readonly expansion: Heredoc['expansion'];
}

function parseOpener(word: Word, escapeToken: EscapeToken): Opener | undefined {
  const match = /^\d*<<(-?)([^<]+)$/.exec(word.text);
  const delimiter = match?.[2];
  if (delimiter === undefined) return undefined;
  const { text: name, problem } = expandWord(delimiter, { escapeToken, quotes: 'remove', lookup: 'keep' });
  if (problem !== undefined || name === '') return undefined;
  return {
    name,
    tabs: match?.[1] === '-' ? 'drop' : 'keep',
    expansion: name === delimiter ? 'variables' : 'none',
  };
}

function unterminated(name: string, range: Range): Finding {
  return {
    code: 'heredoc',
    message: `the here-document ${quote(name)} is not closed`,
    range,
    hint: `end it with a line that holds ${name} and nothing else`,
  };
}
