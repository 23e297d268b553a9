/** COPY and ADD. */

import { quote } from './diagnostic.ts';
import { type FlagRules, readFlags } from './flags.ts';
import type { Heredoc } from './heredoc.ts';
import type { AddInstruction, CopyInstruction, CopyOptions, CopySource } from './instruction.ts';
import { readList } from './list.ts';
import { missingArgument } from './missing-argument.ts';
import type { ParseContext } from './parse-context.ts';
import type { Word } from './position.ts';
import type { Statement } from './statement.ts';

export function parseCopy(statement: Statement, context: ParseContext): CopyInstruction | undefined {
  const { values, argumentsAt } = readFlags(statement, COPY_FLAGS, context);
  const options = readCopyOptions(statement, argumentsAt, { values, context });
  if (options === undefined) return undefined;
  const [from] = values.get('from') ?? [];
  const { range, keywordRange } = statement;
  return { keyword: 'COPY', range, keywordRange, ...options, ...(from === undefined ? {} : { from }) };
}

export function parseAdd(statement: Statement, context: ParseContext): AddInstruction | undefined {
  const { values, argumentsAt } = readFlags(statement, ADD_FLAGS, context);
  const options = readCopyOptions(statement, argumentsAt, { values, context });
  if (options === undefined) return undefined;
  const [checksum] = values.get('checksum') ?? [];
  if (checksum !== undefined && options.sources.length !== 1) {
    context.report({ code: 'flag-value', message: '--checksum is for a single source', range: checksum.range });
  }
  const { range, keywordRange } = statement;
  return { keyword: 'ADD', range, keywordRange, ...options, ...(checksum === undefined ? {} : { checksum }) };
}

type SharedFlag = 'chown' | 'chmod' | 'exclude' | 'link';

const SHARED_FLAGS = { chown: 'text', chmod: 'text', exclude: 'list', link: 'switch' } as const;

const PARENTS = 'name the directory in the destination instead';

const COPY_FLAGS: FlagRules<SharedFlag | 'from'> = {
  known: { from: 'text', ...SHARED_FLAGS },
  unsupported: { parents: PARENTS, checksum: 'it belongs to ADD, which downloads' },
};

const ADD_FLAGS: FlagRules<SharedFlag | 'checksum'> = {
  known: { checksum: 'text', ...SHARED_FLAGS },
  unsupported: {
    parents: PARENTS,
    from: 'it belongs to COPY',
    'keep-git-dir': 'a Git repository cannot be added; clone it beside the Kubefile and COPY it',
    unpack: 'a local tar archive is unpacked always, a downloaded file never',
  },
};

function readCopyOptions(
  statement: Statement,
  from: number,
  { values, context }: { values: ReadonlyMap<string, readonly Word[]>; context: ParseContext },
): CopyOptions | undefined {
  const list = readList(statement, from, { malformed: 'words', context });
  if (list === undefined) return undefined;
  const destination = list.items.at(-1);
  const heredocs = new Map(statement.heredocs.map((heredoc) => [placeOf(heredoc.opener), heredoc]));
  const sources = list.items.slice(0, -1).map((word) => sourceOf(word, heredocs));
  if (destination === undefined || sources.length === 0) {
    const what = destination === undefined ? 'a source and a destination' : 'a destination after the source';
    context.report(missingArgument(statement, what, `${statement.keyword} SOURCE... DESTINATION`));
    return undefined;
  }
  if (heredocs.has(placeOf(destination))) {
    const message = 'a here-document is a source, and cannot be the destination';
    context.report({ code: 'heredoc', message, range: destination.range });
    return undefined;
  }
  for (const source of sources) checkInlineName(source, context);
  const [chown] = values.get('chown') ?? [];
  const [chmod] = values.get('chmod') ?? [];
  const [link] = values.get('link') ?? [];
  return {
    sources,
    destination,
    ...(chown === undefined ? {} : { chown }),
    ...(chmod === undefined ? {} : { chmod }),
    excludes: values.get('exclude') ?? [],
    link: link?.text === 'true' ? 'independent' : 'dependent',
  };
}

function sourceOf(word: Word, heredocs: ReadonlyMap<string, Heredoc>): CopySource {
  const heredoc = heredocs.get(placeOf(word));
  if (heredoc === undefined) return { type: 'path', path: word };
  const { name, content, expansion } = heredoc;
  return { type: 'inline', name, content: { text: content, range: word.range }, expansion };
}

function placeOf({ range }: Word): string {
  return `${range.start.line}:${range.start.column}`;
}

function checkInlineName(source: CopySource, { report }: ParseContext): void {
  if (source.type !== 'inline' || (source.name !== '.' && source.name !== '..' && !/[/\\\0]/.test(source.name))) return;
  report({
    code: 'heredoc',
    message: `${quote(source.name)} cannot be the name of a file`,
    range: source.content.range,
    hint: 'the delimiter names the file; put the directory into the destination',
  });
}
