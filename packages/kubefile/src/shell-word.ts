/** Expanding variables and removing quotes in one word, by Docker's rules (a part of the shell's). */

import type { EscapeToken } from './directives.ts';

export interface WordOptions {
  readonly escapeToken: EscapeToken;
  /** `keep`: quotes are ordinary characters, as in a here-document. */
  readonly quotes: 'remove' | 'keep';
  /** The value of a variable, or undefined where it is not set; `keep` leaves `$X` in the text as it is. */
  readonly lookup: ((name: string) => string | undefined) | 'keep';
}

export interface WordExpansion {
  /** The word after expansion; as it was where there is a problem. */
  readonly text: string;
  readonly hasVariables: boolean;
  /** Names that had no value, and for which the word gives none (`${X:-default}` does). */
  readonly unset: readonly string[];
  readonly problem?: WordProblem;
}

/** `syntax`: the word is malformed whatever the values are; `value`: the values do not allow it (`${X:?}`, growth without end). */
export interface WordProblem {
  readonly type: 'syntax' | 'value';
  readonly message: string;
  /** The variable that must have a value and has none. */
  readonly variable?: string;
}

export function expandWord(word: string, options: WordOptions): WordExpansion {
  const scan: Scan = { word, options, at: 0, depth: 0, size: 0, hasVariables: false, unset: [] };
  try {
    const text = readUntil(scan, undefined);
    return { text, hasVariables: scan.hasVariables, unset: [...new Set(scan.unset)] };
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    return { text: word, hasVariables: scan.hasVariables, unset: [...new Set(scan.unset)], problem: error.problem };
  }
}

/** How deep `${a:-${b:-...}}` may go, and how many characters one word may become. */
const MAX_DEPTH = 50;
const MAX_SIZE = 1024 * 1024;

interface Scan {
  readonly word: string;
  readonly options: WordOptions;
  at: number;
  depth: number;
  size: number;
  hasVariables: boolean;
  readonly unset: string[];
}

class WordError extends Error {
  readonly problem: WordProblem;

  constructor(type: WordProblem['type'], message: string, variable?: string) {
    super(message);
    this.problem = { type, message, ...(variable === undefined ? {} : { variable }) };
  }
}

function readUntil(scan: Scan, stop: string | undefined): string {
  const parts: string[] = [];
  while (scan.at < scan.word.length) {
    if (scan.word[scan.at] === stop) {
      scan.at++;
      return parts.join('');
    }
    parts.push(readPart(scan));
  }
  if (stop !== undefined) throw new WordError('syntax', `"${stop}" is missing`);
  return parts.join('');
}

function readPart(scan: Scan): string {
  const character = scan.word[scan.at] ?? '';
  const { escapeToken, quotes } = scan.options;
  if (character === '$') return readVariable(scan);
  if (quotes === 'remove' && character === "'") return readSingleQuotes(scan);
  if (quotes === 'remove' && character === '"') return readDoubleQuotes(scan);
  scan.at++;
  if (character !== escapeToken) return character;
  const escaped = scan.word[scan.at] ?? '';
  scan.at++;
  return escaped;
}

function readSingleQuotes(scan: Scan): string {
  const end = scan.word.indexOf("'", scan.at + 1);
  if (end === -1) throw new WordError('syntax', "a single quote (') is not closed");
  const text = scan.word.slice(scan.at + 1, end);
  scan.at = end + 1;
  return text;
}

function readDoubleQuotes(scan: Scan): string {
  const parts: string[] = [];
  scan.at++;
  while (scan.at < scan.word.length) {
    const character = scan.word[scan.at] ?? '';
    if (character === '"') {
      scan.at++;
      return parts.join('');
    }
    if (character === '$') {
      parts.push(readVariable(scan));
      continue;
    }
    const next = scan.word[scan.at + 1];
    const isEscape = character === scan.options.escapeToken && (next === '"' || next === '$' || next === character);
    parts.push(isEscape ? next : character);
    scan.at += isEscape ? 2 : 1;
  }
  throw new WordError('syntax', 'a double quote (") is not closed');
}

/** Reads `$X` or `${X...}`; a dollar sign that begins neither is itself. */
function readVariable(scan: Scan): string {
  const start = scan.at;
  scan.at++;
  const braced = scan.word[scan.at] === '{';
  if (braced) scan.at++;
  const name = readName(scan);
  if (name === '') {
    if (braced) throw new WordError('syntax', 'bad substitution: a name must follow "${"');
    return '$';
  }
  scan.hasVariables = true;
  const value = braced ? readBraces(scan, name) : valueOrEmpty(scan, name);
  if (scan.options.lookup === 'keep') return scan.word.slice(start, scan.at);
  scan.size += value.length;
  if (scan.size > MAX_SIZE) throw new WordError('value', `the expansion of ${name} grows past ${MAX_SIZE} characters`);
  return value;
}

/** A name, a number, or one of the shell's special parameters; empty where there is none. */
function readName(scan: Scan): string {
  const rest = scan.word.slice(scan.at);
  const name = /^(?:\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(rest)?.[0] ?? '';
  scan.at += name.length;
  return name;
}

/** What follows the name in `${name}`, `${name-word}` and their like. */
function readBraces(scan: Scan, name: string): string {
  const colon = scan.word[scan.at] === ':';
  if (colon) scan.at++;
  const operator = scan.word[scan.at];
  scan.at++;
  if (operator === undefined) throw new WordError('syntax', '"}" is missing');
  if (operator === '}' && !colon) return valueOrEmpty(scan, name);
  if (operator !== '-' && operator !== '+' && operator !== '?') {
    throw new WordError('syntax', `"${colon ? ':' : ''}${operator}" is not supported in \${${name}}`);
  }
  if (++scan.depth > MAX_DEPTH) throw new WordError('syntax', 'variables are nested too deep');
  const unsetBefore = scan.unset.length;
  const word = readUntil(scan, '}');
  scan.depth--;
  const value = lookUp(scan, name);
  const isSet = value !== undefined && !(colon && value === '');
  // A variable without a value matters only in a word that is used.
  const isUsed = operator === '-' ? !isSet : operator === '+' && isSet;
  if (!isUsed) scan.unset.length = unsetBefore;
  if (operator === '+') return isSet ? word : '';
  if (isSet) return value;
  if (operator === '-' || scan.options.lookup === 'keep') return word;
  throw new WordError('value', word === '' ? `the variable ${name} must have a value` : `${name}: ${word}`, name);
}

function valueOrEmpty(scan: Scan, name: string): string {
  const value = lookUp(scan, name);
  if (value === undefined) scan.unset.push(name);
  return value ?? '';
}

function lookUp({ options }: Scan, name: string): string | undefined {
  return options.lookup === 'keep' ? '' : options.lookup(name);
}
