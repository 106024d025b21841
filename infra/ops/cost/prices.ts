/**
 * Public on-demand prices of us-east-1 in US dollars, without free tiers, as of 2026-11. AWS changes them; check the
 * pages that are named before relying on a sum.
 */

/** The Region and the month of the prices. */
export const PRICED = { region: 'us-east-1', month: '2026-11' } as const;

/** Prices per unit. */
export const PRICES = {
  /** A state transition of a standard workflow: aws.amazon.com/step-functions/pricing. */
  transition: 0.025 / 1_000,
  /** A GB-second on arm64: aws.amazon.com/lambda/pricing. */
  gbSecond: 0.0000133334,
  /** A call of a function: aws.amazon.com/lambda/pricing. */
  call: 0.2 / 1_000_000,
  /** A GB-month of S3 Standard, first 50 TB: aws.amazon.com/s3/pricing. */
  s3GbMonth: 0.023,
  /** A PUT, COPY, POST or LIST: aws.amazon.com/s3/pricing. */
  put: 0.005 / 1_000,
  /** A GET or HEAD: aws.amazon.com/s3/pricing. */
  get: 0.0004 / 1_000,
  /** A custom metric for a month, prorated by the hour: aws.amazon.com/cloudwatch/pricing. */
  metricMonth: 0.3,
  /** A metric of a standard alarm for a month: aws.amazon.com/cloudwatch/pricing. */
  alarmMetricMonth: 0.1,
  /** A dashboard for a month; an account's first three are free: aws.amazon.com/cloudwatch/pricing. */
  dashboardMonth: 3,
  /** A GB of logs: aws.amazon.com/cloudwatch/pricing. */
  logGb: 0.5,
  /** A customer managed key for a month: aws.amazon.com/kms/pricing. */
  keyMonth: 1,
  /** A request to a key: aws.amazon.com/kms/pricing. */
  keyRequest: 0.03 / 10_000,
  /** A firing of a schedule: aws.amazon.com/eventbridge/pricing. */
  firing: 1 / 1_000_000,
  /** A mail: aws.amazon.com/sns/pricing. */
  mail: 2 / 100_000,
  /** A GB-month of a snapshot: aws.amazon.com/elasticache/pricing. */
  snapshotGbMonth: 0.085,
} as const;

/** Hours of a month, as AWS reckons prices by the month. */
export const HOURS = 730;
