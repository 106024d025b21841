/** What cron expressions mean, day by day, and which are refused. */

import { Cron } from 'croner';
import { describe, expect, it } from 'vitest';
import { readCron } from '../../lib/config/cron.ts';
import { firings, minuteText } from '../../lib/config/schedule.ts';
import { firstFirings, randomOf, SEED } from './helpers.ts';

/** What it shows, the expression, from when on, and the days on which it fires first. */
const days: [string, string, string, string[]][] = [
  ['2 is Monday, not Tuesday as in crontab', '0 3 ? * 2 *', '2026-08-01', ['2026-08-03', '2026-08-10']],
  ['1 is Sunday', '0 3 ? * 1 *', '2026-08-01', ['2026-08-02', '2026-08-09']],
  ['names are the same days', '0 3 ? * mon,Sat *', '2026-08-01', ['2026-08-01', '2026-08-03']],
  ['a range of names', '0 3 ? * MON-FRI *', '2026-08-01', ['2026-08-03', '2026-08-04']],
  ['L alone is the last day of the week', '0 3 ? * L *', '2026-08-02', ['2026-08-08', '2026-08-15']],
  ['6L is the last Friday of the month', '0 3 ? * 6L *', '2026-08-01', ['2026-08-28', '2026-09-25']],
  ['FRIL is so too', '0 3 ? * FRIL *', '2026-08-01', ['2026-08-28', '2026-09-25']],
  ['3#2 is the second Tuesday of the month', '0 3 ? * 3#2 *', '2026-08-01', ['2026-08-11', '2026-09-08']],
  ['a fifth Monday is not in every month', '0 3 ? * MON#5 *', '2026-08-01', ['2026-08-31', '2026-11-30']],
  ['L is the last day of the month', '0 3 L * ? *', '2028-01-31', ['2028-01-31', '2028-02-29', '2028-03-31']],
  ['1W does not leave the month', '0 3 1W * ? *', '2026-08-01', ['2026-08-03', '2026-09-01']],
  ['15W on a Saturday is the Friday', '0 3 15W 8 ? *', '2026-08-01', ['2026-08-14', '2027-08-16']],
  ['31W is not in a month of 30 days', '0 3 31W * ? *', '2026-09-01', ['2026-10-30', '2026-12-31']],
  [
    'LW is the last weekday of the month',
    '0 3 LW * ? *',
    '2026-08-01',
    ['2026-08-31', '2026-09-30', '2026-10-30'],
  ],
  [
    'a step counts from the first',
    '0 3 1/10 * ? *',
    '2026-08-02',
    ['2026-08-11', '2026-08-21', '2026-08-31'],
  ],
  ['29 February comes in leap years', '0 3 29 2 ? *', '2026-01-01', ['2028-02-29', '2032-02-29']],
  ['2100 is no leap year', '0 3 29 2 ? *', '2094-01-01', ['2096-02-29', '2104-02-29']],
  ['months have names', '0 3 1 JAN,jul ? *', '2026-08-01', ['2027-01-01', '2027-07-01']],
  ['years have steps', '0 3 1 1 ? 2025/4', '2026-08-01', ['2029-01-01', '2033-01-01']],
];

describe('a day of a cron expression', () => {
  it.each(days)('%s', (_, cron, from, expected) => {
    const found = firstFirings(expected.length, { cron, timeZone: 'UTC' }, `${from}T00:00:00Z`);
    expect(found).toEqual(expected.map((day) => `${day}T03:00Z`));
  });

  it('is the same to a plain reading of the guide, for 100 random expressions', () => {
    const random = randomOf(SEED);
    const upTo = (most: number) => Math.floor(random() * most);
    const some = (texts: readonly string[]) => texts[upTo(texts.length)] ?? '*';
    for (let run = 0; run < 100; run++) {
      const [a, b] = [1 + upTo(31), 1 + upTo(31)];
      const [c, d] = [1 + upTo(7), 1 + upTo(7)];
      const dayOfMonth = some([
        '*',
        'L',
        'LW',
        `${a}W`,
        `${a},${b}`,
        `${Math.min(a, b)}-${Math.max(a, b)}`,
        `${a}/3`,
      ]);
      const dayOfWeek = some([`${c}`, `${c}L`, 'L', `${c}#${1 + upTo(5)}`, `${c},${d}`]);
      const month = some(['*', `${1 + upTo(12)}`, '*/3', 'FEB,NOV']);
      const cron = some([`0 0 ${dayOfMonth} ${month} ? *`, `0 0 ? ${month} ${dayOfWeek} *`]);
      const from = Date.UTC(2024 + upTo(170), 0, 1) / 1000;
      const found = [];
      for (const at of firings({ cron, timeZone: 'UTC' }, from)) {
        if (at >= from + 800 * 86_400) break;
        found.push(at);
      }
      const wanted = Array.from({ length: 800 }, (_, day) => from + day * 86_400).filter((at) =>
        fits(cron, at),
      );
      expect(found.map(minuteText), `${cron}, seed ${SEED}`).toEqual(wanted.map(minuteText));
    }
  });
});

/** Whether a day fits an expression, by the plainest reading and without any library. */
function fits(cron: string, at: number): boolean {
  const [, , dayOfMonth = '', month = '', dayOfWeek = ''] = cron.split(' ');
  const date = new Date(at * 1000);
  const [year, monthNr, day, weekday] = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCDay() + 1,
  ];
  const last = new Date(Date.UTC(year, monthNr + 1, 0)).getUTCDate();
  const among = (text: string, value: number, from: number) =>
    text.split(',').some((item) => {
      const [span = '', step] = item.split('/');
      const [low, high] = span === '*' ? [from, 99] : span.split('-').map(Number);
      const end = high ?? (step === undefined ? low : 99);
      return value >= (low ?? 0) && value <= (end ?? 0) && (value - (low ?? 0)) % Number(step ?? 1) === 0;
    });
  const isWeekday = (nr: number) => ![0, 6].includes(new Date(Date.UTC(year, monthNr, nr)).getUTCDay());
  const nearestWeekday = (target: number) => {
    const near = [target, target - 1, target + 1, target - 2, target + 2];
    return near.find((nr) => nr >= 1 && nr <= last && isWeekday(nr));
  };
  if (!among(month.replace('FEB', '2').replace('NOV', '11'), monthNr + 1, 1)) return false;
  if (dayOfWeek === '?') {
    if (dayOfMonth === 'L') return day === last;
    if (dayOfMonth === 'LW') return day === nearestWeekday(last);
    if (!dayOfMonth.endsWith('W')) return among(dayOfMonth, day, 1);
    const target = Number.parseInt(dayOfMonth, 10);
    return target <= last && day === nearestWeekday(target);
  }
  if (dayOfWeek === 'L') return weekday === 7;
  if (dayOfWeek.endsWith('L')) return weekday === Number.parseInt(dayOfWeek, 10) && day > last - 7;
  const [which = '', nth] = dayOfWeek.split('#');
  return among(which, weekday, 1) && (nth === undefined || Math.ceil(day / 7) === Number(nth));
}

describe('the text of an expression', () => {
  it('is kept in upper case with single spaces', () => {
    expect(readCron(' 0  3 ? * mon-fri  * ')).toMatchObject({ text: '0 3 ? * MON-FRI *' });
  });

  it.each([
    '60 3 * * ? *',
    '-1 3 * * ? *',
    '0 24 * * ? *',
    '0 3 0 * ? *',
    '0 3 32 * ? *',
    '0 3 * 13 ? *',
    '0 3 * FOO ? *',
    '0 3 ? * 8 *',
    '0 3 ? * MON#6 *',
    '0 3 ? * MON#0 *',
    '0 3 ? * 2#1,3#2 *',
    '0 3 ? * 6L,2 *',
    '0 3 L,15 * ? *',
    '0 3 15W,20 * ? *',
    '0 3 L-3 * ? *',
    '0 3 W * ? *',
    '0 3 32W * ? *',
    '0 3 * * ? 1969',
    '0 3 * * ? 2200',
    '5-1 3 * * ? *',
    '0/0 3 * * ? *',
    '0/60 3 * * ? *',
    '/5 3 * * ? *',
    '1,,2 3 * * ? *',
    '1-2-3 3 * * ? *',
    '0 3 ? * */2 *',
    '0 3 ? * FRI-MON *',
    '0 3 * * ? * *',
    '',
    '? 3 * * ? *',
    '@daily',
    '1.5 3 * * ? *',
  ])('%s is refused', (text) => {
    expect(readCron(text)).toHaveProperty('remedy');
  });

  it('is enough for croner wherever it is accepted, whatever stands in it', () => {
    const random = randomOf(SEED);
    const letters = '0123456789*?/-,LW# MONFEB';
    const mutate = (text: string) => {
      const at = Math.floor(random() * text.length);
      return text.slice(0, at) + (letters[Math.floor(random() * letters.length)] ?? '') + text.slice(at + 1);
    };
    for (let run = 0; run < 1000; run++) {
      const text = mutate(mutate(['0 3 * * ? *', '5/15 1-4 L 2,3 ? 2027', '0 3 ? JAN 6#2 *'][run % 3] ?? ''));
      const cron = readCron(text);
      if ('remedy' in cron) continue;
      const pattern = `0 0 0 ${cron.days} 2027`;
      expect(
        () => new Cron(pattern, { mode: '7-part', alternativeWeekdays: true, paused: true }),
        `${text}, seed ${SEED}`,
      ).not.toThrow();
      expect(cron.minutes.length * cron.hours.length * cron.years.length, text).toBeGreaterThan(0);
    }
  });
});
