/**
 * The input of a run: what a plan's schedule sends, and what `make backup` sends in its place.
 *
 * Fields, their names and which of them may be left out are those of `ExecutionInput` in
 * `functions/shared/backup-core/src/input.rs`, which refuses every other; `tests/fixtures/inputs/` has one per kind.
 */
import type { Anomaly, Cache, CacheKind, Deployment, Plan, Retention } from './config/deployment.ts';

/** What EventBridge Scheduler replaces by the minute that it fires for, ISO 8601 (user guide, *context attributes*). */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** What starts a run. */
export interface ExecutionInput {
  /** What is backed up. */
  readonly cache: { readonly kind: CacheKind; readonly id: string };
  /** Name of the policy, second half of the owner. */
  readonly plan: string;
  /** ISO 8601 UTC, or `SCHEDULED_TIME`; the functions cut it to the minute. */
  readonly scheduledTime: string;
  /** Where the backup comes from. */
  readonly source: Plan['source'];
  /** What to keep; without it nothing is pruned. */
  readonly retention?: Retention;
  /** When the backup is suspicious. */
  readonly anomaly?: Anomaly;
  /** Time budget in seconds. */
  readonly deadlineSeconds: number;
  /** Which messages the plan wants. */
  readonly notify: Plan['notify'];
}

/**
 * The input of a run of one cache of a plan, without a field that the config leaves to the functions' defaults.
 *
 * The input names the plan alone and the functions put their deployment before it, so a plan of another deployment
 * would be written under an owner that nobody prunes or watches; it is refused.
 */
export function executionInput(
  deployment: Deployment,
  plan: Plan,
  cache: Cache,
  scheduledTime: string,
): ExecutionInput {
  if (!deployment.plans.some(({ name }) => name === plan.name)) {
    throw new Error(
      `plan \`${plan.name}\` is none of deployment \`${deployment.name}\`; take it from its config`,
    );
  }
  return {
    cache: { kind: cache.kind, id: cache.id },
    plan: plan.name,
    scheduledTime,
    source: plan.source,
    ...(plan.retention && { retention: fieldsSet(plan.retention) }),
    ...(plan.anomaly && { anomaly: fieldsSet(plan.anomaly) }),
    deadlineSeconds: plan.deadlineSeconds,
    notify: plan.notify,
  };
}

/** A copy without fields that are `undefined`: CDK's and the SDK's serializers differ in what they make of those. */
function fieldsSet<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
