/** Parser directives: `# escape=` and its like, in the comment lines that a Kubefile begins with. */

import { quote, type Report } from './diagnostic.ts';
import type { Word } from './position.ts';

/** The character that joins lines and takes the meaning from the next character. */
export type EscapeToken = '\\' | '`';

/**
 * Reads the directives at the top of `lines`. Anything else, even an empty line or a plain comment, ends them.
 * The lines need not be skipped afterwards: they are comments.
 */
export function readDirectives(lines: readonly string[], report: Report): EscapeToken {
  const seen = new Set<string>();
  let escapeToken: EscapeToken = '\\';
  for (const [index, line] of lines.entries()) {
    const directive = matchDirective(line, index + 1);
    if (directive === undefined) break;
    const { name, value } = directive;
    if (seen.has(name)) {
      report({ code: 'directive', message: `the directive ${name} is given twice`, range: value.range });
    } else if (name !== 'escape') {
      report({
        code: 'ignored-directive',
        message: `the directive ${name} has no effect in a Kubefile`,
        range: value.range,
      });
    } else if (value.text === '\\' || value.text === '`') {
      escapeToken = value.text;
    } else {
      report({
        code: 'directive',
        message: `${quote(value.text)} cannot be the escape character`,
        range: value.range,
        hint: 'it is "\\" or "`"',
      });
    }
    seen.add(name);
  }
  return escapeToken;
}

function matchDirective(line: string, number: number): { name: string; value: Word } | undefined {
  const match = /^(\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*)(\S.*)$/.exec(line);
  const name = match?.[2]?.toLowerCase();
  const before = match?.[1];
  const text = match?.[3]?.trimEnd();
  if (name === undefined || before === undefined || text === undefined || !DIRECTIVES.has(name)) return undefined;
  const column = before.length + 1;
  return {
    name,
    value: {
      text,
      range: { start: { line: number, column }, end: { line: number, column: column + text.length } },
    },
  };
}

const DIRECTIVES: ReadonlySet<string> = new Set(['escape', 'syntax', 'check']);
