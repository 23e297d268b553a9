/** sprig's functions of dates. */

import { quote } from '../format/quote.ts';
import { formatDuration, HOUR, MINUTE, parseDuration, roundDuration, SECOND } from '../time/duration.ts';
import { formatTime } from '../time/format-time.ts';
import { type Instant, unixSeconds, ZERO_INSTANT } from '../time/instant.ts';
import { parseTime } from '../time/parse-time.ts';
import { instantOf, timeValue } from '../time/time-value.ts';
import { namedZone, UTC, type Zone } from '../time/zone.ts';
import { GoError, type GoFunction, type GoValue, Typed } from '../value.ts';
import { ofAny, textOf } from './arguments.ts';

export interface DateOptions {
  /** The time that `now` gives. */
  readonly now: () => Date;
  /** The zone that Go calls `Local`, by its IANA name; UTC unless given. */
  readonly timeZone?: string;
}

/** The functions of dates, by the clock and zone of the options. */
export function dateFunctions({ now, timeZone }: DateOptions): ReadonlyMap<string, GoFunction> {
  const zones = new Map<string, Zone>();
  const zone = (name: string): Zone => {
    const wanted = name === 'Local' ? (timeZone ?? 'UTC') : name;
    const known = zones.get(wanted) ?? namedZone(wanted) ?? UTC;
    zones.set(wanted, known);
    return known;
  };
  const current = (): Instant => ({ nanoseconds: BigInt(now().getTime()) * 1_000_000n, zone: zone('Local') });
  const format = (layout: string, date: GoValue, name: string): string =>
    formatTime({ ...(timeFrom(date) ?? current()), zone: zone(name) }, layout);
  const inZone: GoFunction = {
    params: ['string', 'interface {}', 'string'],
    run: ([layout, date = null, name]) => format(textOf(layout), date, textOf(name)),
  };
  const parse = (layout: GoValue | undefined, text: GoValue | undefined): Instant =>
    parseTime(textOf(layout), textOf(text), zone('Local'));
  return new Map<string, GoFunction>([
    ['now', { params: [], run: () => timeValue(current()) }],
    [
      'date',
      { params: ['string', 'interface {}'], run: ([layout, date = null]) => format(textOf(layout), date, 'Local') },
    ],
    ['dateInZone', inZone],
    ['date_in_zone', inZone],
    ['htmlDate', ofAny((date) => format('2006-01-02', date, 'Local'))],
    [
      'htmlDateInZone',
      { params: ['interface {}', 'string'], run: ([date = null, name]) => format('2006-01-02', date, textOf(name)) },
    ],
    ['dateModify', modifying('keep')],
    ['date_modify', modifying('keep')],
    ['mustDateModify', modifying('fail')],
    ['must_date_modify', modifying('fail')],
    ['ago', ofAny((date) => ago(current(), date))],
    ['duration', ofAny((seconds) => formatDuration(secondsFrom(seconds) * SECOND))],
    ['durationRound', ofAny((duration) => roughly(durationFrom(duration, current())))],
    [
      'toDate',
      { params: ['string', 'string'], run: ([layout, text]) => timeValue(parsedOrZero(() => parse(layout, text))) },
    ],
    ['mustToDate', { params: ['string', 'string'], run: ([layout, text]) => timeValue(parse(layout, text)) }],
    ['unixEpoch', { params: ['time.Time'], run: ([date]) => String(unixSeconds(instantOf(date) ?? ZERO_INSTANT)) }],
  ]);
}

/** A time, or the seconds since 1970 in an int, int32 or int64; anything else is no time. */
function timeFrom(value: GoValue): Instant | undefined {
  const instant = instantOf(value);
  if (instant !== undefined) return instant;
  const seconds = typeof value === 'bigint' ? value : plainSeconds(value);
  return seconds === undefined ? undefined : { nanoseconds: seconds * SECOND, zone: UTC };
}

function plainSeconds(value: GoValue): bigint | undefined {
  if (!(value instanceof Typed) || !['int64', 'int32'].includes(value.type.name)) return undefined;
  return typeof value.value === 'bigint' ? value.value : undefined;
}

function modifying(onBadDuration: 'keep' | 'fail'): GoFunction {
  return {
    params: ['string', 'time.Time'],
    run: ([by, date]) => {
      const instant = instantOf(date) ?? ZERO_INSTANT;
      const nanoseconds = parseDuration(textOf(by));
      if (nanoseconds === undefined && onBadDuration === 'fail') throw badDuration(textOf(by));
      return timeValue({ ...instant, nanoseconds: instant.nanoseconds + (nanoseconds ?? 0n) });
    },
  };
}

function badDuration(text: string): GoError {
  return new GoError(`time: ${durationProblem(text)} ${quote(text)}`);
}

/** What Go finds wrong in the first part of the text that is no duration. */
function durationProblem(text: string): string {
  let rest = text.replace(/^[-+]/, '');
  while (rest !== '') {
    const part = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)([^.0-9]*)/.exec(rest);
    if (part === null) break;
    const [whole, unit = ''] = part;
    if (unit === '') return 'missing unit in duration';
    if (!/^(?:ns|us|µs|μs|ms|s|m|h)$/.test(unit)) return `unknown unit ${quote(unit)} in duration`;
    rest = rest.slice(whole.length);
  }
  return 'invalid duration';
}

function ago(current: Instant, date: GoValue): string {
  const then = timeFrom(date) ?? current;
  return formatDuration(roundDuration(current.nanoseconds - then.nanoseconds, SECOND));
}

/** Only a string or an int64 are seconds to sprig; an int is zero. */
function secondsFrom(value: GoValue): bigint {
  if (typeof value === 'string') return /^[-+]?[0-9]+$/.test(value) ? BigInt.asIntN(64, BigInt(value)) : 0n;
  return value instanceof Typed && value.type.name === 'int64' && typeof value.value === 'bigint' ? value.value : 0n;
}

function durationFrom(value: GoValue, current: Instant): bigint {
  if (typeof value === 'string') return parseDuration(value) ?? 0n;
  const instant = instantOf(value);
  if (instant !== undefined) return current.nanoseconds - instant.nanoseconds;
  return value instanceof Typed && value.type.name === 'int64' && typeof value.value === 'bigint' ? value.value : 0n;
}

/** The largest unit that fits, without the rest. */
function roughly(duration: bigint): string {
  const magnitude = duration < 0n ? -duration : duration;
  const unit = ROUGH_UNITS.find(([, size]) => magnitude > size);
  return unit === undefined ? '0s' : `${magnitude / unit[1]}${unit[0]}`;
}

const ROUGH_UNITS: readonly (readonly [string, bigint])[] = [
  ['y', 24n * 365n * HOUR],
  ['mo', 24n * 30n * HOUR],
  ['d', 24n * HOUR],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
];

function parsedOrZero(parse: () => Instant): Instant {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GoError) return ZERO_INSTANT;
    throw error;
  }
}
