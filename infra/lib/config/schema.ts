/**
 * The form of a config file: which fields there are, and what each may hold by itself.
 *
 * Unknown fields are refused. What takes more than one field to judge is in `checks.ts`; the words in which a
 * value is refused are the schema's own messages, which `issues.ts` puts behind the path and the value.
 */

import { z } from 'zod';
import { readCron } from './cron.ts';
import { FUNCTIONS, type FunctionName } from './deployment.ts';
import * as limits from './limits.ts';
import { listed } from './suggest.ts';
import * as words from './words.ts';
import { zoneRemedy } from './zone.ts';

/** A text that `remedyOf` has nothing against; `example` says what else than a text is told. */
function text(remedyOf: (given: string) => words.Remedy, example: string) {
  return z.string({ error: `allowed is a text such as "${example}"` }).superRefine((given, context) => {
    const remedy = remedyOf(given);
    if (remedy !== undefined) context.addIssue({ code: 'custom', message: remedy });
  });
}

/** A whole number within bounds. */
function whole({ from, to }: limits.Bounds) {
  const error = `allowed are whole numbers from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** A switch. */
function onOff() {
  return z.boolean({ error: 'allowed are true and false, without quotes' });
}

/** One of some words. */
function oneOf<const Words extends readonly [string, ...string[]]>(allowed: Words) {
  return z.enum(allowed, { error: `allowed are ${listed(allowed)}` });
}

/** A map of the given fields and no others. */
function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: `allowed is a map of ${listed(Object.keys(shape))}` });
}

/** A list of at least one. */
function some<Item extends z.ZodType>(item: Item, what: string) {
  const error = `allowed is a list of at least one ${what}`;
  return z.array(item, { error }).min(1, { error });
}

/** A map of names, which `issues.ts` judges: zod would pass over what a wrong name holds. */
function named<Value extends z.ZodType>(value: Value, error: string) {
  return z.record(z.string(), value, { error });
}

function duration(bounds?: limits.Bounds) {
  return text((given) => words.durationRemedy(given, bounds), '6h');
}

/** A moment with its offset from UTC, since without one nobody knows which zone is meant. */
const moment = z.iso.datetime({
  offset: true,
  error: 'allowed is a date and time with seconds and Z or an offset, such as "2027-01-01T00:00:00Z"',
});

const zone = text(zoneRemedy, 'Europe/Berlin');

/** A function's name as a key of the file: `verifyObject` for `verify-object`. */
export function functionKey(name: FunctionName): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** One number for some of the functions. */
function perFunction(bounds: limits.Bounds) {
  return fields(Object.fromEntries(FUNCTIONS.map((name) => [functionKey(name), whole(bounds).optional()])));
}

const cacheText = text((given) => {
  const cache = words.readCache(given);
  return 'remedy' in cache ? cache.remedy : undefined;
}, 'replication-group/orders');

const cacheMap = fields({
  kind: z.enum(words.CACHE_KINDS, { error: ({ input }) => words.kindRemedy(String(input)) }),
  id: text((given) => words.cacheIdRemedy(given, 'cache-cluster'), 'orders'),
  nodes: some(
    text((given) => words.cacheIdRemedy(given, 'cache-cluster'), 'legacy-node'),
    'node id',
  ).optional(),
}).superRefine(({ kind, id }, context) => {
  const remedy = words.cacheIdRemedy(id, kind);
  if (remedy !== undefined) context.addIssue({ code: 'custom', path: ['id'], message: remedy });
});

const cache = z.union([cacheText, cacheMap], {
  error: 'allowed is a text such as "replication-group/orders" or a map of "kind", "id" and "nodes"',
});

const schedule = fields({
  cron: text((given) => {
    const cron = readCron(given);
    return 'remedy' in cron ? cron.remedy : undefined;
  }, '0 3 * * ? *'),
  timeZone: zone.optional(),
  flexibleMinutes: whole(limits.FLEXIBLE_MINUTES).optional(),
  start: moment.optional(),
  end: moment.optional(),
});

const KEEP_RULES = [
  'keepLast',
  'keepHourly',
  'keepDaily',
  'keepWeekly',
  'keepMonthly',
  'keepYearly',
] as const;

const retention = fields({
  keepLast: whole(limits.KEPT).optional(),
  keepHourly: whole(limits.KEPT).optional(),
  keepDaily: whole(limits.KEPT).optional(),
  keepWeekly: whole(limits.KEPT).optional(),
  keepMonthly: whole(limits.KEPT).optional(),
  keepYearly: whole(limits.KEPT).optional(),
  keepWithin: text(words.keepWithinRemedy, '7d').optional(),
  minimum: whole(limits.KEPT_AT_LEAST_ONE).optional(),
  keepSnapshots: whole(limits.KEPT_SNAPSHOTS).optional(),
  maxDeletions: whole(limits.KEPT_AT_LEAST_ONE).optional(),
  dryRun: onOff().optional(),
  timeZone: zone.optional(),
}).superRefine((rules, context) => {
  if (rules.keepWithin !== undefined || KEEP_RULES.some((rule) => (rules[rule] ?? 0) > 0)) return;
  // As in Rust: a retention without a rule would delete all but the minimum.
  const message =
    `no rule in it keeps anything: set one of ${listed([...KEEP_RULES, 'keepWithin'])}, or leave retention out to ` +
    'keep all';
  context.addIssue({ code: 'custom', message });
});

const plan = fields({
  caches: some(cache, 'cache such as "replication-group/orders"'),
  schedule: schedule.optional(),
  paused: onOff().optional(),
  source: oneOf(['newSnapshot', 'latestAutomatic']).optional(),
  retention: retention.optional(),
  anomaly: fields({
    maxKeyShrinkPercent: whole(limits.PERCENT).optional(),
    maxByteShrinkPercent: whole(limits.PERCENT).optional(),
  }).optional(),
  deadline: duration(limits.DEADLINE_SECONDS).optional(),
  maxAge: duration().optional(),
  notify: oneOf(['failure', 'recovery', 'always']).optional(),
});

const PLANS = 'allowed is a map of at least one plan, each a name with its caches below';
const EMAIL = 'e-mail address such as "sre@example.com"';

/** A whole file. */
export const fileSchema = fields({
  deployment: text(words.deploymentNameRemedy, 'prod'),
  region: text(words.regionRemedy, 'eu-west-1'),
  account: z
    .string({ error: words.ACCOUNT })
    .regex(/^\d{12}$/, { error: words.ACCOUNT })
    .optional(),
  architecture: oneOf(['arm64', 'x86_64']).optional(),
  logRetentionDays: z
    .literal([...limits.LOG_RETENTION_DAYS], {
      error: `allowed are the numbers of days that CloudWatch Logs takes: ${limits.LOG_RETENTION_DAYS.join(', ')}`,
    })
    .optional(),
  memory: perFunction(limits.MEMORY_MB).optional(),
  reservedConcurrency: perFunction(limits.RESERVED_CONCURRENCY).optional(),
  bucket: fields({
    name: text(words.bucketNameRemedy, 'prod-cache-backups').optional(),
    existing: onOff().optional(),
    noncurrentDays: whole(limits.NONCURRENT_DAYS).optional(),
    accessLogsBucket: text(words.bucketNameRemedy, 'prod-access-logs').optional(),
    sourceAccountCondition: onOff().optional(),
  }).optional(),
  keyArn: text(words.keyArnRemedy, 'arn:aws:kms:…').optional(),
  codeSigning: fields({
    profileVersionArn: text(words.signingProfileRemedy, 'arn:aws:signer:…'),
    bucket: text(words.bucketNameRemedy, 'prod-signed-code'),
    prefix: text(words.codePrefixRemedy, 'snapkeep/0.1.0/'),
  }).optional(),
  alerts: fields({
    email: some(text(words.emailRemedy, 'sre@example.com'), EMAIL).optional(),
    slack: fields({
      workspaceId: text(words.slackWorkspaceRemedy, 'T01ABCDEFGH'),
      channelId: text(words.slackChannelRemedy, 'C01ABCDEFGH'),
    }).optional(),
    topicArn: text(words.topicArnRemedy, 'arn:aws:sns:…').optional(),
    topicKeyArn: text(words.keyArnRemedy, 'arn:aws:kms:…').optional(),
    alarmActions: some(text(words.alarmActionRemedy, 'arn:aws:sns:…'), 'ARN').optional(),
  }).optional(),
  tags: named(text(words.tagValueRemedy, 'payments'), 'allowed is a map of texts such as team: payments')
    .refine((tags) => Object.keys(tags).length <= limits.MOST_TAGS, {
      error: `allowed are ${limits.MOST_TAGS} tags, as AWS takes 50 on a resource and CloudFormation adds its own`,
    })
    .optional(),
  plans: named(plan, PLANS).refine((plans) => Object.keys(plans).length > 0, {
    error: PLANS,
  }),
});

/** A file as it is written, with nothing filled in. */
export type ConfigFile = z.infer<typeof fileSchema>;

/** A plan as it is written. */
export type PlanFile = ConfigFile['plans'][string];

/** A schedule as it is written. */
export type ScheduleFile = NonNullable<PlanFile['schedule']>;
