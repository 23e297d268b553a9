/** Strings that grow: each is held against the bound of a value before it is made. */

import { type CallContext, GoError, type GoValue } from '../value.ts';
import { stringsFrom } from './convert.ts';

export function join(separator: string, list: GoValue, call: CallContext): string {
  const parts = stringsFrom(list);
  call.budget.hold(parts.reduce((bytes, part) => bytes + part.length + separator.length, 0));
  return parts.join(separator);
}

export function replace(old: string, replacement: string, text: string, call: CallContext): string {
  const times = old === '' ? text.length + 1 : count(text, old);
  call.budget.hold(text.length + times * replacement.length);
  if (old !== '') return text.replaceAll(old, () => replacement);
  return replacement + Array.from(text, (rune) => rune + replacement).join('');
}

export function repeat(text: string, times: number, call: CallContext): string {
  if (times < 0) throw new GoError('strings: negative Repeat count');
  call.budget.hold(text.length * times);
  return text.repeat(times);
}

export function indent(spaces: number, text: string, call: CallContext): string {
  const pad = repeat(' ', spaces, call);
  call.budget.hold(text.length + (count(text, '\n') + 1) * spaces);
  return pad + text.replaceAll('\n', `\n${pad}`);
}

/** How often a part occurs, without overlaps. */
function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1;
  return found;
}
