/** Time zones: which there are, and which instant a clock's face means in one. */

import { DAY, HOUR, MINUTE } from './limits.ts';
import { nearest } from './suggest.ts';

/** Longest name of a zone (EventBridge Scheduler API: `ScheduleExpressionTimezone`). */
const ZONE_MAX = 50;

/**
 * First and last second for which offsets are known here: what schedules are gone through for, and a day
 * more.
 */
const KNOWN_FROM = Date.UTC(2023, 11, 31) / 1000;
const KNOWN_TO = Date.UTC(2200, 0, 2) / 1000;

/**
 * Why a text is no IANA time zone, or undefined. Offsets such as `+01:00` are none: they know no summer time.
 */
export function zoneRemedy(text: string): string | undefined {
  if (/^[A-Z][\w+-]*(\/[\w+-]+)*$/.test(text) && text.length <= ZONE_MAX) {
    const canonical = canonicalZone(text);
    const onlyCaseDiffers = canonical !== text && canonical?.toLowerCase() === text.toLowerCase();
    if (canonical !== undefined && !onlyCaseDiffers) return undefined;
  }
  const near = nearest(text, Intl.supportedValuesOf('timeZone'));
  return `allowed are IANA names such as "${near ?? 'Europe/Berlin'}"`;
}

function canonicalZone(text: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A time in which a zone's clocks stand still against UTC. */
interface Segment {
  /** Its first second. */
  readonly from: number;
  /** Seconds by which clocks are ahead of UTC. */
  readonly offset: number;
}

const segmentsOf = new Map<string, readonly Segment[]>();

/**
 * Seconds between two looks at a zone's offset: less than clocks ever stay changed (a month, Ramadan in
 * Morocco).
 */
const LOOK_EVERY = 14 * DAY;

/** All segments of a zone, found by asking for its offset now and then, and bisecting where it differs. */
function segments(zone: string): readonly Segment[] {
  const known = segmentsOf.get(zone);
  if (known !== undefined) return known;
  const offsetAt = offsetReader(zone);
  let offset = offsetAt(KNOWN_FROM);
  const found: Segment[] = [{ from: KNOWN_FROM, offset }];
  for (let at = KNOWN_FROM; at < KNOWN_TO; at += LOOK_EVERY) {
    const next = offsetAt(at + LOOK_EVERY);
    if (next === offset) continue;
    let [before, after] = [at, at + LOOK_EVERY];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    found.push({ from: after, offset: next });
    offset = next;
  }
  segmentsOf.set(zone, found);
  return found;
}

/** Reads offsets off the text `2026, GMT+02:00`, which is three times as fast as taking a date apart. */
function offsetReader(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
    year: 'numeric',
  });
  return (at) => {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(at * 1000)) ?? [];
    const seconds = Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * MINUTE;
    return sign === '-' ? -seconds : seconds;
  };
}

/** More than any clock is away from UTC, in seconds. */
const FAR = 15 * HOUR;

/**
 * The instant at which the clocks of a zone show `wall`, both in seconds since 1970, `wall` as if it were
 * UTC.
 *
 * As EventBridge Scheduler has it (user guide, "Schedule types", daylight saving): a time that the clocks
 * pass over in spring has no instant, undefined; of a time that comes twice in autumn only one counts, taken
 * to be the first. [U]
 */
export function instantOf(zone: string, wall: number): number | undefined {
  if (zone === 'UTC') return wall;
  const all = segments(zone);
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((all[middle]?.from ?? 0) <= wall - FAR) low = middle;
    else high = middle - 1;
  }
  for (let nr = low; nr < all.length; nr++) {
    const { from, offset } = all[nr] ?? { from: Number.POSITIVE_INFINITY, offset: 0 };
    if (from > wall + FAR) return undefined;
    const at = wall - offset;
    if (at >= from && at < (all[nr + 1]?.from ?? Number.POSITIVE_INFINITY)) return at;
  }
  return undefined;
}
