/**
 * A deployment as the stacks and the operator's commands see it: read, checked, and with every default filled in.
 *
 * `load.ts` makes it of a file. Words are those of the execution input (`functions/shared/backup-core/src/input.rs`).
 */

/** What of ElastiCache is backed up, as the execution input spells it. */
export type CacheKind = 'replication-group' | 'cache-cluster' | 'serverless-cache';

/** One cache. */
export interface Cache {
  readonly kind: CacheKind;
  /** Its id, lower case, as ElastiCache stores it. */
  readonly id: string;
  /**
   * Member nodes of a replication group with cluster mode disabled whose ids do not begin with `<id>-`: a group that
   * was made around an existing node keeps that node's name.
   */
  readonly nodes: readonly string[];
}

/** When a plan runs. */
export interface Schedule {
  /** The six fields of an EventBridge cron expression, without `cron(…)`: `0 3 * * ? *`. */
  readonly cron: string;
  /** IANA time zone in which `cron` is read. */
  readonly timeZone: string;
  /** How many minutes after the scheduled minute a start may come, 0 for none; the run's instant stays the scheduled minute. */
  readonly flexibleMinutes: number;
  /** First moment at which it may fire, ISO 8601 UTC. */
  readonly start?: string;
  /** Last moment at which it may fire, ISO 8601 UTC. */
  readonly end?: string;
  /** The longest time between two scheduled minutes, in seconds, found by going through the expression. */
  readonly intervalSeconds: number;
}

/** What to keep, in restic's words; see `functions/shared/backup-core/src/retention.rs`. */
export interface Retention {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: string;
  readonly minimum?: number;
  readonly keepSnapshots?: number;
  readonly maxDeletions?: number;
  readonly dryRun?: boolean;
  readonly timeZone?: string;
}

/** When a backup is suspicious: a shrink beyond these, in percent of the last unsuspicious one. */
export interface Anomaly {
  readonly maxKeyShrinkPercent?: number;
  readonly maxByteShrinkPercent?: number;
}

/** A policy: which caches, when, what to keep, whom to tell. */
export interface Plan {
  /** Its name, second half of the owner. */
  readonly name: string;
  readonly caches: readonly Cache[];
  /** Absent where the plan is started by hand only. */
  readonly schedule?: Schedule;
  /** Whether its schedule is off and its alarms are quiet. */
  readonly paused: boolean;
  readonly source: 'newSnapshot' | 'latestAutomatic';
  readonly retention?: Retention;
  readonly anomaly?: Anomaly;
  /** Time budget of a run in seconds. */
  readonly deadlineSeconds: number;
  /**
   * Age in seconds above which the newest verified backup is too old. Counted from the snapshot. Absent without a
   * schedule.
   */
  readonly maxAgeSeconds?: number;
  /** Which messages it wants beside failures and warnings. */
  readonly notify: 'failure' | 'recovery' | 'always';
}

/** Memory in MB and reserved concurrency of one function. */
export interface FunctionSettings {
  readonly memoryMb: number;
  /** Absent where none is reserved. */
  readonly reservedConcurrency?: number;
}

/** The functions, by their folder's name. */
export const FUNCTIONS = [
  'create-snapshot',
  'check-status',
  'copy-to-s3',
  'verify-object',
  'record-backup',
  'prune',
  'notify',
  'watch',
] as const;

/** The name of a function. */
export type FunctionName = (typeof FUNCTIONS)[number];

/** The backup bucket. */
export interface BucketSettings {
  /** Its name; of an existing bucket, or the one to give a new bucket. A new one without it is named by CloudFormation. */
  readonly name?: string;
  /** Whether it is there already and is not touched; its policy is then the owner's to keep (`make check` judges it). */
  readonly existing: boolean;
  /** Days for which what was overwritten or deleted can be had back. */
  readonly noncurrentDays: number;
  /** An existing bucket for access logs; absent where one is made. */
  readonly accessLogsBucket?: string;
  /**
   * Whether ElastiCache's grant asks for `aws:SourceAccount`. Nobody has confirmed that ElastiCache sends it, and an
   * export fails where it does not, so it is off by default. [U]
   */
  readonly sourceAccountCondition: boolean;
}

/** Who is told. */
export interface Alerts {
  /** Addresses that are subscribed; each has to confirm. */
  readonly email: readonly string[];
  /** A Slack channel by AWS Chatbot (Amazon Q Developer in chat applications). */
  readonly slack?: { readonly workspaceId: string; readonly channelId: string };
  /** An existing topic in place of a new one. */
  readonly topicArn?: string;
  /** More actions of every alarm, beside the topic: ARNs, such as of an OpsItem or another topic. */
  readonly alarmActions: readonly string[];
}

/** Everything that one config file says. */
export interface Deployment {
  /** First half of every owner; part of the names of all that is made. */
  readonly name: string;
  /** The Region of caches, bucket and functions. */
  readonly region: string;
  /** The account; absent where that of the caller's credentials is taken. */
  readonly account?: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly logRetentionDays: number;
  readonly functions: Readonly<Record<FunctionName, FunctionSettings>>;
  readonly bucket: BucketSettings;
  /** ARN of an existing KMS key in place of a new one. */
  readonly keyArn?: string;
  /** ARN of a signing profile's version; without it code is not signed. */
  readonly signingProfileVersionArn?: string;
  readonly alerts: Alerts;
  readonly plans: readonly Plan[];
  /** Tags on everything that can have them. */
  readonly tags: Readonly<Record<string, string>>;
}
