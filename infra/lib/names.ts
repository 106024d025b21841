/**
 * Every name that a deployment gives to what it makes in an account, and the patterns under which roles know the
 * snapshots and objects of a cache.
 *
 * The grammar of snapshots and keys is that of `functions/shared/backup-core/src/names.rs`; tests hold both together.
 */
import { createHash } from 'node:crypto';
import type { Cache, CacheKind, FunctionName } from './config/deployment.ts';

/** What every name begins with. */
export const PRODUCT = 'snapkeep';

/** Alias of the state machine that schedules and people start. */
export const ALIAS = 'live';

/** Longest manual snapshot name that the functions give (`SNAPSHOT_NAME_MAX`). [U] */
export const SNAPSHOT_NAME_MAX = 40;

/** `snapkeep-<deployment>-<what>`. */
export function named(deployment: string, what: string): string {
  return `${PRODUCT}-${deployment}-${what}`;
}

/**
 * The name of something that an account has once for all Regions: roles, policies, Slack configurations. So the same
 * deployment can be in two Regions.
 */
export function regional(deployment: string, what: string, region: string): string {
  return `${named(deployment, what)}-${region}`;
}

/**
 * The group of a plan's schedules. With an underscore, which no name of a deployment or plan has, so that `prod` with
 * `eu-nightly` and `prod-eu` with `nightly` are two groups.
 */
export function groupName(deployment: string, plan: string): string {
  return `${PRODUCT}-${deployment}_${plan}`;
}

/** The name of a function in the account. */
export function functionName(deployment: string, name: FunctionName): string {
  return named(deployment, name);
}

/** Logs of a function, where Lambda would look for them as well. */
export function functionLogGroup(deployment: string, name: FunctionName): string {
  return `/aws/lambda/${functionName(deployment, name)}`;
}

/**
 * Logs of the state machine. Under `/aws/vendedlogs/`, CloudWatch Logs needs no entry per group in its resource policy,
 * whose length is limited (Step Functions developer guide, *CloudWatch Logs resource policy size restrictions*).
 */
export function stateMachineLogGroup(deployment: string): string {
  return `/aws/vendedlogs/states/${named(deployment, 'backup')}`;
}

/** `CreateSnapshot` of `create-snapshot`: state names, placeholders and construct ids. */
export function pascal(name: string): string {
  return name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}

/** A cache in one word: `replication-group/orders`. */
export function cacheName(cache: { kind: CacheKind; id: string }): string {
  return `${cache.kind}/${cache.id}`;
}

/** A cache in the names of AWS: `rg-orders`, `cc-catalog`, `sc-carts`. */
export function cacheSlug(cache: { kind: CacheKind; id: string }): string {
  const initials: Record<CacheKind, string> = {
    'replication-group': 'rg',
    'cache-cluster': 'cc',
    'serverless-cache': 'sc',
  };
  return `${initials[cache.kind]}-${cache.id}`;
}

/** A text whole where it fits, else cut and told apart by a short hash. */
export function fitted(text: string, room: number): string {
  if (text.length <= room) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const head = text.slice(0, room - 1 - hash.length).replace(/-+$/, '');
  return `${head}-${hash}`;
}

/** The id as it stands in snapshot names. */
export function snapshotStem(id: string): string {
  return fitted(id, SNAPSHOT_NAME_MAX - '-202611200304'.length);
}

/** Longest name of a schedule (EventBridge Scheduler, `CreateSchedule`). */
const SCHEDULE_NAME_MAX = 64;

/**
 * The name of a schedule. CloudFormation knows schedules by their names alone, whatever groups they are in, so each
 * says whose it is.
 */
export function scheduleName(deployment: string, plan: string, what: string): string {
  return fitted(`${deployment}_${plan}_${what}`, SCHEDULE_NAME_MAX);
}

/**
 * The names of our snapshots of a cache, as IAM matches them: the stem and the twelve digits of an instant. A sibling
 * whose id goes on after a hyphen has more than twelve characters there, so `orders` does not cover `orders-eu`.
 */
export function snapshotPattern(id: string): string {
  return `${snapshotStem(id)}-????????????`;
}

/** Keys that a serverless export of a snapshot writes: it takes no target name (`ExportGrammar::serverless`). [U] */
export function serverlessKeys(snapshot: string): string[] {
  return [`${snapshot}/${snapshot}-????.rdb`, `${snapshot}-????.rdb`];
}

/** The names of a cache's automatic snapshots, as IAM matches them. */
export function automaticPattern(id: string): string {
  return `automatic.${id}-*`;
}

/** Whether a cache is serverless: its snapshots and exports are of another kind. */
export function isServerless(cache: Cache): boolean {
  return cache.kind === 'serverless-cache';
}
