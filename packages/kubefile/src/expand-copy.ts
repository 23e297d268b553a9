/** Expanding COPY and ADD, and the rules about their values. */

import { isDigest, parseReference } from '@kubecrate/oci';
import { unquotedFrom } from './check-stages.ts';
import { quote } from './diagnostic.ts';
import { type ExpandContext, type Expanded, expand, expandContent } from './expand.ts';
import type { InstructionContext } from './expand-instruction.ts';
import type { ExpandedAdd, ExpandedCopy, InlineSource, PathSource, UrlSource } from './expanded-instruction.ts';
import type { AddInstruction, CopyInstruction, CopyOptions, CopySource } from './instruction.ts';
import { parseValue } from './parse-value.ts';
import type { Word } from './position.ts';
import { isDirectoryDestination } from './reserved-directories.ts';
import { leavesContext } from './source-path.ts';
import { resolveCopyFrom } from './stage-reference.ts';

export function expandCopy(instruction: CopyInstruction, context: InstructionContext): ExpandedCopy | undefined {
  const { from, range } = instruction;
  const sources = instruction.sources.map((source): PathSource | InlineSource => {
    if (source.type === 'inline') return expandInline(source, context);
    const expanded = expand(source.path, context, BLANKS_HINT);
    if (expanded.check === 'due') checkCopySource(expanded, from === undefined ? 'context' : 'image', context);
    return { type: 'path', path: expanded.text, range: expanded.range };
  });
  const target = from === undefined ? undefined : resolveFrom(from, context);
  if (from !== undefined && target === undefined) return undefined;
  return {
    keyword: 'COPY',
    range,
    sources,
    ...expandOptions(instruction, context),
    ...(target === undefined ? {} : { from: target }),
  };
}

export function expandAdd(instruction: AddInstruction, context: InstructionContext): ExpandedAdd {
  const sources = instruction.sources.map((source): PathSource | UrlSource | InlineSource => {
    if (source.type === 'inline') return expandInline(source, context);
    const expanded = expand(source.path, context, BLANKS_HINT);
    const { text, range, check } = expanded;
    const isUrl = /^https?:\/\//i.test(text);
    if (check === 'due') checkAddSource(expanded, instruction, context);
    return isUrl ? { type: 'url', url: text, range } : { type: 'path', path: text, range };
  });
  const checksum = instruction.checksum === undefined ? undefined : expandChecksum(instruction.checksum, context);
  return {
    keyword: 'ADD',
    range: instruction.range,
    sources,
    ...expandOptions(instruction, context),
    ...(checksum === undefined ? {} : { checksum }),
  };
}

function expandInline(source: CopySource & { type: 'inline' }, context: ExpandContext): InlineSource {
  const { name, content, expansion } = source;
  return { type: 'inline', name, content: expansion === 'none' ? content.text : expandContent(content, context) };
}

function expandOptions(
  { destination: word, sources, chown, chmod, excludes }: CopyOptions,
  context: ExpandContext,
): Pick<ExpandedCopy, 'destination' | 'chown' | 'chmod' | 'excludes'> {
  const destination = expand(word, context, BLANKS_HINT);
  if (destination.check === 'due') checkDestination(destination, sources.length, context);
  const owner = chown === undefined ? undefined : expandChown(chown, context);
  const mode = chmod === undefined ? undefined : expandChmod(chmod, context);
  return {
    destination: destination.text,
    ...(owner === undefined ? {} : { chown: owner }),
    ...(mode === undefined ? {} : { chmod: mode }),
    excludes: excludes.map((pattern) => expand(pattern, context).text),
  };
}

function checkDestination({ text, range }: Expanded, sources: number, { report }: ExpandContext): void {
  if (text === '') report({ code: 'destination', message: 'the destination is empty', range });
  else if (sources > 1 && !isDirectoryDestination(text)) {
    report({
      code: 'destination',
      message: `several sources need a directory as the destination, and ${quote(text)} may be a file`,
      range,
      hint: `end it with a slash: ${text}/`,
    });
  }
}

function checkCopySource({ text, range }: Expanded, origin: 'context' | 'image', { report }: ExpandContext): void {
  if (text === '') report({ code: 'source', message: 'the source is empty', range });
  else if (/^https?:\/\//i.test(text)) {
    report({ code: 'source', message: 'COPY cannot take a URL', range, hint: 'use ADD, which downloads' });
  } else if (origin === 'context' && leavesContext(text)) {
    report({ code: 'source', message: `${quote(text)} is outside of the context`, range, hint: CONTEXT_HINT });
  }
}

function checkAddSource({ text, range }: Expanded, { checksum }: AddInstruction, { report }: ExpandContext): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (text === '') report({ code: 'source', message: 'the source is empty', range });
  else if (scheme === 'http' || scheme === 'https') {
    if (!URL.canParse(text)) report({ code: 'source', message: `${quote(text)} is not a URL`, range });
  } else if (scheme !== undefined) {
    const hint = 'ADD takes paths, http:// and https://';
    report({ code: 'source', message: `ADD cannot download ${scheme}://`, range, hint });
  } else if (checksum !== undefined) {
    report({ code: 'flag-value', message: '--checksum is for a URL, not for a path', range: checksum.range });
  } else if (leavesContext(text)) {
    report({ code: 'source', message: `${quote(text)} is outside of the context`, range, hint: CONTEXT_HINT });
  }
}

const BLANKS_HINT = 'for a path that holds blanks use JSON form: ["a b", "c/"]';

const CONTEXT_HINT = 'move the file below the context, or build with a directory above as the context';

/** What is wrong with `--from` is reported when the file is read: no variable is in it. */
function resolveFrom(from: Word, { stages, current, escapeToken }: InstructionContext): ExpandedCopy['from'] {
  const target = resolveCopyFrom(stages, unquotedFrom(from, escapeToken), current);
  if (target.type !== 'image') return target.type === 'stage' ? target : undefined;
  const word = { text: target.reference, range: from.range };
  const reference = parseValue(word, 'image-reference', parseReference);
  return 'value' in reference ? { type: 'image', image: word.text, reference: reference.value } : undefined;
}

function expandChecksum(word: Word, context: ExpandContext): ExpandedAdd['checksum'] {
  const { text, range, check } = expand(word, context);
  if (isDigest(text)) return text;
  if (check === 'due') {
    const hint = 'a digest is "sha256:" and 64 lower-case hexadecimal digits';
    context.report({ code: 'flag-value', message: `${quote(text)} is not a digest`, range, hint });
  }
  return undefined;
}

function expandChown(word: Word, context: ExpandContext): string {
  const { text, range, check } = expand(word, context);
  if (check === 'due' && !/^[^\s:]+(?::[^\s:]+)?$/.test(text)) {
    const hint = 'write USER or USER:GROUP, by name or number';
    context.report({ code: 'flag-value', message: `${quote(text)} is not an owner`, range, hint });
  }
  return text;
}

function expandChmod(word: Word, context: ExpandContext): number | undefined {
  const { text, range, check } = expand(word, context);
  if (/^0?[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8);
  if (check === 'due') {
    const hint = 'write three or four octal digits: 755, 0644';
    context.report({ code: 'flag-value', message: `${quote(text)} is not a mode`, range, hint });
  }
  return undefined;
}
