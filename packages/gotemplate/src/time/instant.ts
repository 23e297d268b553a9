/** A time with its zone, and its fields in the calendar. */

import { UTC, type Zone } from './zone.ts';

/** A point in time, in nanoseconds since 1970, seen from a zone. */
export interface Instant {
  readonly nanoseconds: bigint;
  readonly zone: Zone;
}

/** Go's zero time: the first of January of the year 1. */
export const ZERO_INSTANT: Instant = { nanoseconds: -62_135_596_800_000_000_000n, zone: UTC };

export interface Fields {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Sunday is 0. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  readonly offset: number;
  readonly abbreviation: string;
}

/** Whole seconds since 1970, rounded down. */
export function unixSeconds({ nanoseconds }: Instant): number {
  return Number((nanoseconds - modulo(nanoseconds, 1_000_000_000n)) / 1_000_000_000n);
}

export function fieldsOf(instant: Instant): Fields {
  const seconds = unixSeconds(instant);
  const { offset, abbreviation } = instant.zone.at(seconds);
  const date = new Date((seconds + offset) * 1000);
  const newYear = utcSeconds(date.getUTCFullYear(), 1, 1);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(modulo(instant.nanoseconds, 1_000_000_000n)),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((seconds + offset - newYear) / 86_400) + 1,
    offset,
    abbreviation,
  };
}

/** Seconds since 1970 of a date in UTC; months and days beyond their range carry over. */
export function utcSeconds(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000;
}

/** The instant at which clocks of the zone show these seconds (counted as if they were UTC). */
export function fromLocalSeconds(local: number, nanosecond: number, zone: Zone): Instant {
  const guess = zone.at(local).offset;
  const offset = zone.at(local - guess).offset;
  return { nanoseconds: BigInt(local - offset) * 1_000_000_000n + BigInt(nanosecond), zone };
}

/** A month or day of the week as Go writes it. */
export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
