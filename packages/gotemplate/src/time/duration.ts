/** Go's time.Duration: nanoseconds, how they are written and read. */

import { GoError, type GoMethod, type GoType, type GoValue, int64, Typed } from '../value.ts';

export const NANOSECOND = 1n;
export const MICROSECOND = 1000n;
export const MILLISECOND = 1_000_000n;
export const SECOND = 1_000_000_000n;
export const MINUTE: bigint = 60n * SECOND;
export const HOUR: bigint = 60n * MINUTE;

/** A time.Duration as a value; its methods are Go's. */
export function durationValue(nanoseconds: bigint): Typed {
  return new Typed(DURATION, BigInt.asIntN(64, nanoseconds));
}

/** The nanoseconds of a time.Duration, or undefined for any other value. */
export function nanosecondsOf(value: GoValue | undefined): bigint | undefined {
  if (!(value instanceof Typed) || value.type.name !== DURATION.name) return undefined;
  return typeof value.value === 'bigint' ? value.value : undefined;
}

/** `1h15m30.918s`: as Duration.String writes it. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const rest = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (rest < SECOND) return sign + formatFraction(rest);
  const seconds = `${decimal(rest % MINUTE, SECOND)}s`;
  if (rest < MINUTE) return sign + seconds;
  const minutes = `${(rest / MINUTE) % 60n}m${seconds}`;
  return sign + (rest < HOUR ? minutes : `${rest / HOUR}h${minutes}`);
}

/** Reads `1h15m30.918s`; undefined where Go gives an error. */
export function parseDuration(text: string): bigint | undefined {
  const parts = /^([-+]?)(?:0|((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (parts === null) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/([0-9]*)(?:\.([0-9]*))?([a-zµμ]+)/g)) {
    const scale = UNITS.get(unit) ?? 0n;
    total += BigInt(whole === '' ? 0 : whole) * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  const value = parts[1] === '-' ? -total : total;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** The duration rounded to a multiple of `unit`, halves away from zero. */
export function roundDuration(nanoseconds: bigint, unit: bigint): bigint {
  if (unit <= 0n) return nanoseconds;
  const rest = nanoseconds % unit;
  const magnitude = rest < 0n ? -rest : rest;
  if (magnitude * 2n < unit) return nanoseconds - rest;
  return nanoseconds - rest + (nanoseconds < 0n ? -unit : unit);
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', NANOSECOND],
  ['us', MICROSECOND],
  ['µs', MICROSECOND],
  ['μs', MICROSECOND],
  ['ms', MILLISECOND],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
]);

const DURATION: GoType = {
  name: 'time.Duration',
  kind: 'int64',
  text: (self) => formatDuration(own(self)),
  methods: new Map<string, GoMethod>([
    ['String', { params: [], run: (self) => formatDuration(own(self)) }],
    ['Hours', { params: [], run: (self) => Number(own(self)) / Number(HOUR) }],
    ['Minutes', { params: [], run: (self) => Number(own(self)) / Number(MINUTE) }],
    ['Seconds', { params: [], run: (self) => Number(own(self)) / Number(SECOND) }],
    ['Milliseconds', { params: [], run: (self) => int64(own(self) / MILLISECOND) }],
    ['Microseconds', { params: [], run: (self) => int64(own(self) / MICROSECOND) }],
    ['Nanoseconds', { params: [], run: (self) => int64(own(self)) }],
    ['Abs', { params: [], run: (self) => durationValue(own(self) < 0n ? -own(self) : own(self)) }],
    [
      'Round',
      { params: ['time.Duration'], run: (self, [unit]) => durationValue(roundDuration(own(self), asked(unit))) },
    ],
    ['Truncate', { params: ['time.Duration'], run: (self, [unit]) => durationValue(truncate(own(self), asked(unit))) }],
  ]),
};

function own(self: Typed): bigint {
  return typeof self.value === 'bigint' ? self.value : 0n;
}

function asked(value: GoValue | undefined): bigint {
  const nanoseconds = nanosecondsOf(value);
  if (nanoseconds === undefined) throw new GoError('not a duration');
  return nanoseconds;
}

function truncate(nanoseconds: bigint, unit: bigint): bigint {
  return unit <= 0n ? nanoseconds : nanoseconds - (nanoseconds % unit);
}

function formatFraction(nanoseconds: bigint): string {
  if (nanoseconds < MICROSECOND) return `${nanoseconds}ns`;
  if (nanoseconds < MILLISECOND) return `${decimal(nanoseconds, MICROSECOND)}µs`;
  return `${decimal(nanoseconds, MILLISECOND)}ms`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
