/** What takes more than one plan to judge: runs that meet. All pure; times are seconds since 1970. */

import { cacheName } from '../names.ts';
import type { Deployment, Plan, Schedule } from './deployment.ts';
import * as limits from './limits.ts';
import { type Problem, problem } from './problem.ts';
import { firingsAhead, gaps, minuteText, mostWithin, type Stream, timingKey } from './schedule.ts';
import { listed } from './suggest.ts';

/** What a deployment is judged against. */
export interface CheckOptions {
  /** The present: what is past can clash no more. */
  readonly now: Date;
  /** How many objects of a run are verified at a time: `MaxConcurrency` of the state machine. */
  readonly verifyConcurrency: number;
}

/** A plan that runs by itself: a paused one meets nobody. */
interface Running {
  readonly plan: Plan;
  readonly schedule: Schedule;
}

/** The firings of a schedule from now on. */
type Ahead = (schedule: Schedule) => readonly number[];

/**
 * Runs of one name, more snapshots than ElastiCache takes, fewer reserved verifications than runs want at
 * once.
 */
export function overlapProblems({ plans, functions }: Deployment, options: CheckOptions): Problem[] {
  const running = plans.flatMap((plan) => {
    return plan.schedule === undefined || plan.paused ? [] : [{ plan, schedule: plan.schedule }];
  });
  const ahead = aheadReader(options.now);
  const reserved = functions['verify-object'].reservedConcurrency;
  return [
    ...clashes(running, ahead),
    ...quotaProblems(running, ahead),
    ...(reserved === undefined
      ? []
      : concurrencyProblems(running, ahead, reserved, options.verifyConcurrency)),
  ];
}

/** Works firings out once for all plans with the same schedule. */
function aheadReader(now: Date): Ahead {
  const known = new Map<string, readonly number[]>();
  return (schedule) => {
    const key = timingKey(schedule);
    const found = known.get(key) ?? firingsAhead(schedule, now.getTime() / 1000);
    known.set(key, found);
    return found;
  };
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Two plans that back up one cache at one minute: their runs would have one name. */
function clashes(running: readonly Running[], ahead: Ahead): Problem[] {
  return running.flatMap(({ plan, schedule }, nr) =>
    running.slice(0, nr).flatMap((other) => {
      const theirs = new Set(other.plan.caches.map(cacheName));
      const shared = plan.caches.map(cacheName).find((cache) => theirs.has(cache));
      if (shared === undefined) return [];
      const minutes = new Set(ahead(other.schedule));
      const clash = ahead(schedule).find((minute) => minutes.has(minute));
      if (clash === undefined) return [];
      const remedy =
        `it fires at ${minuteText(clash)} as the plan "${other.plan.name}" does, and both back up ${shared}: move ` +
        'one by some minutes';
      return [problem(['plans', plan.name, 'schedule', 'cron'], remedy)];
    }),
  );
}

/**
 * More manual snapshots in a day than ElastiCache takes; caches of the same plans are told of once, by the
 * first.
 */
function quotaProblems(running: readonly Running[], ahead: Ahead): Problem[] {
  const entries = running
    .filter(({ plan }) => plan.source === 'newSnapshot')
    .flatMap((one) => [...new Set(one.plan.caches.map(cacheName))].map((cache) => ({ cache, one })));
  const caches = [...groupedBy(entries, ({ cache }) => cache)].map(([cache, group]) => ({
    cache,
    quota: cache.startsWith('serverless-cache/')
      ? limits.SNAPSHOTS_A_DAY_OF_A_SERVERLESS_CACHE
      : limits.SNAPSHOTS_A_DAY_OF_A_NODE,
    plans: group.map(({ one }) => one),
  }));
  const alike = groupedBy(caches, ({ quota, plans }) =>
    [quota, ...plans.map(({ plan }) => plan.name)].join(' '),
  );
  return [...alike.values()].flatMap((group) => {
    return group.slice(0, 1).flatMap(({ cache, quota, plans }) => {
      const streams = plans.map(({ schedule }) => streamOf(schedule, ahead, 1));
      const most = mostWithin(streams, limits.DAY);
      return most <= quota ? [] : [quotaProblem(cache, quota, plans, most)];
    });
  });
}

function quotaProblem(cache: string, quota: number, plans: readonly Running[], most: number): Problem {
  const shortest = ({ schedule }: Running) => gaps(schedule).shortest;
  const busiest = plans.reduce((a, b) => (shortest(b) < shortest(a) ? b : a));
  const names = listed(plans.map(({ plan }) => plan.name));
  const remedy =
    `with the plan${plans.length > 1 ? 's' : ''} ${names} up to ${most} snapshots of ${cache} are made in 24 hours; ` +
    `ElastiCache allows ${quota}: run less often, or take source "latestAutomatic"`;
  return problem(['plans', busiest.plan.name, 'schedule', 'cron'], remedy);
}

function streamOf(schedule: Schedule, ahead: Ahead, weight: number): Stream {
  return { at: ahead(schedule), late: schedule.flexibleMinutes * limits.MINUTE, weight };
}

/** Fewer reserved verifications than runs may want at once: they would throttle each other. */
function concurrencyProblems(
  running: readonly Running[],
  ahead: Ahead,
  reserved: number,
  verifyConcurrency: number,
): Problem[] {
  const alike = groupedBy(running, ({ schedule }) => `${timingKey(schedule)}|${schedule.flexibleMinutes}`);
  const streams = [...alike.values()].flatMap((plans) => {
    const caches = plans.reduce((sum, { plan }) => sum + plan.caches.length, 0);
    return plans.slice(0, 1).map(({ schedule }) => streamOf(schedule, ahead, caches));
  });
  const runs = Math.max(1, mostWithin(streams, limits.MINUTE));
  const needed = runs * verifyConcurrency;
  if (reserved >= needed) return [];
  const remedy =
    `up to ${runs} runs start in one minute and each verifies ${verifyConcurrency} objects at a time: allowed is ` +
    `${needed} or more, or leave it out`;
  return [problem(['reservedConcurrency', 'verifyObject'], remedy)];
}
