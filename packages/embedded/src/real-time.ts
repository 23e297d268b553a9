/** Times in manifests: RFC 3339 with up to nine decimals, and on the calendar. */

/** True for `2018-03-01T15:55:44.322987811Z` and `2018-03-01T15:55:44+08:00`, from 1900 to 2100. */
export function isRealTime(text: string): boolean {
  const [, date = '', hour, minute, second, zoneHour = '0', zoneMinute = '0'] = TIME.exec(text) ?? [];
  const day = new Date(`${date}T00:00:00Z`);
  // A day that the month does not have would become one of the next month.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) return false;
  const year = day.getUTCFullYear();
  if (year < 1900 || year > 2100) return false;
  return (
    Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 && Number(zoneHour) < 24 && Number(zoneMinute) < 60
  );
}

const TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-](\d{2}):(\d{2}))$/;
