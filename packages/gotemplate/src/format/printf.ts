/** Go's Sprint, Sprintln and Sprintf. */

import { GoError, type GoValue, integerOf, kindOf, typeName } from '../value.ts';
import { type Flags, noFlags } from './flags.ts';
import { formatValue } from './format-value.ts';

/** fmt.Sprint: a space between two arguments of which neither is a string. */
export function sprint(args: readonly GoValue[]): string {
  let text = '';
  let afterString = true;
  for (const [index, arg] of args.entries()) {
    const isString = kindOf(arg) === 'string';
    if (index > 0 && !isString && !afterString) text += ' ';
    text += typeof arg === 'string' ? arg : formatValue(arg, 'v', noFlags());
    afterString = isString;
  }
  return text;
}

/** fmt.Sprintln: a space between all arguments and a newline at the end. */
export function sprintln(args: readonly GoValue[]): string {
  return `${args.map((arg) => formatValue(arg, 'v', noFlags())).join(' ')}\n`;
}

/** fmt.Sprintf, with its texts for wrong verbs, missing and extra arguments. */
export function formatGo(format: string, args: readonly GoValue[]): string {
  const state = new FormatState(format, args);
  let text = '';
  for (;;) {
    const percent = format.indexOf('%', state.at);
    if (percent < 0) break;
    text += format.slice(state.at, percent);
    state.at = percent + 1;
    text += state.directive();
    if (text.length > MAX_LENGTH) throw new GoError(`formatted text is longer than ${MAX_LENGTH} characters`);
  }
  return text + format.slice(state.at) + state.extra();
}

/** What a format can ask for with widths alone is bounded. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** Widths and precisions beyond this are not taken, as in Go. */
const MAX_NUMBER = 1_000_000;

class FormatState {
  at = 0;
  private readonly format: string;
  private readonly args: readonly GoValue[];
  private next = 0;
  private reordered = false;
  private goodIndex = true;
  private afterIndex = false;

  constructor(format: string, args: readonly GoValue[]) {
    this.format = format;
    this.args = args;
  }

  /** One verb with all that stands before it; the percent sign is past. */
  directive(): string {
    const flags = this.flags();
    this.goodIndex = true;
    this.afterIndex = false;
    let trouble = '';
    this.argumentIndex();
    trouble += this.width(flags);
    trouble += this.precision(flags);
    if (!this.afterIndex) this.argumentIndex();
    const code = this.format.codePointAt(this.at);
    if (code === undefined) return `${trouble}%!(NOVERB)`;
    const verb = String.fromCodePoint(code);
    this.at += verb.length;
    return trouble + this.verb(verb, flags);
  }

  /** The arguments that no verb has taken. */
  extra(): string {
    if (this.reordered || this.next >= this.args.length) return '';
    const shown = this.args
      .slice(this.next)
      .map((arg) => (arg === null ? '<nil>' : `${typeName(arg)}=${formatValue(arg, 'v', noFlags())}`));
    return `%!(EXTRA ${shown.join(', ')})`;
  }

  private verb(verb: string, flags: Flags): string {
    if (verb === '%') return '%';
    if (!this.goodIndex) return `%!${verb}(BADINDEX)`;
    const arg = this.args[this.next];
    if (arg === undefined) return `%!${verb}(MISSING)`;
    this.next += 1;
    if (verb !== 'v') return formatValue(arg, verb, flags);
    return formatValue(arg, verb, {
      ...flags,
      sharpV: flags.sharp,
      sharp: false,
      plusV: flags.plus,
      plus: false,
    });
  }

  private flags(): Flags {
    const flags = noFlags();
    for (; ; this.at += 1) {
      switch (this.format[this.at]) {
        case '#':
          flags.sharp = true;
          break;
        case '0':
          flags.zero = true;
          break;
        case '+':
          flags.plus = true;
          break;
        case '-':
          flags.minus = true;
          break;
        case ' ':
          flags.space = true;
          break;
        default:
          return flags;
      }
    }
  }

  /** `[2]`: which argument the next width, precision or verb takes. */
  private argumentIndex(): void {
    this.afterIndex = false;
    if (this.format[this.at] !== '[') return;
    this.reordered = true;
    const close = this.format.indexOf(']', this.at);
    const number = close < 0 ? '' : this.format.slice(this.at + 1, close);
    const index = /^[0-9]{1,7}$/.test(number) ? Number(number) - 1 : undefined;
    this.at = close < 0 ? this.at + 1 : close + 1;
    this.afterIndex = index !== undefined;
    if (index !== undefined && index >= 0 && index < this.args.length) this.next = index;
    else this.goodIndex = false;
  }

  private width(flags: Flags): string {
    if (this.format[this.at] === '*') {
      this.at += 1;
      this.afterIndex = false;
      const width = this.integerArgument();
      if (width === undefined) return '%!(BADWIDTH)';
      flags.width = Math.abs(width);
      if (width < 0) {
        flags.minus = true;
        flags.zero = false;
      }
      return '';
    }
    flags.width = this.number();
    if (this.afterIndex && flags.width !== undefined) this.goodIndex = false;
    return '';
  }

  private precision(flags: Flags): string {
    if (this.format[this.at] !== '.' || this.at + 1 >= this.format.length) return '';
    this.at += 1;
    if (this.afterIndex) this.goodIndex = false;
    this.argumentIndex();
    if (this.format[this.at] !== '*') {
      flags.precision = this.number() ?? 0;
      return '';
    }
    this.at += 1;
    this.afterIndex = false;
    const precision = this.integerArgument();
    if (precision === undefined || precision < 0) return '%!(BADPREC)';
    flags.precision = precision;
    return '';
  }

  private integerArgument(): number | undefined {
    const arg = this.args[this.next];
    if (arg === undefined) return undefined;
    this.next += 1;
    const value = integerOf(arg);
    if (value === undefined || value > BigInt(MAX_NUMBER) || value < -BigInt(MAX_NUMBER)) return undefined;
    return Number(value);
  }

  private number(): number | undefined {
    let end = this.at;
    while (/[0-9]/.test(this.format[end] ?? '')) end += 1;
    if (end === this.at) return undefined;
    const value = Number(this.format.slice(this.at, end));
    this.at = end;
    return value > MAX_NUMBER ? undefined : value;
  }
}
