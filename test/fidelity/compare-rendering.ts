/** One rendering of a chart by two programs, byte for byte. */

import { type Run, runTemplate } from './run-template.ts';

/** The programs: what comes before `template` and its arguments. */
export interface Programs {
  /** `helm`. */
  readonly helm: readonly string[];
  /** `node kubecrate.js chart`. */
  readonly ours: readonly string[];
}

export interface Comparison {
  /** `same`: equal bytes. `both-fail`: neither renders the chart. `different`: anything else. */
  readonly verdict: 'same' | 'both-fail' | 'different';
  /** Lines that were compared. */
  readonly lines: number;
  /** Lines that Helm itself gives differently each time (passwords, certificates, sums of them): not compared. */
  readonly random: number;
  /** The first line that differs; of a failure, what both said. */
  readonly detail?: string;
}

/** Renders with both programs; `args` are those after `template`: name, chart, values. */
export async function compareRendering({ helm, ours }: Programs, args: readonly string[]): Promise<Comparison> {
  const theirs = await runTemplate(helm, args);
  const own = await runTemplate(ours, args);
  if (theirs.code !== 0 || own.code !== 0) return compareFailure(theirs, own);
  const lines = theirs.stdout.split('\n');
  if (theirs.stdout === own.stdout) return { verdict: 'same', lines: lines.length, random: 0 };
  const again = (await runTemplate(helm, args)).stdout.split('\n');
  const mine = own.stdout.split('\n');
  const length = Math.max(lines.length, mine.length);
  let random = 0;
  for (let at = 0; at < length; at += 1) {
    if (lines[at] === mine[at]) continue;
    if (again.length === lines.length && at < mine.length && lines[at] !== again[at]) random += 1;
    else return { verdict: 'different', lines: length, random, detail: `line ${at + 1}: ${lines[at]} | ${mine[at]}` };
  }
  return { verdict: 'same', lines: length - random, random };
}

function compareFailure(theirs: Run, own: Run): Comparison {
  const detail = `helm ${theirs.code}: ${firstLine(theirs.stderr)} | kubecrate ${own.code}: ${firstLine(own.stderr)}`;
  const verdict = theirs.code !== 0 && own.code !== 0 ? 'both-fail' : 'different';
  return { verdict, lines: 0, random: 0, detail };
}

/** The error, without the warnings before it. */
function firstLine(text: string): string {
  const lines = text.split('\n');
  return lines.find((line) => /^error:/i.test(line)) ?? lines[0] ?? '';
}
