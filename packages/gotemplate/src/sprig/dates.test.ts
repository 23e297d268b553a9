import { describe, expect, it } from 'vitest';
import { failure, render, TEST_NOW } from '../testing/render.ts';
import { seededRandom } from './random.ts';
import { sprigFunctions } from './sprig-functions.ts';

describe('dates', () => {
  it.each([
    ['{{now}}', '2024-03-15 10:20:30.5 +0000 UTC'],
    [
      '{{date "2006-01-02" 0}} {{htmlDate 0}} {{htmlDateInZone 0 "UTC"}} {{date "2006" "nonsense"}}',
      '1970-01-01 1970-01-01 1970-01-01 2024',
    ],
    [
      '{{dateInZone "2006-01-02T15:04:05Z07:00" 1577934245 "UTC"}} {{date_in_zone "15:04" (int64 0) "Nowhere/Land"}}',
      '2020-01-02T03:04:05Z 00:00',
    ],
    ['{{dateInZone "2006-01-02 15:04:05 -0700 MST" 1577934245 "America/New_York"}}', '2020-01-01 22:04:05 -0500 EST'],
    ['{{dateInZone "2006-01-02 15:04:05 -0700" 1594000000 "Europe/Berlin"}}', '2020-07-06 03:46:40 +0200'],
    [
      '{{now | date "Mon Jan _2 15:04:05 2006"}} {{now | date "Monday, 2 January 06 3:04PM .000 .999"}}',
      'Fri Mar 15 10:20:30 2024 Friday, 15 March 24 10:20AM .500 .5',
    ],
    ['{{date "002 __2 _2 2 1 03 pm Z0700 -07 05.000000" 5}}', '001   1  1 1 1 12 am Z +00 05.000000'],
    ['{{date "Januaryx Janx Monx 2006-x_2006" 0}}', 'Januaryx Janx Monx 1970-x_1970'],
    [
      '{{toDate "2006-01-02" "2020-05-04" | date "02/01/2006"}} {{toDate "2006-01-02" "x" | date "2006"}} {{unixEpoch (toDate "2006-01-02 15:04:05 -0700" "2020-05-04 01:02:03 +0130")}}',
      '04/05/2020 0001 1588548723',
    ],
    ['{{toDate "Jan 2, 2006 at 3:04pm (MST)" "Feb 3, 2013 at 7:54pm (UTC)"}}', '2013-02-03 19:54:00 +0000 UTC'],
    [
      '{{now | dateModify "-1.5h" | date "15:04:05"}} {{now | date_modify "x" | date "15:04"}} {{now | mustDateModify "24h" | htmlDate}}',
      '08:50:30 10:20 2024-03-16',
    ],
    ['{{ago 1710498000}} {{ago "x"}} {{ago (toDate "2006-01-02" "2024-03-14")}}', '31s 0s 34h20m31s'],
    ['{{(toDate "2006-01-02T15:04" "2020-01-02T03:45").Truncate 3600000000000}}', '2020-01-02 03:00:00 +0000 UTC'],
    ['{{duration "95"}} {{duration 95}} {{duration (int64 3700)}} {{duration "x"}}', '1m35s 0s 1h1m40s 0s'],
    [
      '{{durationRound "2h10m5s"}} {{durationRound "2400h10m5s"}} {{durationRound "9000h"}} {{durationRound "25h"}} {{durationRound "-90s"}} {{durationRound "5s"}} {{durationRound 5}} {{durationRound (now | dateModify "-3h")}}',
      '2h 3mo 1y 1d 1m 5s 0s 3h',
    ],
    [
      '{{now.Year}} {{now.Month}} {{printf "%d" now.Month}} {{now.Day}} {{now.Weekday}} {{now.YearDay}} {{now.Hour}} {{now.Unix}} {{now.UnixNano}} {{now.Nanosecond}}',
      '2024 March 3 15 Friday 75 10 1710498030 1710498030500000000 500000000',
    ],
    [
      '{{(now.AddDate 1 -1 20).Format "2006-01-02"}} {{now.IsZero}} {{(now.Sub (now.AddDate 0 0 -1)).Hours}} {{now.Sub now}} {{now.Before (now.AddDate 0 0 1)}} {{now.Equal now}}',
      '2025-03-07 false 24 0s true true',
    ],
    [
      '{{(now.Add (now.Sub (now.AddDate 0 0 1))).Format "2006-01-02"}} {{(now.Truncate ((now.AddDate 0 0 1).Sub now)).Format "15:04"}} {{toJson now}} {{eq now.Month 3}}',
      '2024-03-14 00:00 "2024-03-15T10:20:30.5Z" true',
    ],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it.each([
    [
      '{{mustToDate "2006-01-02" "2020-13-01"}}',
      'error calling mustToDate: parsing time "2020-13-01": month out of range',
    ],
    [
      '{{mustToDate "2006-01-02" "2021-02-29"}}',
      'error calling mustToDate: parsing time "2021-02-29": day out of range',
    ],
    [
      '{{mustToDate "2006-01-02" "x"}}',
      'error calling mustToDate: parsing time "x" as "2006-01-02": cannot parse "x" as "2006"',
    ],
    [
      '{{mustToDate "2006-01-02" "2020-01-02 z"}}',
      'error calling mustToDate: parsing time "2020-01-02 z": extra text: " z"',
    ],
    [
      '{{mustToDate "2006-01-02" "2020/01/02"}}',
      'error calling mustToDate: parsing time "2020/01/02" as "2006-01-02": cannot parse "/01/02" as "-"',
    ],
    ['{{now | mustDateModify "x"}}', 'error calling mustDateModify: time: invalid duration "x"'],
    ['{{now | mustDateModify "1d"}}', 'time: unknown unit "d" in duration "1d"'],
    ['{{now | mustDateModify "1h30"}}', 'time: missing unit in duration "1h30"'],
    ['{{unixEpoch 5}}', `can't handle 5 for arg of type time.Time`],
  ])('%s fails', (text, expected) => {
    expect(failure(text)).toContain(expected);
  });

  it('take the zone of the options for local', () => {
    const functions = sprigFunctions({
      now: () => new Date(TEST_NOW),
      random: seededRandom('x'),
      timeZone: 'Asia/Tokyo',
    });
    expect(render('{{now | date "2006-01-02 15:04 -0700"}} {{now.Hour}}', null, { functions })).toBe(
      '2024-03-15 19:20 +0900 19',
    );
    expect(render('{{(toDate "2006-01-02" "2020-01-01").Unix}}', null, { functions })).toBe(
      String(Date.UTC(2019, 11, 31, 15) / 1000),
    );
  });
});
