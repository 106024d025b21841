/** Which cache of which plan is meant, and what its run is called. */
import type { Cache, Deployment, Plan } from '../../lib/config/deployment.ts';
import { cacheName } from '../../lib/names.ts';
import { UsageError } from '../common/command.ts';

/** A cache of a plan. */
export interface Choice {
  readonly plan: Plan;
  readonly cache: Cache;
}

/** Longest part of a cache's id in an execution's name; the schedules cut it as well. */
const ID_MAX = 43;

/** The cache of `kind/id`, or of an id where only one has it; `plan` decides where several plans have the cache. */
export function choose(deployment: Deployment, wanted: string | undefined, plan: string | undefined): Choice {
  const all = deployment.plans.flatMap((plan) => plan.caches.map((cache) => ({ plan, cache })));
  if (plan !== undefined && !deployment.plans.some(({ name }) => name === plan)) {
    const names = deployment.plans.map(({ name }) => name).join(', ');
    throw new UsageError(`no plan \`${plan}\` in deployment \`${deployment.name}\`; there are ${names}`);
  }
  const ofPlan = all.filter((choice) => plan === undefined || choice.plan.name === plan);
  if (wanted === undefined)
    throw new UsageError(`cache is missing; give CACHE=kind/id or an id: ${list(ofPlan)}`);
  // ElastiCache stores ids in lower case, and people write them as they like.
  const text = wanted.toLowerCase();
  const found = ofPlan.filter(({ cache }) => cacheName(cache) === text || cache.id === text);
  const [first] = found;
  if (!first) {
    const where = plan === undefined ? `deployment \`${deployment.name}\`` : `plan \`${plan}\``;
    throw new UsageError(`no cache \`${wanted}\` in ${where}; there are ${list(ofPlan)}`);
  }
  const kinds = new Set(found.map(({ cache }) => cacheName(cache)));
  if (kinds.size > 1)
    throw new UsageError(`\`${wanted}\` are several caches; give CACHE= one of ${[...kinds].join(', ')}`);
  if (found.length > 1) {
    const plans = found.map((choice) => choice.plan.name).join(', ');
    throw new UsageError(`cache \`${wanted}\` is in several plans; give PLAN= one of ${plans}`);
  }
  return first;
}

function list(choices: readonly Choice[]): string {
  return choices.map(({ plan, cache }) => `${cacheName(cache)} (${plan.name})`).join(', ') || 'none';
}

/** `orders-manual-20261120T030412`: at most 80 characters, as Step Functions takes them. */
export function executionName(id: string, now: Date): string {
  const [stamp = ''] = now.toISOString().replace(/[-:]/g, '').split('.');
  return `${id.slice(0, ID_MAX)}-manual-${stamp}`;
}

/** The minute that a run started now belongs to, ISO 8601 UTC. */
export function cutToMinute(now: Date): string {
  return `${now.toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}:00Z`;
}

/** Where the run of an execution input writes its manifest (`manifest_key` in `names.rs`); nothing for an odd input. */
export function manifestKey(input: string | undefined): string | undefined {
  try {
    const { cache, scheduledTime } = JSON.parse(input ?? '');
    const instant = cutToMinute(new Date(scheduledTime))
      .replace(/[-:]/g, '')
      .slice(0, 'yyyymmddThhmm'.length);
    return `backups/${cache.kind}/${cache.id}/${instant.toLowerCase()}z/manifest.json`;
  } catch {
    return undefined;
  }
}
