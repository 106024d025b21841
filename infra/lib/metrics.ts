/**
 * The metrics that the functions emit, by the names of `functions/shared/backup-core/src/metrics.rs`; a contract test
 * holds both files together.
 */

/** CloudWatch namespace of all of them. */
export const NAMESPACE = 'Snapkeep';

/** Names, each as CloudWatch shows it. */
export const METRICS = {
  /** Age of the newest verified backup in seconds, hourly from `watch`. */
  BackupAge: 'BackupAge',
  /** That age as a part of what the plan allows; above 1 it is overdue. Hourly from `watch`. */
  BackupAgeRatio: 'BackupAgeRatio',
  /** Backups that were recorded. */
  VerifiedBackups: 'VerifiedBackups',
  /** 1 where a recorded backup is suspicious, else 0. */
  SuspiciousBackups: 'SuspiciousBackups',
  /** Bytes of a recorded backup, all shards. */
  BackupBytes: 'BackupBytes',
  /** Keys of a recorded backup, all shards. */
  BackupKeys: 'BackupKeys',
  /** Megabytes that were verified a second. */
  VerifyThroughput: 'VerifyThroughput',
  /** Seconds from an execution's start to its record. */
  BackupDuration: 'BackupDuration',
  /** Backups that pruning kept. */
  KeptBackups: 'KeptBackups',
  /** Backups that pruning deleted. */
  DeletedBackups: 'DeletedBackups',
  /** Failures that left a function, by error name. */
  Failures: 'Failures',
} as const;

/** Names of the dimensions. */
export const DIMENSIONS = {
  Deployment: 'Deployment',
  Plan: 'Plan',
  Kind: 'Kind',
  Cache: 'Cache',
  ErrorName: 'ErrorName',
} as const;
