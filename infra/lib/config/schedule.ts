/**
 * When a schedule fires.
 *
 * Croner knows the days of one year; they are the days of every year that begins on the same weekday and has
 * as many days, so that two centuries are gone through in milliseconds. Times of day and summer time are
 * reckoned here, since EventBridge Scheduler neither makes up for a time that the clocks pass over nor fires
 * twice, and croner does both.
 */

import { Cron } from 'croner';
import { type CronExpression, readCron } from './cron.ts';
import type { Schedule } from './deployment.ts';
import { DAY } from './limits.ts';
import { instantOf } from './zone.ts';

/** The part of a schedule that says when it fires. */
export type Timing = Pick<Schedule, 'cron' | 'timeZone' | 'start' | 'end'>;

/**
 * The first moment looked at, in seconds: fixed, so that intervals do not change from one deployment to the
 * next.
 */
export const ANCHOR = Date.UTC(2024, 0, 1) / 1000;

/**
 * How far ahead schedules are compared with each other: after 28 years weekdays and leap days come round
 * again.
 */
const AHEAD = 28 * 365.25 * DAY;

/**
 * Longest list of firings that is gone through: 28 years of hourly ones, 176 years of daily ones thrice over.
 */
const MOST_FIRINGS = 250_000;

/** Every firing at `from` or later within the schedule's start and end, in seconds since 1970, ascending. */
export function* firings(timing: Timing, from: number): Generator<number> {
  const cron = readCron(timing.cron);
  if ('remedy' in cron) return;
  const first = Math.max(from, ANCHOR, secondsOf(timing.start) ?? 0);
  const last = secondsOf(timing.end) ?? Number.POSITIVE_INFINITY;
  for (const wall of wallTimes(cron, first - DAY)) {
    const at = instantOf(timing.timeZone, wall);
    if (at === undefined || at < first) continue;
    if (at > last) return;
    yield at;
  }
}

/** What the clock on the wall shows at each firing, in seconds since 1970 as if it were UTC. */
function* wallTimes(cron: CronExpression, from: number): Generator<number> {
  const times = cron.hours.flatMap((hour) => cron.minutes.map((minute) => (hour * 60 + minute) * 60));
  for (const year of cron.years) {
    const newYear = Date.UTC(year, 0, 1) / 1000;
    if (newYear + 366 * DAY < from) continue;
    for (const day of daysOfYear(cron.days, year)) {
      const midnight = newYear + day * DAY;
      if (midnight + DAY < from) continue;
      for (const time of times) yield midnight + time;
    }
  }
}

const knownDays = new Map<string, readonly number[]>();

/**
 * The days of a year on which a pattern fires, 0 for 1 January; croner is asked once for each of the 14
 * kinds.
 */
function daysOfYear(days: string, year: number): readonly number[] {
  const weekday = new Date(Date.UTC(year, 0, 1)).getUTCDay();
  const length = (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / 1000 / DAY;
  const key = `${days} ${weekday} ${length}`;
  const known = knownDays.get(key);
  if (known !== undefined) return known;
  // Every day is the usual case, and asking for each of its days is most of the time that loading takes.
  if (days === '* * *') return Array.from({ length }, (_, day) => day);
  const options = { mode: '7-part', alternativeWeekdays: true, utcOffset: 0, paused: true } as const;
  const cron = new Cron(`0 0 0 ${days} ${year}`, options);
  const newYear = Date.UTC(year, 0, 1);
  const found: number[] = [];
  for (const date of cron.enumerate(new Date(newYear - 1000)))
    found.push((date.getTime() - newYear) / 1000 / DAY);
  knownDays.set(key, found);
  return found;
}

/** The first firing after `after`, or undefined where none comes any more; seconds since 1970. */
export function nextFiring(timing: Timing, after: number): number | undefined {
  for (const at of firings(timing, after + 1)) return at;
  return undefined;
}

/** How far apart a schedule's firings are. */
export interface Gaps {
  /** How many firings there are, as far as they were gone through. */
  readonly firings: number;
  /** The longest and the shortest time between two of them, in seconds; 0 where there are no two. */
  readonly longest: number;
  readonly shortest: number;
}

const knownGaps = new Map<string, Gaps>();

/** The gaps of a schedule, the same on every day that it is asked for. */
export function gaps(timing: Timing): Gaps {
  const key = timingKey(timing);
  const known = knownGaps.get(key);
  if (known !== undefined) return known;
  let [count, before, longest, shortest] = [0, 0, 0, Number.POSITIVE_INFINITY];
  for (const at of firings(timing, ANCHOR)) {
    if (count > 0) {
      longest = Math.max(longest, at - before);
      shortest = Math.min(shortest, at - before);
    }
    before = at;
    count += 1;
    if (count >= MOST_FIRINGS) break;
  }
  const found = { firings: count, longest, shortest: count < 2 ? 0 : shortest };
  knownGaps.set(key, found);
  return found;
}

/** The firings that are compared with those of other plans, seconds since 1970, ascending. */
export function firingsAhead(timing: Timing, now: number): number[] {
  const found: number[] = [];
  for (const at of firings(timing, now)) {
    if (at > now + AHEAD || found.length >= MOST_FIRINGS) break;
    found.push(at);
  }
  return found;
}

/** One text for schedules that fire at the same moments. */
export function timingKey({ cron, timeZone, start, end }: Timing): string {
  return [cron, timeZone, start ?? '', end ?? ''].join('|');
}

/** Firings that count together, each with the time by which it may be late. */
export interface Stream {
  /** Seconds since 1970, ascending. */
  readonly at: readonly number[];
  /** Seconds by which each may come later. */
  readonly late: number;
  /** How much each counts. */
  readonly weight: number;
}

/**
 * The most that can come within any stretch of `length` seconds (its end not counted), by weight.
 *
 * A stretch does best that begins when some firing comes as late as it may: all those come that may come
 * before its end and need not have come before its start.
 */
export function mostWithin(streams: readonly Stream[], length: number): number {
  let most = 0;
  for (const { at, late } of streams) {
    const begun = streams.map(() => 0);
    const over = streams.map(() => 0);
    for (const moment of at) {
      const start = moment + late;
      let sum = 0;
      for (const [nr, other] of streams.entries()) {
        begun[nr] = countBelow(other.at, start + length, begun[nr] ?? 0);
        over[nr] = countBelow(other.at, start - other.late, over[nr] ?? 0);
        sum += ((begun[nr] ?? 0) - (over[nr] ?? 0)) * other.weight;
      }
      most = Math.max(most, sum);
    }
  }
  return most;
}

/** How many of an ascending list are below `bound`, when `known` of them are known to be. */
function countBelow(ascending: readonly number[], bound: number, known: number): number {
  let count = known;
  while ((ascending[count] ?? Number.POSITIVE_INFINITY) < bound) count += 1;
  return count;
}

/** Seconds since 1970 of an ISO 8601 text. */
export function secondsOf(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso) / 1000;
}

/** `2026-11-20T03:04Z`, for error texts. */
export function minuteText(at: number): string {
  return new Date(at * 1000).toISOString().replace(/:00\.000Z$/, 'Z');
}
