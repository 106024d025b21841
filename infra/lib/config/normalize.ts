/** From a file as it is written to a deployment with every default filled in. */

import { readCron } from './cron.ts';
import {
  type BucketSettings,
  type Cache,
  type Deployment,
  FUNCTIONS,
  type FunctionName,
  type FunctionSettings,
  type Plan,
  type Schedule,
} from './deployment.ts';
import { AUTOMATIC_MAX_AGE_SECONDS, DEADLINE_SECONDS, DEFAULT_DEADLINE_SECONDS, MINUTE } from './limits.ts';
import { type Path, type Problem, problem } from './problem.ts';
import { gaps, minuteText, nextFiring, secondsOf } from './schedule.ts';
import { type ConfigFile, functionKey, type PlanFile, type ScheduleFile } from './schema.ts';
import { readCache, readDuration } from './words.ts';

/** Memory in MB where the file says nothing: verification keeps several ranges of an object in flight. */
const DEFAULT_MEMORY_MB = 256;
const VERIFY_MEMORY_MB = 1024;
const DEFAULT_LOG_RETENTION_DAYS = 90;
const DEFAULT_NONCURRENT_DAYS = 30;

/** A deployment, less the plans whose schedules do not work, and what is wrong with those. */
export interface Normalized {
  readonly deployment: Deployment;
  readonly problems: readonly Problem[];
}

/** Fills in a file. `now` tells what is past: a start that was is left out, and a plan whose end was has no schedule. */
export function normalize(file: ConfigFile, now: Date): Normalized {
  const problems: Problem[] = [];
  const plans: Plan[] = [];
  for (const [name, plan] of Object.entries(file.plans)) {
    const found = planProblems(['plans', name], plan, now);
    problems.push(...found);
    if (found.length === 0) plans.push(planOf(name, plan, now));
  }
  const { alerts } = file;
  const deployment: Deployment = {
    name: file.deployment,
    region: file.region,
    ...(file.account !== undefined && { account: file.account }),
    architecture: file.architecture ?? 'arm64',
    logRetentionDays: file.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS,
    functions: functionsOf(file),
    bucket: bucketOf(file.bucket),
    ...(file.keyArn !== undefined && { keyArn: file.keyArn }),
    ...(file.codeSigning !== undefined && { codeSigning: file.codeSigning }),
    alerts: {
      email: alerts?.email ?? [],
      ...(alerts?.slack !== undefined && { slack: alerts.slack }),
      ...(alerts?.topicArn !== undefined && { topicArn: alerts.topicArn }),
      ...(alerts?.topicKeyArn !== undefined && { topicKeyArn: alerts.topicKeyArn }),
      alarmActions: alerts?.alarmActions ?? [],
    },
    plans,
    tags: file.tags ?? {},
  };
  return { deployment, problems };
}

function functionsOf({ memory, reservedConcurrency }: ConfigFile): Record<FunctionName, FunctionSettings> {
  const settings = FUNCTIONS.map((name): [FunctionName, FunctionSettings] => {
    const key = functionKey(name);
    const reserved = reservedConcurrency?.[key];
    const usual = name === 'verify-object' ? VERIFY_MEMORY_MB : DEFAULT_MEMORY_MB;
    return [
      name,
      {
        memoryMb: memory?.[key] ?? usual,
        ...(reserved !== undefined && { reservedConcurrency: reserved }),
      },
    ];
  });
  return Object.fromEntries(settings) as Record<FunctionName, FunctionSettings>;
}

function bucketOf(bucket: ConfigFile['bucket']): BucketSettings {
  return {
    ...(bucket?.name !== undefined && { name: bucket.name }),
    existing: bucket?.existing ?? false,
    noncurrentDays: bucket?.noncurrentDays ?? DEFAULT_NONCURRENT_DAYS,
    ...(bucket?.accessLogsBucket !== undefined && { accessLogsBucket: bucket.accessLogsBucket }),
    sourceAccountCondition: bucket?.sourceAccountCondition ?? false,
  };
}

/** A plan whose schedule works. */
function planOf(name: string, file: PlanFile, now: Date): Plan {
  const schedule = file.schedule && !isOver(file.schedule, now) ? scheduleOf(file.schedule, now) : undefined;
  const source = file.source ?? 'newSnapshot';
  const retention = file.retention && {
    ...file.retention,
    timeZone: file.retention.timeZone ?? schedule?.timeZone ?? 'UTC',
  };
  const due = Math.min(schedule?.intervalSeconds ?? DEFAULT_DEADLINE_SECONDS, DEFAULT_DEADLINE_SECONDS);
  const deadlineSeconds = secondsIn(file.deadline) ?? Math.max(due, DEADLINE_SECONDS.from);
  const maxAgeSeconds =
    schedule && (secondsIn(file.maxAge) ?? oldest(schedule, deadlineSeconds) + ageOfSource(source));
  return {
    name,
    caches: file.caches.map(cacheOf),
    ...(schedule !== undefined && { schedule }),
    paused: file.paused ?? false,
    source,
    ...(retention !== undefined && { retention }),
    ...(file.anomaly !== undefined && { anomaly: file.anomaly }),
    deadlineSeconds,
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    notify: file.notify ?? 'recovery',
  };
}

/** How old the newest backup gets where all goes well: until the next one may be done. */
function oldest({ intervalSeconds, flexibleMinutes }: Schedule, deadlineSeconds: number): number {
  return intervalSeconds + flexibleMinutes * MINUTE + deadlineSeconds;
}

/** How old the data of a backup may be when it begins, in seconds: an automatic snapshot was made before. */
export function ageOfSource(source: Plan['source']): number {
  return source === 'latestAutomatic' ? AUTOMATIC_MAX_AGE_SECONDS : 0;
}

/** Whether the last firing of a schedule is past; the file is not refused for it, for nobody changed it. */
function isOver({ end }: ScheduleFile, now: Date): boolean {
  return end !== undefined && new Date(end).getTime() <= now.getTime();
}

function secondsIn(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : readDuration(duration);
}

function scheduleOf(file: ScheduleFile, now: Date): Schedule {
  const timing = timingOf(file);
  const { start, ...open } = timing;
  // EventBridge Scheduler refuses a start that is more than five minutes past, which is of no use anyway.
  const isAhead = start !== undefined && new Date(start).getTime() > now.getTime();
  return {
    ...(isAhead ? timing : open),
    flexibleMinutes: file.flexibleMinutes ?? 0,
    intervalSeconds: gaps(timing).longest,
  };
}

function timingOf({ cron, timeZone, start, end }: ScheduleFile) {
  const read = readCron(cron);
  return {
    cron: 'remedy' in read ? cron : read.text,
    timeZone: timeZone ?? 'UTC',
    ...(start !== undefined && { start: utc(start) }),
    ...(end !== undefined && { end: utc(end) }),
  };
}

function utc(moment: string): string {
  return new Date(moment).toISOString().replace('.000Z', 'Z');
}

function cacheOf(file: PlanFile['caches'][number]): Cache {
  if (typeof file === 'string') {
    const cache = readCache(file);
    // The schema has read it already.
    if ('remedy' in cache) throw new TypeError(cache.remedy);
    return cache;
  }
  const nodes = (file.nodes ?? []).map((node) => node.toLowerCase());
  return { kind: file.kind, id: file.id.toLowerCase(), nodes };
}

/** What is wrong with a plan so that it cannot be filled in. */
function planProblems(path: Path, { schedule, maxAge }: PlanFile, now: Date): Problem[] {
  if (schedule !== undefined) return scheduleProblems([...path, 'schedule'], schedule, now);
  if (maxAge === undefined) return [];
  return [
    problem(
      [...path, 'maxAge'],
      'a plan without a schedule has no age to watch: remove it, or add a schedule',
    ),
  ];
}

/** Why a schedule does not recur from now on. */
function scheduleProblems(path: Path, file: ScheduleFile, now: Date): Problem[] {
  const timing = timingOf(file);
  const { start, end, ...open } = timing;
  const from = Math.max(now.getTime() / 1000, secondsOf(start) ?? 0);
  if (start !== undefined && end !== undefined && start >= end) {
    return [problem([...path, 'start'], `it has to be earlier than end, which is "${file.end ?? end}"`)];
  }
  if (isOver(file, now)) return [];
  const next = nextFiring(timing, from - 1);
  if (next === undefined) {
    const later = end === undefined ? undefined : nextFiring(open, from - 1);
    return [
      later === undefined
        ? problem(
            [...path, 'cron'],
            'it never fires: no such date is left, as with 30 February or a year that is past',
          )
        : problem(
            [...path, 'end'],
            `nothing fires before it; allowed is an end after ${minuteText(later)}, the next time`,
          ),
    ];
  }
  if (gaps(timing).firings >= 2) return [];
  const once = `it fires once only, at ${minuteText(next)}: a plan recurs, so start a single backup by hand`;
  return [problem([...path, 'cron'], once)];
}
