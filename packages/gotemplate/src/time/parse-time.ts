/** Reads times by a layout, as Go's time.ParseInLocation. */

import { quote } from '../format/quote.ts';
import { GoError } from '../value.ts';
import { fromLocalSeconds, type Instant, MONTHS, utcSeconds, WEEKDAYS } from './instant.ts';
import { layoutPieces } from './layout.ts';
import { fixedZone, UTC, type Zone } from './zone.ts';

/** The time that `text` tells by `layout`, in `zone` where it names none. Throws a `GoError` with Go's text. */
export function parseTime(layout: string, text: string, zone: Zone): Instant {
  return new TimeParser(layout, text).parse(zone);
}

/** The time that a text of RFC 3339 tells. Throws a `GoError` with Go's text. */
export function parseRfc3339(text: string): Instant {
  return parseTime('2006-01-02T15:04:05Z07:00', text, UTC);
}

class TimeParser {
  private readonly layout: string;
  private readonly text: string;
  private rest: string;
  private year = 0;
  private month = 1;
  private day = 1;
  private yearDay: number | undefined;
  private hour = 0;
  private minute = 0;
  private second = 0;
  private nanosecond = 0;
  private half: 'AM' | 'PM' | undefined;
  private offset: number | undefined;
  private zoneName: string | undefined;

  constructor(layout: string, text: string) {
    this.layout = layout;
    this.text = text;
    this.rest = text;
  }

  parse(zone: Zone): Instant {
    const pieces = layoutPieces(this.layout);
    for (const [index, { type, text }] of pieces.entries()) {
      if (type === 'text') this.skipText(text);
      else this.element(text, pieces[index + 1]?.text ?? '');
    }
    if (this.rest !== '') throw this.error(`: extra text: ${quote(this.rest)}`);
    return this.result(zone);
  }

  private result(zone: Zone): Instant {
    if (this.half === 'PM' && this.hour < 12) this.hour += 12;
    if (this.half === 'AM' && this.hour === 12) this.hour = 0;
    if (this.yearDay === undefined && this.day > daysIn(this.year, this.month)) throw this.error(': day out of range');
    const date =
      this.yearDay === undefined ? utcSeconds(this.year, this.month, this.day) : utcSeconds(this.year, 1, this.yearDay);
    const local = date + this.hour * 3600 + this.minute * 60 + this.second;
    return fromLocalSeconds(local, this.nanosecond, this.zone(zone, local));
  }

  private zone(zone: Zone, local: number): Zone {
    if (this.offset !== undefined) {
      if (this.offset === 0 && (this.zoneName === undefined || this.zoneName === 'UTC')) return UTC;
      const here = zone.at(local - this.offset);
      return here.offset === this.offset ? zone : fixedZone(this.zoneName ?? '', this.offset);
    }
    if (this.zoneName === undefined) return zone;
    if (this.zoneName === 'UTC') return UTC;
    return zone.at(local).abbreviation === this.zoneName ? zone : fixedZone(this.zoneName, 0);
  }

  private skipText(text: string): void {
    for (const char of text) {
      if (char === ' ') {
        if (this.rest !== '' && !this.rest.startsWith(' ')) throw this.cannot(text);
        this.rest = this.rest.replace(/^ +/, '');
      } else if (this.rest.startsWith(char)) this.rest = this.rest.slice(char.length);
      else throw this.cannot(text);
    }
  }

  private element(element: string, following: string): void {
    switch (element) {
      case '2006':
        this.year = this.number(/^[0-9]{4}/, element);
        break;
      case '06': {
        const year = this.number(/^[0-9]{2}/, element);
        this.year = year + (year >= 69 ? 1900 : 2000);
        break;
      }
      case 'January':
        this.month = this.word(MONTHS, element) + 1;
        break;
      case 'Jan':
        this.month =
          this.word(
            MONTHS.map((name) => name.slice(0, 3)),
            element,
          ) + 1;
        break;
      case '01':
      case '1':
        this.month = this.within(this.digits(element), 1, 12, 'month');
        break;
      case 'Monday':
        this.word(WEEKDAYS, element);
        break;
      case 'Mon':
        this.word(
          WEEKDAYS.map((name) => name.slice(0, 3)),
          element,
        );
        break;
      case '02':
      case '_2':
      case '2':
        if (element === '_2') this.rest = this.rest.replace(/^ /, '');
        this.day = this.within(this.digits(element), 1, 31, 'day');
        break;
      case '002':
      case '__2':
        this.yearDay = this.within(this.number(/^ {0,2}[0-9]{1,3}/, element), 1, 366, 'day-of-year');
        break;
      case '15':
        this.hour = this.within(this.number(/^[0-9]{1,2}/, element), 0, 23, 'hour');
        break;
      case '03':
      case '3':
        this.hour = this.within(this.digits(element), 0, 12, 'hour');
        break;
      case '04':
      case '4':
        this.minute = this.within(this.digits(element), 0, 59, 'minute');
        break;
      case '05':
      case '5':
        this.second = this.within(this.digits(element), 0, 59, 'second');
        if (!/^[.,][09]/.test(following)) this.fraction(/^[.,][0-9]+/);
        break;
      case 'PM':
      case 'pm':
        this.half = this.halfOfDay(element);
        break;
      case 'MST':
        this.zoneName = this.taken(/^(?:UTC|[A-Z]{3,4}T?|[-+][0-9]{2,4})/, element);
        break;
      default:
        this.fractionOrOffset(element);
    }
  }

  private fractionOrOffset(element: string): void {
    if (/^[.,]9/.test(element)) this.fraction(/^[.,][0-9]+/);
    else if (/^[.,]0/.test(element)) {
      const exact = new RegExp(`^[.,][0-9]{${element.length - 1}}(?![0-9])`);
      if (!exact.test(this.rest)) throw this.cannot(element);
      this.fraction(exact);
    } else this.zoneOffset(element);
  }

  private zoneOffset(element: string): void {
    if (element.startsWith('Z') && this.rest.startsWith('Z')) {
      this.rest = this.rest.slice(1);
      this.offset = 0;
      this.zoneName = 'UTC';
      return;
    }
    const groups = element.slice(1).replaceAll(':', '').length / 2;
    const colon = element.includes(':') ? ':' : '';
    const pattern = new RegExp(`^[-+]${new Array(groups).fill('[0-9]{2}').join(colon)}`);
    const shown = this.taken(pattern, element);
    const [hours = 0, minutes = 0, seconds = 0] = (shown.slice(1).match(/[0-9]{2}/g) ?? []).map(Number);
    this.within(hours, 0, 24, 'time zone offset hour');
    this.within(minutes, 0, 60, 'time zone offset minute');
    this.offset = (shown.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  }

  private fraction(pattern: RegExp): void {
    const shown = pattern.exec(this.rest)?.[0];
    if (shown === undefined) return;
    this.rest = this.rest.slice(shown.length);
    this.nanosecond = Number(shown.slice(1, 10).padEnd(9, '0'));
  }

  private halfOfDay(element: string): 'AM' | 'PM' {
    const shown = this.taken(element === 'PM' ? /^[AP]M/ : /^[ap]m/, element);
    return shown.toUpperCase() === 'PM' ? 'PM' : 'AM';
  }

  /** Two digits where the element is written with a zero, else one or two. */
  private digits(element: string): number {
    return this.number(element.startsWith('0') ? /^[0-9]{2}/ : /^[0-9]{1,2}/, element);
  }

  private number(pattern: RegExp, element: string): number {
    return Number(this.taken(pattern, element));
  }

  private word(words: readonly string[], element: string): number {
    const lower = this.rest.toLowerCase();
    const index = words.findIndex((word) => lower.startsWith(word.toLowerCase()));
    if (index < 0) throw this.cannot(element);
    this.rest = this.rest.slice(words[index]?.length);
    return index;
  }

  private taken(pattern: RegExp, element: string): string {
    const shown = pattern.exec(this.rest)?.[0];
    if (shown === undefined) throw this.cannot(element);
    this.rest = this.rest.slice(shown.length);
    return shown;
  }

  private within(value: number, low: number, high: number, name: string): number {
    if (value < low || value > high) throw this.error(`: ${name} out of range`);
    return value;
  }

  private cannot(element: string): GoError {
    return this.error(` as ${quote(this.layout)}: cannot parse ${quote(this.rest)} as ${quote(element)}`);
  }

  private error(what: string): GoError {
    return new GoError(`parsing time ${quote(this.text)}${what}`);
  }
}

function daysIn(year: number, month: number): number {
  return Math.round((utcSeconds(year, month + 1, 1) - utcSeconds(year, month, 1)) / 86_400);
}
