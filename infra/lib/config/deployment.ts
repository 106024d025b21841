/**
 * A deployment as the stacks and the operator's commands see it: read, checked, and with every default filled in.
 *
 * `load.ts` makes it of a file. Words are those of the execution input (`functions/shared/backup-core/src/input.rs`).
 */

/** What of ElastiCache is backed up, as the execution input spells it. */
export type CacheKind = 'replication-group' | 'cache-cluster' | 'serverless-cache';

/** One cache. */
export interface Cache {
  /** Which of ElastiCache's three things it is. */
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
  /** The newest n. */
  readonly keepLast?: number;
  /** The newest of each of the last n hours that have one; the next four likewise. */
  readonly keepHourly?: number;
  /** Days. */
  readonly keepDaily?: number;
  /** ISO weeks. */
  readonly keepWeekly?: number;
  /** Months. */
  readonly keepMonthly?: number;
  /** Years. */
  readonly keepYearly?: number;
  /** All within this span of the newest, such as `1y5m7d2h`. */
  readonly keepWithin?: string;
  /** Never fewer verified, unsuspicious backups than this. */
  readonly minimum?: number;
  /** Our manual snapshots that stay in ElastiCache. */
  readonly keepSnapshots?: number;
  /** A run that would delete more backups is refused. */
  readonly maxDeletions?: number;
  /** Show the plan and delete nothing. */
  readonly dryRun?: boolean;
  /** IANA zone in which hours to years are counted. */
  readonly timeZone?: string;
}

/** When a backup is suspicious: a shrink beyond these, in percent of the last unsuspicious one. */
export interface Anomaly {
  /** Of keys. */
  readonly maxKeyShrinkPercent?: number;
  /** Of bytes. */
  readonly maxByteShrinkPercent?: number;
}

/** A policy: which caches, when, what to keep, whom to tell. */
export interface Plan {
  /** Its name, second half of the owner. */
  readonly name: string;
  /** What it backs up, each in a run of its own. */
  readonly caches: readonly Cache[];
  /** Absent where the plan is started by hand only. */
  readonly schedule?: Schedule;
  /** Whether its schedule is off and its alarms are quiet. */
  readonly paused: boolean;
  /** A manual snapshot made for the run, or ElastiCache's own newest one. */
  readonly source: 'newSnapshot' | 'latestAutomatic';
  /** Absent where nothing is ever pruned. */
  readonly retention?: Retention;
  /** Absent where the functions' own limits hold. */
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
  /** Memory in MB; CPU follows it. */
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

/** Code that a pipeline signed with AWS Signer, which is what puts the zip files there. */
export interface CodeSigning {
  /** ARN of the signing profile's version. */
  readonly profileVersionArn: string;
  /** Bucket of the signed zip files. */
  readonly bucket: string;
  /** What stands before `<function>.zip` in their keys. */
  readonly prefix: string;
}

/** Who is told. */
export interface Alerts {
  /** Addresses that are subscribed; each has to confirm. */
  readonly email: readonly string[];
  /** A Slack channel by AWS Chatbot (Amazon Q Developer in chat applications). */
  readonly slack?: { readonly workspaceId: string; readonly channelId: string };
  /** An existing topic in place of a new one. */
  readonly topicArn?: string;
  /** The KMS key of that topic, where it has one of its own: `notify` may use it then. */
  readonly topicKeyArn?: string;
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
  /** What the functions are built for. */
  readonly architecture: 'arm64' | 'x86_64';
  /** Days for which logs are kept. */
  readonly logRetentionDays: number;
  /** Memory and concurrency of each function. */
  readonly functions: Readonly<Record<FunctionName, FunctionSettings>>;
  /** Where backups go. */
  readonly bucket: BucketSettings;
  /** ARN of an existing KMS key in place of a new one. */
  readonly keyArn?: string;
  /** Lets only signed code run, and says where it lies; without it code is not signed. */
  readonly codeSigning?: CodeSigning;
  /** Who is told. */
  readonly alerts: Alerts;
  /** The policies, in the file's order. */
  readonly plans: readonly Plan[];
  /** Tags on everything that can have them. */
  readonly tags: Readonly<Record<string, string>>;
}
