/** Go's time.Time as a value, with its methods. */

import { type GoMethod, type GoType, type GoValue, int64, type Kind, Typed } from '../value.ts';
import { durationValue, nanosecondsOf, roundDuration } from './duration.ts';
import { formatTime } from './format-time.ts';
import {
  type Fields,
  fieldsOf,
  fromLocalSeconds,
  type Instant,
  MONTHS,
  unixSeconds,
  utcSeconds,
  WEEKDAYS,
  ZERO_INSTANT,
} from './instant.ts';
import { UTC } from './zone.ts';

/** A time as templates see it. */
export function timeValue(instant: Instant): Typed {
  return new Typed(TIME, null, instant);
}

/** The instant of a time.Time, or undefined for any other value. */
export function instantOf(value: GoValue | undefined): Instant | undefined {
  if (!(value instanceof Typed) || value.type.name !== TIME.name) return undefined;
  const { detail } = value;
  return isInstant(detail) ? detail : undefined;
}

function isInstant(detail: unknown): detail is Instant {
  return typeof detail === 'object' && detail !== null && 'nanoseconds' in detail && 'zone' in detail;
}

const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

const TIME: GoType = {
  name: 'time.Time',
  kind: 'struct',
  text: (self) => formatTime(own(self), '2006-01-02 15:04:05.999999999 -0700 MST'),
  encoded: (self) => formatTime(own(self), RFC3339_NANO),
  methods: new Map<string, GoMethod>([
    ['Format', { params: ['string'], run: (self, [layout]) => formatTime(own(self), String(layout)) }],
    ['String', { params: [], run: (self) => formatTime(own(self), '2006-01-02 15:04:05.999999999 -0700 MST') }],
    ['Unix', { params: [], run: (self) => int64(BigInt(unixSeconds(own(self)))) }],
    ['UnixMilli', { params: [], run: (self) => int64(floorDivide(own(self).nanoseconds, 1_000_000n)) }],
    ['UnixMicro', { params: [], run: (self) => int64(floorDivide(own(self).nanoseconds, 1000n)) }],
    ['UnixNano', { params: [], run: (self) => int64(own(self).nanoseconds) }],
    ['Year', field((fields) => BigInt(fields.year))],
    ['Month', field((fields) => named('time.Month', fields.month, MONTHS[fields.month - 1]))],
    ['Day', field((fields) => BigInt(fields.day))],
    ['Hour', field((fields) => BigInt(fields.hour))],
    ['Minute', field((fields) => BigInt(fields.minute))],
    ['Second', field((fields) => BigInt(fields.second))],
    ['Nanosecond', field((fields) => BigInt(fields.nanosecond))],
    ['YearDay', field((fields) => BigInt(fields.yearDay))],
    ['Weekday', field((fields) => named('time.Weekday', fields.weekday, WEEKDAYS[fields.weekday]))],
    ['IsZero', { params: [], run: (self) => own(self).nanoseconds === ZERO_INSTANT.nanoseconds }],
    ['UTC', { params: [], run: (self) => timeValue({ ...own(self), zone: UTC }) }],
    ['Add', { params: ['time.Duration'], run: (self, [by]) => moved(own(self), nanosecondsOf(by) ?? 0n) }],
    [
      'Sub',
      { params: ['time.Time'], run: (self, [other]) => durationValue(own(self).nanoseconds - nanosecondsAt(other)) },
    ],
    ['Before', { params: ['time.Time'], run: (self, [other]) => own(self).nanoseconds < nanosecondsAt(other) }],
    ['After', { params: ['time.Time'], run: (self, [other]) => own(self).nanoseconds > nanosecondsAt(other) }],
    ['Equal', { params: ['time.Time'], run: (self, [other]) => own(self).nanoseconds === nanosecondsAt(other) }],
    [
      'AddDate',
      {
        params: ['int', 'int', 'int'],
        run: (self, [years, months, days]) =>
          timeValue(addDate(own(self), Number(years), Number(months), Number(days))),
      },
    ],
    [
      'Truncate',
      { params: ['time.Duration'], run: (self, [unit]) => timeValue(truncated(own(self), nanosecondsOf(unit) ?? 0n)) },
    ],
    [
      'Round',
      { params: ['time.Duration'], run: (self, [unit]) => timeValue(rounded(own(self), nanosecondsOf(unit) ?? 0n)) },
    ],
  ]),
};

function own(self: Typed): Instant {
  return isInstant(self.detail) ? self.detail : ZERO_INSTANT;
}

function nanosecondsAt(value: GoValue | undefined): bigint {
  return (instantOf(value) ?? ZERO_INSTANT).nanoseconds;
}

function field(read: (fields: Fields) => GoValue): GoMethod {
  return { params: [], run: (self) => read(fieldsOf(own(self))) };
}

/** time.Month and time.Weekday: integers that print as names. */
function named(name: string, value: number, text: string | undefined): Typed {
  const kind: Kind = 'int';
  const shown = text ?? String(value);
  const methods = new Map<string, GoMethod>([['String', { params: [], run: () => shown }]]);
  return new Typed({ name, kind, text: () => shown, methods }, BigInt(value));
}

function moved(instant: Instant, by: bigint): Typed {
  return timeValue({ ...instant, nanoseconds: instant.nanoseconds + by });
}

function addDate(instant: Instant, years: number, months: number, days: number): Instant {
  const { year, month, day, hour, minute, second, nanosecond } = fieldsOf(instant);
  const date = utcSeconds(year + years, month + months, day + days);
  return fromLocalSeconds(date + hour * 3600 + minute * 60 + second, nanosecond, instant.zone);
}

/** Multiples are counted from Go's zero time. */
function truncated(instant: Instant, unit: bigint): Instant {
  if (unit <= 0n) return instant;
  const since = instant.nanoseconds - ZERO_INSTANT.nanoseconds;
  return { ...instant, nanoseconds: instant.nanoseconds - (since % unit) };
}

function rounded(instant: Instant, unit: bigint): Instant {
  if (unit <= 0n) return instant;
  const since = instant.nanoseconds - ZERO_INSTANT.nanoseconds;
  return { ...instant, nanoseconds: ZERO_INSTANT.nanoseconds + roundDuration(since, unit) };
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value >= 0n ? value / by : -((-value + by - 1n) / by);
}
