/** Every bound that a config file is held to, each with where it comes from. */

/** Bounds of a number, both included. */
export interface Bounds {
  readonly from: number;
  readonly to: number;
}

/** Seconds in a minute, an hour and a day, to spell bounds with. */
export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;

/**
 * Characters of a deployment's name. The longest names made of it are `snapkeep-<deployment>-<plan>`
 * (EventBridge Scheduler's groups: 64, API `CreateScheduleGroup`), `snapkeep-<deployment>-<function>`
 * (Lambda: 64, API `CreateFunction`) and those of buckets (63, S3 user guide "General purpose bucket naming
 * rules").
 */
export const DEPLOYMENT_NAME: Bounds = { from: 1, to: 20 };

/** Characters of a plan's name: with the deployment's it makes the name of a schedule group, at most 64. */
export const PLAN_NAME: Bounds = { from: 1, to: 30 };

/**
 * Longest id of each kind (ElastiCache API: `CreateCacheCluster` 50, the others 40;
 * `backup-core/src/cache.rs`).
 */
export const CACHE_ID = { 'replication-group': 40, 'serverless-cache': 40, 'cache-cluster': 50 } as const;

/** Memory of a function in MB (Lambda API: `CreateFunction`, `MemorySize`). */
export const MEMORY_MB: Bounds = { from: 128, to: 10_240 };

/**
 * Concurrency that one function may reserve: 0 would stop it, and no account has more than this by default.
 */
export const RESERVED_CONCURRENCY: Bounds = { from: 1, to: 10_000 };

/** Days for which CloudWatch Logs keeps log events (API: `PutRetentionPolicy`, `retentionInDays`). */
export const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Days for which overwritten and deleted objects can be had back; S3 takes 1 and more. */
export const NONCURRENT_DAYS: Bounds = { from: 1, to: 3650 };

/** Minutes of a flexible time window, 0 for none; Scheduler takes up to a day (API: `FlexibleTimeWindow`). */
export const FLEXIBLE_MINUTES: Bounds = { from: 0, to: 1439 };

/**
 * Seconds of a run's budget (`backup-core/src/input.rs`): the state machine itself gives up after 24 hours.
 */
export const DEADLINE_SECONDS: Bounds = { from: 600, to: 23 * HOUR };

/** Seconds of a run's budget where the file names none and the plan is not due earlier. */
export const DEFAULT_DEADLINE_SECONDS = 6 * HOUR;

/** What one keep rule may ask for (`backup-core/src/retention.rs`, `MOST_KEPT`). */
export const KEPT: Bounds = { from: 0, to: 1000 };

/** `minimum` and `maxDeletions` (`backup-core/src/retention.rs`). */
export const KEPT_AT_LEAST_ONE: Bounds = { from: 1, to: 1000 };

/** `keepSnapshots` (`backup-core/src/retention.rs`, `MOST_SNAPSHOTS`). */
export const KEPT_SNAPSHOTS: Bounds = { from: 0, to: 20 };

/** Percent of a shrink (`backup-core/src/input.rs`, `Anomaly`). */
export const PERCENT: Bounds = { from: 0, to: 100 };

/**
 * Manual snapshots that ElastiCache takes of one node in any 24 hours (user guide, "Snapshot and restore").
 */
export const SNAPSHOTS_A_DAY_OF_A_NODE = 20;

/** Manual snapshots that ElastiCache takes of one serverless cache in any 24 hours (user guide, as above). */
export const SNAPSHOTS_A_DAY_OF_A_SERVERLESS_CACHE = 24;

/** Resources that CloudFormation takes in one stack (its user guide, quotas). */
export const MOST_RESOURCES = 500;

/** Resources of a workflow stack apart from those of plans and caches, with room for options and longer policies. */
export const RESOURCES_OF_DEPLOYMENT = 100;

/** Resources of a plan: the group of its schedules and the alarm for slow runs. */
export const RESOURCES_OF_PLAN = 2;

/** Resources of a cache in a plan: its schedule and the alarm for its age. */
export const RESOURCES_OF_CACHE = 2;

/** Tags of a deployment: AWS takes 50 on a resource, of which snapkeep and CloudFormation need some. */
export const MOST_TAGS = 40;

/**
 * Caches of a deployment: a role has ten policies of 6,144 characters (IAM user guide, quotas), and the one that makes
 * snapshots names each cache with its snapshots about five times.
 */
export const MOST_CACHES = 120;

/**
 * Seconds that the automatic snapshot of a plan with source `latestAutomatic` may be old (`create-snapshot`,
 * `automatic.rs`, `MAX_AGE`): a backup's age counts from its snapshot.
 */
export const AUTOMATIC_MAX_AGE_SECONDS = 26 * HOUR;

/** Actions of an alarm beside the topic: CloudWatch takes five (API: `PutMetricAlarm`, `AlarmActions`). */
export const MOST_ALARM_ACTIONS = 4;
