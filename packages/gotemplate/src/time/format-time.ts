/** Writes times by a layout, as Go's Time.Format. */

import { type Fields, fieldsOf, type Instant, MONTHS, WEEKDAYS } from './instant.ts';
import { layoutPieces } from './layout.ts';

export function formatTime(instant: Instant, layout: string): string {
  const fields = fieldsOf(instant);
  return layoutPieces(layout)
    .map(({ type, text }) => (type === 'text' ? text : formatElement(text, fields)))
    .join('');
}

function formatElement(element: string, fields: Fields): string {
  switch (element) {
    case '2006':
      return fields.year < 0 ? `-${String(-fields.year).padStart(4, '0')}` : String(fields.year).padStart(4, '0');
    case '06':
      return two(Math.abs(fields.year) % 100);
    case 'January':
      return MONTHS[fields.month - 1] ?? '';
    case 'Jan':
      return (MONTHS[fields.month - 1] ?? '').slice(0, 3);
    case '01':
      return two(fields.month);
    case '1':
      return String(fields.month);
    case 'Monday':
      return WEEKDAYS[fields.weekday] ?? '';
    case 'Mon':
      return (WEEKDAYS[fields.weekday] ?? '').slice(0, 3);
    case '02':
      return two(fields.day);
    case '_2':
      return String(fields.day).padStart(2, ' ');
    case '2':
      return String(fields.day);
    case '002':
      return String(fields.yearDay).padStart(3, '0');
    case '__2':
      return String(fields.yearDay).padStart(3, ' ');
    case '15':
      return two(fields.hour);
    case '03':
      return two(fields.hour % 12 === 0 ? 12 : fields.hour % 12);
    case '3':
      return String(fields.hour % 12 === 0 ? 12 : fields.hour % 12);
    case '04':
      return two(fields.minute);
    case '4':
      return String(fields.minute);
    case '05':
      return two(fields.second);
    case '5':
      return String(fields.second);
    case 'PM':
      return fields.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return fields.hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return fields.abbreviation;
    default:
      return /^[.,]/.test(element) ? formatFraction(element, fields.nanosecond) : formatOffset(element, fields.offset);
  }
}

/** `.000` writes all digits, `.999` drops zeros at the end. */
function formatFraction(element: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, element.length - 1);
  const kept = element[1] === '9' ? digits.replace(/0+$/, '') : digits.padEnd(element.length - 1, '0');
  return kept === '' ? '' : (element[0] ?? '') + kept;
}

/** `-0700`, `-07:00`, ...; with Z instead of the sign UTC is `Z`. */
function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const colon = element.includes(':') ? ':' : '';
  const magnitude = Math.abs(offset);
  const parts = [Math.trunc(magnitude / 3600), Math.trunc(magnitude / 60) % 60, magnitude % 60];
  const shown = element.slice(1).replaceAll(':', '').length / 2;
  return (offset < 0 ? '-' : '+') + parts.slice(0, shown).map(two).join(colon);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
