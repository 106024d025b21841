/** What takes more than one field to judge. All pure. */

import { cacheName } from '../names.ts';
import type { Cache, Deployment, Plan, Retention, Schedule } from './deployment.ts';
import * as limits from './limits.ts';

import { ageOfSource } from './normalize.ts';
import { type CheckOptions, overlapProblems } from './overlaps.ts';
import { type Path, type Problem, problem } from './problem.ts';
import { gaps } from './schedule.ts';
import { durationText, readKeepWithin } from './words.ts';

/** Everything that is wrong with a deployment whose fields are sound by themselves. */
export function checkDeployment(deployment: Deployment, options: CheckOptions): Problem[] {
  return [
    ...bucketProblems(deployment),
    ...regionProblems(deployment),
    ...alertProblems(deployment),
    ...countProblems(deployment),
    ...deployment.plans.flatMap((plan) => planProblems(plan, options.now)),
    ...overlapProblems(deployment, options),
  ];
}

function bucketProblems({ bucket }: Deployment): Problem[] {
  const problems: Problem[] = [];
  if (bucket.existing && bucket.name === undefined) {
    problems.push(problem(['bucket', 'name'], 'an existing bucket needs its name'));
  }
  if (bucket.name !== undefined && bucket.name === bucket.accessLogsBucket) {
    const remedy = 'allowed is another bucket than bucket.name, whose logs would log themselves without end';
    problems.push(problem(['bucket', 'accessLogsBucket'], remedy));
  }
  return problems;
}

/** Keys and topics serve their own Region only. */
function regionProblems({ region, keyArn, alerts }: Deployment): Problem[] {
  const arns: [Path, string | undefined][] = [
    [['keyArn'], keyArn],
    [['alerts', 'topicArn'], alerts.topicArn],
    [['alerts', 'topicKeyArn'], alerts.topicKeyArn],
    ...alerts.alarmActions.map((arn, nr): [Path, string] => [['alerts', 'alarmActions', nr], arn]),
  ];
  return arns
    .filter(([, arn]) => arn !== undefined && arn.split(':')[3] !== region)
    .map(([path]) => problem(path, `allowed is one in the deployment's Region, "${region}"`));
}

/** Every plan and every cache of a plan is a few resources, and a stack has so many at most. */
function countProblems({ plans }: Deployment): Problem[] {
  const caches = plans.reduce((sum, plan) => sum + plan.caches.length, 0);
  const room =
    limits.MOST_RESOURCES - limits.RESOURCES_OF_DEPLOYMENT - limits.RESOURCES_OF_PLAN * plans.length;
  const most = Math.floor(room / limits.RESOURCES_OF_CACHE);
  const distinct = new Set(plans.flatMap((plan) => plan.caches.map(cacheName))).size;
  if (distinct > limits.MOST_CACHES) {
    const remedy =
      `they name ${distinct} caches; allowed are ${limits.MOST_CACHES} in a deployment, as the functions' roles name ` +
      'each and IAM bounds the length of a role: move some to a second deployment';
    return [problem(['plans'], remedy)];
  }
  if (caches <= most) return [];
  const remedy =
    `they name ${caches} caches; allowed are ${most} beside ${plans.length} ${plans.length === 1 ? 'plan' : 'plans'}, as each is a schedule and an alarm ` +
    'and CloudFormation takes 500 resources in a stack: move some plans to a second deployment';
  return [problem(['plans'], remedy)];
}

/** A backup that fails or is missing is of no use if nobody hears of it. */
function alertProblems({ alerts }: Deployment): Problem[] {
  if (alerts.topicKeyArn && !alerts.topicArn) {
    return [
      problem(
        ['alerts', 'topicKeyArn'],
        'it is the key of an existing topic: name that in topicArn, or remove it',
      ),
    ];
  }
  if (alerts.alarmActions.length > limits.MOST_ALARM_ACTIONS) {
    const remedy = `allowed are ${limits.MOST_ALARM_ACTIONS}, as CloudWatch takes five with the topic`;
    return [problem(['alerts', 'alarmActions'], remedy)];
  }
  if (alerts.email.length > 0 || alerts.slack || alerts.topicArn) return [];
  return [
    problem(
      ['alerts'],
      'nobody would be told of a failure: name an e-mail address, a Slack channel or a topic',
    ),
  ];
}

function planProblems(plan: Plan, now: Date): Problem[] {
  const path = ['plans', plan.name];
  return [
    ...nameProblems(path, plan),
    ...plan.caches.flatMap((cache, nr) =>
      cacheProblems([...path, 'caches', nr], cache, plan.caches.slice(0, nr)),
    ),
    ...(plan.schedule === undefined ? [] : timeProblems(path, plan, plan.schedule, now)),
    ...(plan.retention === undefined ? [] : retentionProblems([...path, 'retention'], plan, plan.retention)),
  ];
}

/** Runs that name no plan are of this one (`backup-core/src/input.rs`): its retention would delete their backups. */
const ON_DEMAND_PLAN = 'on-demand';
/** The group of the schedule that measures ages is called like that of a plan. */
const WATCH = 'watch';

function nameProblems(path: Path, { name }: Plan): Problem[] {
  if (name === WATCH)
    return [problem(path, 'allowed is any other name: the schedule that measures ages has this one')];
  if (name !== ON_DEMAND_PLAN) return [];
  return [problem(path, `allowed is any other name: runs that are started without a plan are of "${name}"`)];
}

function cacheProblems(path: Path, cache: Cache, before: readonly Cache[]): Problem[] {
  const problems: Problem[] = [];
  if (before.some((other) => cacheName(other) === cacheName(cache))) {
    problems.push(problem(path, `${cacheName(cache)} is in this plan already: keep one`));
  }
  if (cache.nodes.length > 0 && cache.kind !== 'replication-group') {
    problems.push(
      problem([...path, 'nodes'], 'only a replication-group has nodes of other names: remove it'),
    );
  }
  for (const [nr, node] of cache.nodes.entries()) {
    const at = [...path, 'nodes', nr];
    if (node.startsWith(`${cache.id}-`)) {
      problems.push(problem(at, `nodes that begin with "${cache.id}-" need no mention: remove it`));
    } else if (cache.nodes.indexOf(node) < nr) {
      problems.push(problem(at, 'it is in the list already: keep one'));
    }
  }
  return problems;
}

function timeProblems(path: Path, plan: Plan, schedule: Schedule, now: Date): Problem[] {
  const { intervalSeconds, flexibleMinutes } = schedule;
  const interval = `the longest time between two of its runs, ${durationText(intervalSeconds)}`;
  const least = limits.DEADLINE_SECONDS.from;
  if (gaps(schedule).shortest < least) {
    const remedy = `allowed are runs ${durationText(least)} apart or more, the least time that a run is given`;
    return [problem([...path, 'schedule', 'cron'], remedy)];
  }
  const problems = startProblems(path, plan, schedule, now);
  if (plan.deadlineSeconds > intervalSeconds) {
    problems.push(problem([...path, 'deadline'], `allowed is at most ${interval}, or runs pile up`));
  }
  const ofSource = ageOfSource(plan.source);
  if (plan.maxAgeSeconds !== undefined && plan.maxAgeSeconds < intervalSeconds + ofSource) {
    const more = ofSource > 0 ? `, and ${durationText(ofSource)} that an automatic snapshot may be old` : '';
    problems.push(
      problem([...path, 'maxAge'], `allowed is at least ${interval}${more}, or the alarm is always on`),
    );
  }
  if (flexibleMinutes * limits.MINUTE >= intervalSeconds) {
    problems.push(problem([...path, 'schedule', 'flexibleMinutes'], `allowed is less than ${interval}`));
  }
  return problems;
}

/** Ages count from the deployment on, whether a run is due or not. */
function startProblems(
  path: Path,
  { paused, maxAgeSeconds = 0 }: Plan,
  { start }: Schedule,
  now: Date,
): Problem[] {
  if (paused || start === undefined || Date.parse(start) <= now.getTime() + maxAgeSeconds * 1000) return [];
  const remedy =
    `the age alarm would ring before the first run: allowed is at most ${durationText(maxAgeSeconds)}, the plan's ` +
    'maxAge, from now, or paused: true until then';
  return [problem([...path, 'schedule', 'start'], remedy)];
}

function retentionProblems(path: Path, plan: Plan, retention: Retention): Problem[] {
  const problems: Problem[] = [];
  if (plan.source === 'latestAutomatic' && retention.keepSnapshots !== undefined) {
    const remedy = 'a plan with source "latestAutomatic" makes no snapshots that it could keep: remove it';
    problems.push(problem([...path, 'keepSnapshots'], remedy));
  }
  const held = mostHeld(retention, plan.schedule);
  if (retention.minimum !== undefined && retention.minimum > held) {
    const remedy = `the keep rules hold ${held} backups at most: allowed is that or less, or let them keep more`;
    problems.push(problem([...path, 'minimum'], remedy));
  }
  return problems;
}

/**
 * The most backups that the keep rules can hold, as if each held others. Without a schedule a span holds any
 * number.
 */
function mostHeld(retention: Retention, schedule: Schedule | undefined): number {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin } = retention;
  const counts = [keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly];
  const counted = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (keepWithin === undefined) return counted;
  if (schedule === undefined) return Number.POSITIVE_INFINITY;
  return counted + Math.floor((readKeepWithin(keepWithin) ?? 0) / gaps(schedule).shortest) + 1;
}
