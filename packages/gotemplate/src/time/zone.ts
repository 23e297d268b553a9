/** Time zones: UTC, a fixed offset, or a name of the IANA database. */

export interface Zone {
  readonly name: string;
  /** What holds in the zone at a time, in seconds since 1970. */
  at(seconds: number): { readonly offset: number; readonly abbreviation: string };
}

export const UTC: Zone = { name: 'UTC', at: () => ({ offset: 0, abbreviation: 'UTC' }) };

/** A zone that is always `offset` seconds east of UTC. */
export function fixedZone(name: string, offset: number): Zone {
  return { name, at: () => ({ offset, abbreviation: name }) };
}

/** The zone of a name such as `Europe/Berlin`; undefined for a name that is not known. */
export function namedZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return UTC;
  const parts = partsFormat(name);
  if (parts === undefined) return undefined;
  const names = ['en-US', 'en-GB', 'en-AU', 'en-IN'].map(
    (locale) => new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' }),
  );
  return {
    name,
    at: (seconds) => {
      const offset = offsetAt(parts, seconds);
      return { offset, abbreviation: abbreviationAt(names, seconds) ?? numeric(offset) };
    },
  };
}

function partsFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith('Invalid time zone')) return undefined;
    throw error;
  }
}

function offsetAt(format: Intl.DateTimeFormat, seconds: number): number {
  const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const local = new Date(0);
  local.setUTCFullYear(year, part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return local.getTime() / 1000 - Math.floor(seconds);
}

/** `CET` where one of the languages has a name for it. */
function abbreviationAt(formats: readonly Intl.DateTimeFormat[], seconds: number): string | undefined {
  return formats
    .map((format) => format.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName')?.value)
    .find((name) => name !== undefined && /^[A-Z]{3,5}$/.test(name));
}

/** Zones without letters are written `+03` by Go, too. */
function numeric(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${String(Math.trunc(minutes / 60)).padStart(2, '0')}${rest}`;
}
