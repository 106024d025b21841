import { describe, expect, it } from 'vitest';
import { type CacheFacts, judgeCache, type Member, type Seen, snapshotNode } from '../../ops/check/cache.ts';
import { cache, NOW, plan } from './support.ts';

const MEMBERS: readonly Member[] = [
  { id: 'orders-001', role: 'primary', zone: 'eu-west-1a' },
  { id: 'orders-002', role: 'replica', zone: 'eu-west-1b' },
];
const FACTS: CacheFacts = {
  status: 'available',
  engine: 'valkey',
  clusterMode: false,
  dataTiering: false,
  members: MEMBERS,
  automaticDays: 1,
  snapshots: { answer: { of: 'orders-002', today: 1 } },
};
const GROUP = cache('replication-group', 'orders');

function lines(seen: Seen, of = GROUP, by = plan(of)): string[] {
  return judgeCache(of, by, seen, NOW).map(({ level, text }) => `${level}: ${text}`);
}

const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);

describe('a cache', () => {
  it('is ready when it is there, available, exportable and has a replica', () => {
    expect(lines({ cache: FACTS })).toEqual([
      'holds: it is there: cluster mode disabled, valkey, 2 nodes',
      'holds: it is available',
      'holds: its snapshots can be exported',
      'holds: the names of its nodes are those that the functions have rights to',
      'holds: snapshots are taken of `orders-002`, a replica',
      'holds: 1 of 20 manual snapshots of `orders-002` in the last 24 hours',
    ]);
  });

  it.each<[string, Partial<CacheFacts>, string]>([
    ['deleting', { status: 'deleting' }, 'fails: it is `deleting` and will not become available'],
    [
      'create-failed',
      { status: 'create-failed' },
      'fails: it is `create-failed` and will not become available',
    ],
    [
      'modifying',
      { status: 'modifying' },
      'warns: it is `modifying` now; a run waits for hours until it is available',
    ],
    ['of Memcached', { engine: 'memcached' }, 'fails: it runs Memcached, which has no RDB export'],
    [
      'tiered',
      { dataTiering: true },
      'fails: it uses data tiering, and ElastiCache exports no snapshot of it',
    ],
    [
      'under a customer key',
      { kmsKeyId: 'arn:k' },
      'fails: it is encrypted with the customer managed key `arn:k`, and ElastiCache exports no such snapshot',
    ],
    [
      'under the key of AWS',
      { kmsKeyId: 'arn:aws:kms:eu-west-1:1:alias/aws/elasticache' },
      'holds: its snapshots can be exported',
    ],
    [
      'of one node',
      { members: MEMBERS.slice(0, 1) },
      'warns: it has no replica, so that snapshots are taken of `orders-001`, the node that serves',
    ],
    ['without nodes', { members: [] }, 'fails: it lists no node'],
    [
      'with a strange node',
      { members: [...MEMBERS, { id: 'old-redis', role: 'replica' }] },
      'fails: the functions have no right to snapshots of `old-redis`, whose name does not begin with `orders-`',
    ],
    [
      'nearly out of snapshots',
      { snapshots: { answer: { of: 'orders-002', today: 18 } } },
      'warns: 18 of 20 manual snapshots of `orders-002` in the last 24 hours; deleted ones count as well',
    ],
    [
      'out of snapshots',
      { snapshots: { answer: { of: 'orders-002', today: 20 } } },
      'fails: 20 of 20 manual snapshots of `orders-002` in the last 24 hours',
    ],
    [
      'not to be looked into',
      { snapshots: { denied: 'elasticache:DescribeSnapshots' } },
      'unchecked: snapshots: not checked, the caller may not `elasticache:DescribeSnapshots`',
    ],
    ['a node of a group', { memberOf: 'g' }, 'fails: `orders` is a node of replication group `g`'],
  ])('that is %s is told', (_, facts, expected) => {
    expect(lines({ cache: { ...FACTS, ...facts } })).toContain(expected);
  });

  it('with a strange node is ready once the config names that node', () => {
    const named = cache('replication-group', 'orders', ['old-redis']);
    const members = [...MEMBERS, { id: 'old-redis', role: 'replica' }];
    expect(lines({ cache: { ...FACTS, members } }, named).filter((line) => line.startsWith('fails'))).toEqual(
      [],
    );
  });

  it('with cluster mode enabled has no node to choose', () => {
    const found = lines({ cache: { ...FACTS, clusterMode: true, members: [{ id: 'x-0001-001' }] } });
    expect(found.filter((line) => line.includes('node'))).toEqual([
      'holds: it is there: cluster mode enabled, valkey, 1 node',
    ]);
  });

  it('may have 24 snapshots a day where it is serverless', () => {
    const of = cache('serverless-cache', 'catalog');
    const facts = { ...FACTS, members: [], snapshots: { answer: { of: 'catalog', today: 20 } } };
    expect(lines({ cache: facts }, of)).toContain(
      'holds: 20 of 24 manual snapshots of `catalog` in the last 24 hours',
    );
  });

  it.each<[string, Seen, string]>([
    ['nothing', { others: [] }, 'fails: there is no replication-group `orders` in this account and Region'],
    [
      'a serverless cache',
      { others: [{ kind: 'serverless-cache' }] },
      'fails: `orders` is a serverless-cache, not a replication-group',
    ],
    [
      'a node of a group',
      { others: [{ kind: 'cache-cluster', memberOf: 'g' }] },
      'fails: `orders` is a node of replication group `g`',
    ],
  ])('that is %s is told as that', (_, seen, expected) => {
    expect(lines(seen)).toEqual([expected]);
  });

  it.each<[string, Partial<CacheFacts>, string]>([
    [
      'a young one',
      { snapshots: { answer: { of: 'n', today: 0, newestAutomatic: hoursAgo(25.9) } } },
      'holds: the newest automatic snapshot is 25 hours old',
    ],
    [
      'an old one',
      { snapshots: { answer: { of: 'n', today: 0, newestAutomatic: hoursAgo(26.1) } } },
      'warns: there is no automatic snapshot of the last 26 hours',
    ],
    [
      'none yet',
      { snapshots: { answer: { of: 'n', today: 20 } } },
      'warns: there is no automatic snapshot of the last 26 hours',
    ],
    [
      'none ever',
      { automaticDays: 0 },
      'fails: the plan takes automatic snapshots, and ElastiCache makes none of this cache',
    ],
  ])('of a plan of automatic snapshots that has %s', (_, facts, expected) => {
    const found = lines({ cache: { ...FACTS, ...facts } }, GROUP, plan(GROUP, { source: 'latestAutomatic' }));
    expect(found.at(-1)).toBe(expected);
    expect(found.join()).not.toContain('manual');
  });

  it.each<[string, Member[], string | undefined]>([
    [
      'a replica in another zone',
      [...MEMBERS, { id: 'orders-003', role: 'replica', zone: 'eu-west-1a' }],
      'orders-002',
    ],
    [
      'the last replica of two alike',
      [...MEMBERS, { id: 'orders-003', role: 'replica', zone: 'eu-west-1b' }],
      'orders-003',
    ],
    ['a replica before a node of unknown role', [...MEMBERS, { id: 'orders-009' }], 'orders-002'],
    ['the primary where it is alone', [...MEMBERS].slice(0, 1), 'orders-001'],
    ['nothing where nothing is', [], undefined],
  ])('gives its snapshot by %s', (_, members, expected) => {
    expect(snapshotNode(members)?.id).toBe(expected);
  });
});
