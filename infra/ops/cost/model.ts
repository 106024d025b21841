/** What a deployment costs: units that a run and a month use, times their prices. Nothing else, so it can be checked. */
import { count } from '../common/text.ts';
import { HOURS, PRICES } from './prices.ts';

/** What is reckoned. */
export interface Usage {
  /** Runs of a cache in a month. */
  readonly runs: number;
  /** Node groups of a cache. */
  readonly shards: number;
  /** GB (10^9 bytes) of a cache's RDB files together. */
  readonly gigabytes: number;
  /** Backups of a cache that are kept. */
  readonly kept: number;
  /** Days for which a deleted backup can be had back, and is paid for. */
  readonly noncurrentDays: number;
  /** Snapshots of a cache that stay in ElastiCache (`keepSnapshots`). */
  readonly snapshots: number;
  /** Transitions of a run with one shard whose object is read in one call. */
  readonly transitions: number;
}

/** Nightly runs of one shard of 5 GB; 143 transitions are `make demo`'s, of a snapshot of 22 min and an export of 8 min. */
export const DEFAULTS: Usage = {
  runs: 30,
  shards: 1,
  gigabytes: 5,
  kept: 35,
  noncurrentDays: 30,
  snapshots: 1,
  transitions: 143,
};

/** One line: what it is, how it is reckoned, and what it comes to in dollars. */
export interface CostLine {
  readonly part: string;
  /** Units times price. */
  readonly reckoning: string;
  /** Of one run. */
  readonly run?: number;
  /** Of one cache in a month, beside its runs. */
  readonly cacheMonth?: number;
  /** Of the deployment in a month, however many caches it has. */
  readonly month?: number;
}

/** States that a run of one shard enters beside the looks: 11 of the state machine, from CreateSnapshot to NotifySuccess. */
const FIXED_TRANSITIONS = 11;
/** Wait, check, choice. */
const TRANSITIONS_A_LOOK = 3;
/** VerifyObject, ObjectDone, Verified. */
const TRANSITIONS_A_SHARD = 3;
/** VerifyObject and ObjectDone, each time a call comes to its end before the object does. */
const TRANSITIONS_A_CONTINUATION = 2;
/** CreateSnapshot, CopyToS3, RecordBackup, Prune, NotifySuccess. */
const OTHER_CALLS = 5;
/** MB/s that one call reads from S3 and judges at 1,024 MB; assumed, 580 were measured over loopback. */
export const VERIFY_MB_A_SECOND = 100;
/** Seconds that a call reads before it hands over to the next: 15 minutes less a margin. */
const READING_SECONDS = 840;
/** GB of memory of `verify-object`. */
const VERIFY_MEMORY = 1;
/** GB of memory of the other functions. */
const MEMORY = 0.25;
/** Seconds of one of their calls; assumed. */
const CALL_SECONDS = 0.3;
/** Bytes of a ranged GET at 1,024 MB (`functions/verify-object/src/settings.rs`). */
const PIECE = 8 << 20;
/** Bytes of a part that ElastiCache uploads; nobody documents it. [U] */
const PART = 8 << 20;
/** Metrics of a cache that `watch` keeps alive all month. */
const WATCH_METRICS = 2;
/**
 * Metrics of a run, each alive for the hour in which it is emitted: eight of its cache, and three of its deployment and
 * plan, which caches that run in the same hour have in common.
 */
const RUN_METRICS = 11;
/** Metrics in the alarms of a deployment with one plan, beside one for each cache (`lib/backup-alarms.ts`). */
const ALARM_METRICS = 23;
/** GB of logs of a run, functions and state machine; assumed. */
const LOG_GB = 0.0005;

/** All lines. */
export function costLines(usage: Usage): CostLine[] {
  return [...ofRun(usage), ...ofStorage(usage), ...ofWatching()];
}

/** What a line comes to in a month of `caches` caches. */
export function monthly(line: CostLine, { runs }: Usage, caches: number): number {
  return caches * ((line.run ?? 0) * runs + (line.cacheMonth ?? 0)) + (line.month ?? 0);
}

/** Transitions and calls of a run. */
export function work({ shards, gigabytes, transitions }: Usage): {
  transitions: number;
  looks: number;
  reading: number;
  verifyCalls: number;
} {
  const reading = (gigabytes * 1_000) / VERIFY_MB_A_SECOND;
  const callsAShard = Math.max(1, Math.ceil(reading / shards / READING_SECONDS));
  return {
    looks: Math.max(0, Math.round((transitions - FIXED_TRANSITIONS) / TRANSITIONS_A_LOOK)),
    reading,
    verifyCalls: shards * callsAShard,
    transitions:
      transitions +
      (shards - 1) * TRANSITIONS_A_SHARD +
      shards * (callsAShard - 1) * TRANSITIONS_A_CONTINUATION,
  };
}

function ofRun(usage: Usage): CostLine[] {
  const { transitions, looks, reading, verifyCalls } = work(usage);
  const calls = looks + OTHER_CALLS;
  const bytes = usage.gigabytes * 1e9;
  const puts = Math.ceil(bytes / PART) + usage.shards + 2 + looks;
  // Pieces, then manifests with their tags for pruning.
  const gets = Math.ceil(bytes / PIECE) + 2 * usage.kept + usage.shards + 2;
  const seconds = calls * CALL_SECONDS * MEMORY;
  return [
    {
      part: 'Step Functions',
      reckoning: `${count(transitions)} transitions × $0.025 / 1,000`,
      run: transitions * PRICES.transition,
    },
    {
      part: 'Lambda: verification',
      reckoning: `${decimal(usage.gigabytes)} GB ÷ ${VERIFY_MB_A_SECOND} MB/s = ${decimal(reading)} s × ${VERIFY_MEMORY} GB × $0.0000133334`,
      run: reading * VERIFY_MEMORY * PRICES.gbSecond + verifyCalls * PRICES.call,
    },
    {
      part: 'Lambda: everything else',
      reckoning: `${count(calls)} calls × ${CALL_SECONDS} s × ${MEMORY} GB × $0.0000133334 + ${count(calls)} × $0.20 / 1,000,000`,
      run: seconds * PRICES.gbSecond + calls * PRICES.call,
    },
    {
      part: 'S3: writes and lists',
      reckoning: `${count(puts)} × $0.005 / 1,000 (parts of 8 MiB by ElastiCache)`,
      run: puts * PRICES.put,
    },
    {
      part: 'S3: reads',
      reckoning: `${count(gets)} × $0.0004 / 1,000 (ranges of 8 MiB, manifests)`,
      run: gets * PRICES.get,
    },
    {
      part: 'CloudWatch: metrics of runs',
      reckoning: `${RUN_METRICS} metrics × 1 h ÷ ${HOURS} h × $0.30`,
      run: (RUN_METRICS / HOURS) * PRICES.metricMonth,
    },
    { part: 'CloudWatch: logs', reckoning: `${LOG_GB * 1_000} MB × $0.50 / GB`, run: LOG_GB * PRICES.logGb },
    {
      part: 'KMS: requests',
      reckoning: `${count(calls + verifyCalls)} × $0.03 / 10,000 (one for each call at most)`,
      run: (calls + verifyCalls) * PRICES.keyRequest,
    },
    {
      part: 'Scheduler and mail',
      reckoning: '1 firing × $1.00 / 1,000,000 + 1 mail × $2 / 100,000',
      run: PRICES.firing + PRICES.mail,
    },
  ];
}

function ofStorage({ runs, gigabytes, kept, noncurrentDays, snapshots }: Usage): CostLine[] {
  // Each run replaces one backup, and what it deleted stays for so many days.
  const deleted = Math.round((runs * noncurrentDays) / 30);
  const size = decimal(gigabytes);
  return [
    {
      part: 'S3: backups that are kept',
      reckoning: `${count(kept)} × ${size} GB × $0.023`,
      cacheMonth: kept * gigabytes * PRICES.s3GbMonth,
    },
    {
      part: 'S3: deleted backups that can be had back',
      reckoning: `${count(deleted)} × ${size} GB × $0.023`,
      cacheMonth: deleted * gigabytes * PRICES.s3GbMonth,
    },
    {
      part: 'ElastiCache: snapshots that stay',
      reckoning: `${count(snapshots)} × ${size} GB × $0.085`,
      cacheMonth: snapshots * gigabytes * PRICES.snapshotGbMonth,
    },
  ];
}

function ofWatching(): CostLine[] {
  const perCache = HOURS * (PRICES.put + 2 * PRICES.get + CALL_SECONDS * 0.1 * MEMORY * PRICES.gbSecond);
  const perDeployment = HOURS * (CALL_SECONDS * MEMORY * PRICES.gbSecond + PRICES.call + PRICES.firing);
  return [
    {
      part: 'Watch, hourly',
      reckoning: `${HOURS} × (a call; each cache 1 LIST, 2 GETs)`,
      cacheMonth: perCache,
      month: perDeployment,
    },
    {
      part: 'CloudWatch: metrics of watch',
      reckoning: `${WATCH_METRICS} metrics × $0.30 for each cache`,
      cacheMonth: WATCH_METRICS * PRICES.metricMonth,
    },
    {
      part: 'CloudWatch: alarms',
      reckoning: `(${ALARM_METRICS} metrics + 1 for each cache) × $0.10`,
      cacheMonth: PRICES.alarmMetricMonth,
      month: ALARM_METRICS * PRICES.alarmMetricMonth,
    },
    { part: 'CloudWatch: dashboard', reckoning: '1 × $3.00', month: PRICES.dashboardMonth },
    { part: 'KMS: key', reckoning: '1 × $1.00', month: PRICES.keyMonth },
  ];
}

function decimal(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
