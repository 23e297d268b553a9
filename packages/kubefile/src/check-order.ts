/** The rules about which instructions there are and in which order. */

import type { Report } from './diagnostic.ts';
import type { Instruction } from './instruction.ts';
import type { Statement } from './statement.ts';

/** `statements` are those of the file, understood or not: a FROM that is malformed is still a FROM. */
export function checkOrder(
  instructions: readonly Instruction[],
  statements: readonly Statement[],
  report: Report,
): void {
  checkFrom(statements, report);
  checkLast(statements, report);
  checkCmd(instructions, report);
}

function checkFrom(statements: readonly Statement[], report: Report): void {
  const [first] = statements;
  if (first === undefined) {
    const message = 'there is no instruction in this file';
    report({ code: 'empty-file', message, hint: 'it needs at least FROM: FROM scratch, or FROM IMAGE' });
    return;
  }
  const from = statements.findIndex(({ keyword }) => keyword === 'FROM');
  const before = statements.slice(0, from === -1 ? undefined : from).find(({ keyword }) => keyword !== 'ARG');
  if (from === -1) {
    const hint = 'begin with FROM scratch, or FROM IMAGE';
    report({ code: 'no-from', message: 'there is no FROM', range: (before ?? first).keywordRange, hint });
  } else if (before !== undefined) {
    const { keyword, keywordRange: range } = before;
    report({ code: 'before-from', message: `${keyword} stands before FROM: only ARG may`, range });
  }
}

function checkLast(statements: readonly Statement[], report: Report): void {
  for (const keyword of ['CMDS', 'LAUNCH']) {
    const [first, ...others] = statements.filter((statement) => statement.keyword === keyword);
    for (const { keywordRange: range } of others) {
      const message = `${keyword} is in line ${first?.range.start.line} already`;
      report({ code: 'duplicate-instruction', message, range, hint: 'put everything into one of them' });
    }
    const only = others.at(-1) ?? first;
    const next = only === undefined ? undefined : statements[statements.indexOf(only) + 1];
    if (only === undefined || next === undefined) continue;
    const message = `${keyword} must be the last instruction, and ${next.keyword} follows it`;
    const rival = statements.at(-1)?.keyword;
    const hasRival = rival !== keyword && (rival === 'CMDS' || rival === 'LAUNCH');
    const hint = hasRival ? `use either ${keyword} or ${rival}` : 'move it to the end';
    report({ code: 'not-last', message, range: only.keywordRange, hint });
  }
}

function checkCmd(instructions: readonly Instruction[], report: Report): void {
  const cmd = instructions.find(({ keyword }) => keyword === 'CMD');
  if (cmd === undefined) return;
  const range = cmd.keywordRange;
  report({ code: 'deprecated-instruction', message: 'CMD is deprecated', range, hint: 'use CMDS ["COMMAND", ...]' });
  const launch = instructions.find(({ keyword }) => keyword === 'LAUNCH');
  if (launch === undefined) return;
  report({
    code: 'cmd-with-launch',
    message: 'CMD and LAUNCH cannot be used together',
    range: launch.keywordRange,
    hint: 'put the commands into APPCMDS of an application, and launch it',
  });
}
