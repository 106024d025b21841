/** Whether a cache can be backed up as its plan says: the rules of `functions/create-snapshot/src/source.rs`. */
import type { Cache, CacheKind, Plan } from '../../lib/config/deployment.ts';
import type { Asked } from '../common/failure.ts';
import { plural, quoted } from '../common/text.ts';
import { type Finding, fails, holds, judge, warns } from './finding.ts';

/** Manual snapshots of a node, and of a serverless cache, in 24 hours (user guide, *Snapshot and restore*, and quotas). */
export const SNAPSHOTS_A_DAY = { node: 20, serverless: 24 } as const;

/** Hours that an automatic snapshot may be old (`MAX_AGE` in `functions/create-snapshot/src/automatic.rs`). */
const AUTOMATIC_HOURS = 26;

/** What the key is called that ElastiCache uses where the customer names none (`AWS_MANAGED_KEY` in `export.rs`). */
const AWS_MANAGED_KEY = 'alias/aws/elasticache';

/** Statuses that do not pass (`check_available` in `source.rs`). */
const LOST = ['deleting', 'deleted', 'create-failed', 'restore-failed', 'incompatible-network'];

/** A member of a replication group. */
export interface Member {
  readonly id: string;
  /** `primary` or `replica`; told only with cluster mode disabled. */
  readonly role?: string;
  /** Its Availability Zone. */
  readonly zone?: string;
}

/** Snapshots of what one would be taken of. */
export interface Snapshots {
  /** The node, group or serverless cache that they are of. */
  readonly of: string;
  /** Manual ones of the last 24 hours that still exist. */
  readonly today: number;
  /** When the data of the newest automatic one of the cache were taken; absent where none was looked for. */
  readonly newestAutomatic?: Date;
}

/** A cache as ElastiCache describes it. */
export interface CacheFacts {
  /** Lower case. */
  readonly status: string;
  /** `valkey`, `redis`, `memcached`. */
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly clusterMode: boolean;
  readonly dataTiering: boolean;
  readonly kmsKeyId?: string;
  /** The replication group of a node that does not stand alone. */
  readonly memberOf?: string;
  /** Members of a replication group; empty for everything else. */
  readonly members: readonly Member[];
  /** Days for which ElastiCache keeps automatic snapshots; 0 where it makes none. */
  readonly automaticDays: number;
  readonly snapshots: Asked<Snapshots>;
}

/** The cache, or what else has its id. */
export type Seen =
  | { readonly cache: CacheFacts }
  | { readonly others: readonly { readonly kind: CacheKind; readonly memberOf?: string }[] };

/** Judges a cache of a plan. */
export function judgeCache(cache: Cache, plan: Plan, seen: Seen, now: Date): Finding[] {
  if ('others' in seen) return [judgeAbsence(cache, seen.others)];
  const facts = seen.cache;
  if (facts.memberOf) return [member(cache.id, facts.memberOf)];
  return [
    holds(`it is there: ${describe(cache, facts)}`),
    judgeStatus(facts.status),
    ...judgeExportability(facts),
    ...judgeMembers(cache, plan, facts),
    ...judge('snapshots', facts.snapshots, (snapshots) =>
      plan.source === 'latestAutomatic'
        ? judgeAutomatic(facts.automaticDays, snapshots, now)
        : judgeQuota(cache.kind, snapshots),
    ),
  ];
}

/**
 * The member that a snapshot is taken of with cluster mode disabled: a replica, in another zone than the primary if
 * there is one, else the last by id; the primary only where it is alone. The functions do the same (`candidates`).
 */
export function snapshotNode(members: readonly Member[]): Member | undefined {
  const primaries = members.filter(({ role }) => role === 'primary');
  const others = members.filter(({ role }) => role !== 'primary');
  const elsewhere = ({ zone }: Member): boolean =>
    zone !== undefined && primaries.length > 0 && primaries.every((each) => each.zone && each.zone !== zone);
  const rank = (each: Member): number => (each.role === 'replica' ? 0 : 2) + (elsewhere(each) ? 0 : 1);
  const candidates = others.length > 0 ? others : primaries;
  return [...candidates].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? 1 : -1))[0];
}

function describe(cache: Cache, { clusterMode, engine, engineVersion, members }: CacheFacts): string {
  const mode =
    cache.kind === 'replication-group' ? [`cluster mode ${clusterMode ? 'enabled' : 'disabled'}`] : [];
  const software = engine ? [[engine, engineVersion].filter(Boolean).join(' ')] : [];
  const nodes = members.length > 0 ? [plural(members.length, 'node')] : [];
  return [...mode, ...software, ...nodes].join(', ') || cache.kind;
}

function judgeAbsence(
  { kind, id }: Cache,
  others: readonly { kind: CacheKind; memberOf?: string }[],
): Finding {
  const group = others.find(({ memberOf }) => memberOf)?.memberOf;
  if (group) return member(id, group);
  const [other] = others;
  if (other)
    return fails(
      `\`${id}\` is a ${other.kind}, not a ${kind}`,
      `write \`kind: ${other.kind}\` into the config`,
    );
  return fails(
    `there is no ${kind} \`${id}\` in this account and Region`,
    'correct kind and id in the config, or take it out of the plan',
  );
}

function member(id: string, group: string): Finding {
  return fails(
    `\`${id}\` is a node of replication group \`${group}\``,
    `write \`kind: replication-group\` and \`id: ${group}\` into the config`,
  );
}

function judgeStatus(status: string): Finding {
  if (status === 'available') return holds('it is available');
  if (LOST.includes(status)) {
    return fails(
      `it is \`${status}\` and will not become available`,
      'replace it, or take it out of the plan',
    );
  }
  return warns(
    `it is \`${status}\` now; a run waits for hours until it is available`,
    'wait until it is available',
  );
}

function judgeExportability({ engine, dataTiering, kmsKeyId }: CacheFacts): Finding[] {
  const take = 'or take it out of the plan';
  if (engine === 'memcached')
    return [fails('it runs Memcached, which has no RDB export', 'take it out of the plan')];
  if (dataTiering) {
    return [
      fails(
        'it uses data tiering, and ElastiCache exports no snapshot of it',
        `move it to other nodes, ${take}`,
      ),
    ];
  }
  if (kmsKeyId && !kmsKeyId.endsWith(AWS_MANAGED_KEY)) {
    return [
      fails(
        `it is encrypted with the customer managed key \`${kmsKeyId}\`, and ElastiCache exports no such snapshot`,
        `move the data to a cache without it, ${take}`,
      ),
    ];
  }
  return [holds('its snapshots can be exported')];
}

function judgeMembers(cache: Cache, plan: Plan, { clusterMode, members }: CacheFacts): Finding[] {
  if (cache.kind !== 'replication-group' || clusterMode) return [];
  const strange = members.filter(({ id }) => !id.startsWith(`${cache.id}-`) && !cache.nodes.includes(id));
  const names = strange.map(({ id }) => id);
  const covered =
    names.length > 0
      ? fails(
          `the functions have no right to snapshots of ${quoted(names)}, whose name does not begin with \`${cache.id}-\``,
          `add \`nodes: [${names.join(', ')}]\` to the cache in the config and deploy`,
        )
      : holds('the names of its nodes are those that the functions have rights to');
  return plan.source === 'latestAutomatic' ? [covered] : [covered, judgeLoad(members)];
}

function judgeLoad(members: readonly Member[]): Finding {
  const node = snapshotNode(members);
  if (!node) return fails('it lists no node', 'compare with `aws elasticache describe-replication-groups`');
  if (node.role !== 'primary') return holds(`snapshots are taken of \`${node.id}\`, a replica`);
  return warns(
    `it has no replica, so that snapshots are taken of \`${node.id}\`, the node that serves`,
    'add a replica, or schedule the plan for quiet hours',
  );
}

function judgeQuota(kind: CacheKind, { of, today }: Snapshots): Finding {
  const most = kind === 'serverless-cache' ? SNAPSHOTS_A_DAY.serverless : SNAPSHOTS_A_DAY.node;
  const text = `${today} of ${most} manual snapshots of \`${of}\` in the last 24 hours`;
  // Deleted ones count as well and nobody lists them, so that what is left is at most the difference.
  if (today >= most) return fails(text, 'wait until the oldest is 24 hours old; deleting gives none back');
  if (most - today <= 2)
    return warns(`${text}; deleted ones count as well`, 'make fewer by hand or by other tools');
  return holds(text);
}

function judgeAutomatic(days: number, { newestAutomatic }: Snapshots, now: Date): Finding {
  if (days === 0) {
    return fails(
      'the plan takes automatic snapshots, and ElastiCache makes none of this cache',
      'turn automatic backups on, or write `source: newSnapshot` into the config',
    );
  }
  const hours = newestAutomatic && (now.getTime() - newestAutomatic.getTime()) / 3_600_000;
  if (hours !== undefined && hours <= AUTOMATIC_HOURS) {
    return holds(`the newest automatic snapshot is ${plural(Math.floor(hours), 'hour')} old`);
  }
  return warns(
    `there is no automatic snapshot of the last ${AUTOMATIC_HOURS} hours`,
    'wait for the first backup window; a run before it fails with Backup.NoRecentAutomaticSnapshot',
  );
}
