/** When schedules fire, and how far apart. */

import { Cron } from 'croner';
import { describe, expect, it } from 'vitest';
import { firings, firingsAhead, gaps, minuteText, mostWithin } from '../../lib/config/schedule.ts';
import { firstFirings, randomOf, SEED } from './helpers.ts';

const seconds = (iso: string) => Date.parse(iso) / 1000;

/** What it shows, the expression, the zone, from when on, and when it fires first. */
const changes: [string, string, string, string, string[]][] = [
  [
    'the day before has winter time',
    '0 3 * * ? *',
    'Europe/Berlin',
    '2026-03-28',
    ['2026-03-28T02:00Z', '2026-03-29T01:00Z', '2026-03-30T01:00Z'],
  ],
  [
    'a time that the clocks pass over is skipped',
    '30 2 * * ? *',
    'Europe/Berlin',
    '2026-03-28',
    ['2026-03-28T01:30Z', '2026-03-30T00:30Z'],
  ],
  [
    'so it is among others of the day',
    '30 1-3 * * ? *',
    'Europe/Berlin',
    '2026-03-28T23:00',
    ['2026-03-29T00:30Z', '2026-03-29T01:30Z', '2026-03-29T23:30Z'],
  ],
  [
    'a time that comes twice fires once, the first time',
    '30 2 * * ? *',
    'Europe/Berlin',
    '2026-10-24',
    ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  ],
  [
    'an hour that comes twice fires once',
    '0 1-3 * * ? *',
    'Europe/Berlin',
    '2026-10-24T22:00',
    ['2026-10-24T23:00Z', '2026-10-25T00:00Z', '2026-10-25T02:00Z'],
  ],
  [
    'the south changes the other way',
    '0 3 * * ? *',
    'Australia/Sydney',
    '2026-10-02T12:00',
    ['2026-10-02T17:00Z', '2026-10-03T16:00Z'],
  ],
  [
    'half an hour of summer time',
    '15 2 * * ? *',
    'Australia/Lord_Howe',
    '2026-10-02T12:00',
    ['2026-10-02T15:45Z', '2026-10-04T15:15Z'],
  ],
  ['a zone of five and three quarters', '0 3 * * ? *', 'Asia/Kathmandu', '2026-08-01', ['2026-08-01T21:15Z']],
];

describe('a change of the clocks', () => {
  it.each(changes)('%s', (_, cron, timeZone, from, expected) => {
    const start = from.includes('T') ? `${from}:00Z` : `${from}T00:00:00Z`;
    expect(firstFirings(expected.length, { cron, timeZone }, start)).toEqual(expected);
  });

  it('apart, every hour of every zone is where croner has it', () => {
    for (const timeZone of [
      'UTC',
      'America/New_York',
      'Africa/Casablanca',
      'Pacific/Chatham',
      'Asia/Kolkata',
    ]) {
      const croner = new Cron('0 0 12 * * * 2027', { timezone: timeZone, mode: '7-part', paused: true });
      const wanted = croner
        .nextRuns(365, new Date('2026-12-30T00:00:00Z'))
        .map((date) => date.getTime() / 1000);
      const found = [...firings({ cron: '0 12 * * ? 2027', timeZone }, 0)];
      expect(found.map(minuteText), timeZone).toEqual(wanted.map(minuteText));
    }
  });
});

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The expression, its zone, and the longest and shortest time between two firings. */
const apart: [string, string, number, number][] = [
  ['0 3 * * ? *', 'UTC', DAY, DAY],
  ['0 3 * * ? *', 'Europe/Berlin', 25 * HOUR, 23 * HOUR],
  ['30 2 * * ? *', 'Europe/Berlin', 47 * HOUR, DAY],
  ['0 * * * ? *', 'UTC', HOUR, HOUR],
  ['0 * * * ? *', 'Europe/Berlin', 2 * HOUR, HOUR],
  ['0/15 * * * ? *', 'UTC', HOUR / 4, HOUR / 4],
  ['0 8-20/2 ? * MON-FRI *', 'UTC', 60 * HOUR, 2 * HOUR],
  ['0 3 ? * SUN *', 'UTC', 7 * DAY, 7 * DAY],
  ['0 3 L * ? *', 'UTC', 31 * DAY, 28 * DAY],
  ['0 3 29 2 ? *', 'UTC', 8 * 365 * DAY + DAY, 4 * 365 * DAY + DAY],
  ['0 3 1 1 ? 2027,2037', 'UTC', 3653 * DAY, 3653 * DAY],
];

describe('the time between two firings', () => {
  it.each(apart)('of %s in %s', (cron, timeZone, longest, shortest) => {
    expect(gaps({ cron, timeZone })).toMatchObject({ longest, shortest });
  });

  it('is that within start and end', () => {
    const timing = {
      cron: '0 3 1 1,2,7 ? *',
      timeZone: 'UTC',
      start: '2027-01-01T00:00:00Z',
      end: '2027-03-01T00:00:00Z',
    };
    expect(gaps(timing)).toEqual({ firings: 2, longest: 31 * DAY, shortest: 31 * DAY });
  });

  it('is nothing where there are no two', () => {
    expect(gaps({ cron: '0 3 30 2 ? *', timeZone: 'UTC' })).toEqual({ firings: 0, longest: 0, shortest: 0 });
    expect(gaps({ cron: '0 3 1 1 ? 2027', timeZone: 'UTC' })).toEqual({
      firings: 1,
      longest: 0,
      shortest: 0,
    });
  });
});

describe('start and end', () => {
  it('are both moments at which a schedule may fire', () => {
    const timing = {
      cron: '0 3 * * ? *',
      timeZone: 'UTC',
      start: '2027-01-01T03:00:00Z',
      end: '2027-01-02T03:00:00Z',
    };
    expect([...firings(timing, 0)].map(minuteText)).toEqual(['2027-01-01T03:00Z', '2027-01-02T03:00Z']);
  });
});

describe('the most firings within a stretch', () => {
  it('is what trying every second finds, for random firings', () => {
    const random = randomOf(SEED);
    for (let run = 0; run < 200; run++) {
      const streams = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        at: Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * 60)).sort(
          (a, b) => a - b,
        ),
        late: Math.floor(random() * 10),
        weight: 1 + Math.floor(random() * 3),
      }));
      const length = 1 + Math.floor(random() * 20);
      const within = (start: number) =>
        streams.reduce((sum, { at, late, weight }) => {
          return (
            sum + weight * at.filter((moment) => moment + late >= start && moment < start + length).length
          );
        }, 0);
      const most = Math.max(...Array.from({ length: 100 }, (_, second) => within(second - 10)));
      expect(mostWithin(streams, length), `${JSON.stringify({ streams, length })}, seed ${SEED}`).toBe(most);
    }
  });

  it('does not count both ends of a day', () => {
    const daily = firingsAhead({ cron: '0 3 * * ? *', timeZone: 'UTC' }, seconds('2026-08-01T00:00:00Z'));
    expect(mostWithin([{ at: daily, late: 0, weight: 1 }], DAY)).toBe(1);
    expect(mostWithin([{ at: daily, late: 60, weight: 1 }], DAY)).toBe(2);
  });
});
