/** sprig's regular expressions: RE2, in time linear to the text, with Go's rules for all matches and for replacements. */

import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { canBackquote, quote } from '../format/quote.ts';
import { type CallContext, GoError, type GoFunction, type GoValue, STRINGS, stringSlice, Typed } from '../value.ts';
import { numberOf, ofStrings, textOf } from './arguments.ts';

/** The functions; each set remembers the expressions it has compiled. */
export function regexFunctions(): ReadonlyMap<string, GoFunction> {
  const compile = rememberingCompiler();
  const functions: [string, GoFunction][] = [
    ['Match', ofStrings(2, (regex, text) => compile(regex).matcher(text).find())],
    ['Find', ofStrings(2, (regex, text) => first(compile(regex), text))],
    [
      'FindAll',
      {
        params: ['string', 'string', 'int'],
        run: ([regex, text, count], call) => findAll(compile(textOf(regex)), textOf(text), numberOf(count), call),
      },
    ],
    [
      'ReplaceAll',
      {
        params: ['string', 'string', 'string'],
        run: ([regex, text, template], call) =>
          replaceAll(compile(textOf(regex)), textOf(text), call, (match) => expand(textOf(template), match)),
      },
    ],
    [
      'ReplaceAllLiteral',
      {
        params: ['string', 'string', 'string'],
        run: ([regex, text, replacement], call) =>
          replaceAll(compile(textOf(regex)), textOf(text), call, () => textOf(replacement)),
      },
    ],
    [
      'Split',
      {
        params: ['string', 'string', 'int'],
        run: ([regex, text, count], call) => split(compile(textOf(regex)), textOf(text), numberOf(count), call),
      },
    ],
  ];
  return new Map([
    ...functions.map(([name, fn]) => [`regex${name}`, name === 'Match' ? orFalse(fn) : panicking(fn)] as const),
    ...functions.map(([name, fn]) => [`mustRegex${name}`, fn] as const),
    ['regexQuoteMeta', ofStrings(1, (text) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&'))] as const,
  ]);
}

/** `regexMatch` matches nothing with an expression that cannot be compiled. */
function orFalse(fn: GoFunction): GoFunction {
  return onSyntaxError(fn, () => false);
}

/** The others panic, with the words of Go's MustCompile. */
function panicking(fn: GoFunction): GoFunction {
  return onSyntaxError(fn, (error, regex) => {
    throw new GoError(`regexp: Compile(${canBackquote(regex) ? `\`${regex}\`` : quote(regex)}): ${error.message}`, {
      cause: error,
    });
  });
}

function onSyntaxError(fn: GoFunction, answer: (error: RegexSyntaxError, regex: string) => GoValue): GoFunction {
  return {
    ...fn,
    run: (args, call) => {
      try {
        return fn.run(args, call);
      } catch (error) {
        if (error instanceof RegexSyntaxError) return answer(error, textOf(args[0]));
        throw error;
      }
    },
  };
}

class RegexSyntaxError extends GoError {}

interface Match {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly group: (name: string) => string;
}

const MAX_REMEMBERED = 500;

function rememberingCompiler(): (regex: string) => RE2JS {
  const compiled = new Map<string, RE2JS>();
  return (regex) => {
    const known = compiled.get(regex);
    if (known !== undefined) return known;
    if (compiled.size >= MAX_REMEMBERED) compiled.clear();
    const fresh = compile(regex);
    compiled.set(regex, fresh);
    return fresh;
  };
}

/** The library is large, and most templates have no regular expression: it is loaded with the first. */
function compile(regex: string): RE2JS {
  const library: typeof import('re2js') = createRequire(import.meta.url)('re2js');
  try {
    return library.RE2JS.compile(regex);
  } catch (error) {
    if (error instanceof library.RE2JSException) throw new RegexSyntaxError(error.message, { cause: error });
    throw error;
  }
}

/** Up to `limit` matches from left to right, all where it is negative; an empty match right behind another does not count. */
function* matchesOf(regex: RE2JS, text: string, limit: number, call: CallContext): Generator<Match> {
  const matcher = regex.matcher(text);
  let found = 0;
  let at = 0;
  let previousEnd = -1;
  while (at <= text.length && found !== limit && matcher.find(at)) {
    call.budget.step();
    const [start, end] = [matcher.start(), matcher.end()];
    if (start !== end || start !== previousEnd) {
      found += 1;
      yield matchOf(matcher, regex);
    }
    previousEnd = end;
    at = end > start ? end : end + characterLength(text, end);
  }
}

type Matcher = ReturnType<RE2JS['matcher']>;

function matchOf(matcher: Matcher, regex: RE2JS): Match {
  const groups = new Map<string, string>();
  for (let index = 0; index <= matcher.groupCount(); index += 1) groups.set(String(index), matcher.group(index) ?? '');
  for (const [name, index] of Object.entries(regex.namedGroups())) groups.set(name, groups.get(String(index)) ?? '');
  const group = (name: string): string => groups.get(name) ?? '';
  return { start: matcher.start(), end: matcher.end(), text: group('0'), group };
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function first(regex: RE2JS, text: string): string {
  const matcher = regex.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(regex: RE2JS, text: string, limit: number, call: CallContext): Typed {
  const found = Array.from(matchesOf(regex, text, limit, call), (match) => match.text);
  return found.length === 0 ? new Typed(STRINGS, null) : stringSlice(found);
}

function replaceAll(regex: RE2JS, text: string, call: CallContext, replacement: (match: Match) => string): string {
  let result = '';
  let at = 0;
  for (const match of matchesOf(regex, text, -1, call)) {
    result += text.slice(at, match.start) + replacement(match);
    call.budget.hold(result.length);
    at = match.end;
  }
  return result + text.slice(at);
}

/** `$1`, `${1}`, `$name`, `${name}`, `$$`: in `$1x` the name is `1x`, which no group has. */
function expand(template: string, match: Match): string {
  return template.replace(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu, (whole, braced, bare) => {
    const name: string | undefined = braced ?? bare;
    return name === undefined ? (whole === '$$' ? '$' : whole) : match.group(name);
  });
}

/** regexp.Split: the text between matches, at most `limit` parts; an empty match at the beginning splits off nothing. */
function split(regex: RE2JS, text: string, limit: number, call: CallContext): Typed {
  if (limit === 0) return new Typed(STRINGS, null);
  if (text === '' && regex.pattern() !== '') return stringSlice(['']);
  const parts: string[] = [];
  let start = 0;
  let end = 0;
  for (const match of matchesOf(regex, text, limit, call)) {
    if (limit > 0 && parts.length === limit - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(start, end));
    start = match.end;
  }
  if (end !== text.length) parts.push(text.slice(start));
  return stringSlice(parts);
}
