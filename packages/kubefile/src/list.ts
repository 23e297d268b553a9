/** Arguments that are a list: JSON strings or words between blanks. */

import { parseJsonStrings } from './json-strings.ts';
import { rangeOf } from './logical-line.ts';
import type { ParseContext } from './parse-context.ts';
import type { Word } from './position.ts';
import type { Statement } from './statement.ts';
import { splitWords } from './words.ts';

export interface List {
  readonly form: 'json' | 'words';
  readonly items: readonly Word[];
}

/** `words`: text that begins like JSON and is none is words (`[ab]*.yaml`); `error`: it is refused. */
export type MalformedJson = 'words' | 'error';

/** Reads the arguments from offset `from` on; undefined after an error that was reported. */
export function readList(
  { line }: Statement,
  from: number,
  { malformed, context }: { readonly malformed: MalformedJson; readonly context: ParseContext },
): List | undefined {
  const text = line.text.slice(from);
  const json = parseJsonStrings(text);
  if (json.type === 'strings') {
    const items = json.items.map(({ value, start, end }) => ({
      text: value,
      range: rangeOf(line, from + start, from + end),
    }));
    return { form: 'json', items };
  }
  const range = rangeOf(line, from, line.text.length);
  if (json.type === 'not-strings') {
    context.report({ code: 'malformed-json', message: 'a JSON array of arguments holds only strings', range });
    return undefined;
  }
  if (text.startsWith('[') && malformed === 'error') {
    context.report({
      code: 'malformed-json',
      message: 'this is not a JSON array',
      range,
      hint: 'write it as ["first", "second"], with double quotes and a comma between two strings',
    });
    return undefined;
  }
  if (/^\[\s*["']/.test(text) && text.endsWith(']')) {
    context.report({
      code: 'not-json',
      message: 'this looks like a JSON array, but is none: it is read as plain words',
      range,
      hint: 'JSON strings have double quotes, with a comma between two of them',
    });
  }
  return { form: 'words', items: splitWords(line, from) };
}
