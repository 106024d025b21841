/** Asks ElastiCache about caches and their snapshots. */
import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  DescribeServerlessCachesCommand,
  type ElastiCacheClient,
  paginateDescribeServerlessCacheSnapshots,
  paginateDescribeSnapshots,
  type ReplicationGroup,
  type ServerlessCache,
} from '@aws-sdk/client-elasticache';
import type { Cache, CacheKind } from '../../lib/config/deployment.ts';
import { type Asked, ask, codeOf } from '../common/failure.ts';
import { type CacheFacts, type Member, type Seen, type Snapshots, snapshotNode } from './cache.ts';

type Described = Omit<CacheFacts, 'snapshots'>;

const DAY = 24 * 3_600_000;

const NOT_FOUND = [
  'ReplicationGroupNotFoundFault',
  'CacheClusterNotFound',
  'CacheClusterNotFoundFault',
  'ServerlessCacheNotFoundFault',
];

const KINDS: readonly CacheKind[] = ['replication-group', 'cache-cluster', 'serverless-cache'];

const ACTIONS: Readonly<Record<CacheKind, string>> = {
  'replication-group': 'elasticache:DescribeReplicationGroups',
  'cache-cluster': 'elasticache:DescribeCacheClusters',
  'serverless-cache': 'elasticache:DescribeServerlessCaches',
};

/** What is asked about snapshots. */
export interface Wanted {
  readonly now: Date;
  /** Whether a plan takes automatic ones, so that they are looked for. */
  readonly automatic: boolean;
}

/** The cache of a kind and id, or what else has the id. */
export function cacheFacts(client: ElastiCacheClient, cache: Cache, wanted: Wanted): Promise<Asked<Seen>> {
  return ask<Seen>(ACTIONS[cache.kind], async () => {
    const described = await describe(client, cache.kind, cache.id);
    if (described)
      return { cache: { ...described, snapshots: await snapshots(client, cache, described, wanted) } };
    const others: { kind: CacheKind; memberOf?: string }[] = [];
    for (const kind of KINDS.filter((kind) => kind !== cache.kind)) {
      const other = await describe(client, kind, cache.id);
      if (other) others.push({ kind, memberOf: other.memberOf });
    }
    return { others };
  });
}

async function describe(
  client: ElastiCacheClient,
  kind: CacheKind,
  id: string,
): Promise<Described | undefined> {
  try {
    if (kind === 'replication-group') {
      const answer = await client.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }));
      return answer.ReplicationGroups?.map(ofGroup)[0];
    }
    if (kind === 'cache-cluster') {
      const answer = await client.send(new DescribeCacheClustersCommand({ CacheClusterId: id }));
      return answer.CacheClusters?.map(ofCluster)[0];
    }
    const answer = await client.send(new DescribeServerlessCachesCommand({ ServerlessCacheName: id }));
    return answer.ServerlessCaches?.map(ofServerless)[0];
  } catch (error) {
    if (NOT_FOUND.includes(codeOf(error))) return undefined;
    throw error;
  }
}

function ofGroup(group: ReplicationGroup): Described {
  const told = (group.NodeGroups ?? []).flatMap(({ NodeGroupMembers = [] }) => NodeGroupMembers);
  const members = told.flatMap(({ CacheClusterId, CurrentRole, PreferredAvailabilityZone }): Member[] =>
    CacheClusterId ? [{ id: CacheClusterId, role: CurrentRole, zone: PreferredAvailabilityZone }] : [],
  );
  return {
    ...common(group.Status, group.Engine, undefined, group.SnapshotRetentionLimit),
    clusterMode: group.ClusterEnabled ?? false,
    dataTiering: group.DataTiering === 'enabled',
    kmsKeyId: group.KmsKeyId,
    members,
  };
}

/** A node's answer tells neither data tiering nor its key: both exist only on replication groups. */
function ofCluster(node: CacheCluster): Described {
  return {
    ...common(node.CacheClusterStatus, node.Engine, node.EngineVersion, node.SnapshotRetentionLimit),
    memberOf: node.ReplicationGroupId,
  };
}

function ofServerless(cache: ServerlessCache): Described {
  return {
    ...common(cache.Status, cache.Engine, cache.FullEngineVersion, cache.SnapshotRetentionLimit),
    kmsKeyId: cache.KmsKeyId,
  };
}

function common(status = 'unknown', engine?: string, engineVersion?: string, automaticDays = 0): Described {
  return {
    status: status.toLowerCase(),
    engine: engine?.toLowerCase(),
    engineVersion,
    clusterMode: false,
    dataTiering: false,
    members: [],
    automaticDays,
  };
}

/** With cluster mode disabled ElastiCache files snapshots under the node that they were taken of, whichever that was. */
function snapshots(
  client: ElastiCacheClient,
  cache: Cache,
  facts: Described,
  { now, automatic }: Wanted,
): Promise<Asked<Snapshots>> {
  const today = (manual: readonly (Date | undefined)[]): number =>
    // One that is still being made has no time yet, and was made today.
    manual.filter((at) => !at || now.getTime() - at.getTime() < DAY).length;
  if (cache.kind === 'serverless-cache') {
    return ask('elasticache:DescribeServerlessCacheSnapshots', async () => ({
      of: cache.id,
      today: today(await serverlessTimes(client, cache.id, 'user')),
      newestAutomatic: automatic ? newest(await serverlessTimes(client, cache.id, 'system')) : undefined,
    }));
  }
  const group = { ReplicationGroupId: cache.id };
  const nodes = facts.members.length > 0 ? facts.members.map(({ id }) => id) : [cache.id];
  const node = snapshotNode(facts.members)?.id ?? cache.id;
  const filters = facts.clusterMode ? [group] : nodes.map((id) => ({ CacheClusterId: id }));
  return ask('elasticache:DescribeSnapshots', async () => {
    const manual = await nodeTimes(client, facts.clusterMode ? group : { CacheClusterId: node }, 'user');
    const times: (Date | undefined)[] = [];
    for (const filter of automatic ? filters : []) times.push(...(await nodeTimes(client, filter, 'system')));
    return { of: facts.clusterMode ? cache.id : node, today: today(manual), newestAutomatic: newest(times) };
  });
}

function newest(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((at) => (at ? [at.getTime()] : []));
  return known.length > 0 ? new Date(Math.max(...known)) : undefined;
}

async function nodeTimes(
  client: ElastiCacheClient,
  filter: { CacheClusterId: string } | { ReplicationGroupId: string },
  source: 'user' | 'system',
): Promise<(Date | undefined)[]> {
  const times: (Date | undefined)[] = [];
  for await (const { Snapshots = [] } of paginateDescribeSnapshots(
    { client },
    { ...filter, SnapshotSource: source },
  )) {
    for (const { NodeSnapshots = [] } of Snapshots) {
      const taken = NodeSnapshots.flatMap(({ SnapshotCreateTime }) => SnapshotCreateTime ?? []);
      times.push(taken.sort((a, b) => b.getTime() - a.getTime())[0]);
    }
  }
  return times;
}

async function serverlessTimes(
  client: ElastiCacheClient,
  name: string,
  type: 'user' | 'system',
): Promise<(Date | undefined)[]> {
  const request = { ServerlessCacheName: name, SnapshotType: type };
  const times: (Date | undefined)[] = [];
  for await (const page of paginateDescribeServerlessCacheSnapshots({ client }, request)) {
    times.push(...(page.ServerlessCacheSnapshots ?? []).map(({ CreateTime }) => CreateTime));
  }
  return times;
}
