/**
 * The roles against what the functions were seen to do, both ways.
 *
 * `tests/fixtures/rights/calls.json` is written by the local run of the real binaries (`tests/local/tests`); `needs.ts`
 * adds what no call of theirs shows.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configured, listed, type PolicyStatement, statementsByRole } from '../support/stacks.ts';
import { applies, type Call, isAllowed } from './evaluate.ts';
import { needs } from './needs.ts';

const RECORD = join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'rights', 'calls.json');

/** The deployment that the record was made of: these caches, this bucket, these names. */
const CONFIG = `
deployment: prod
region: eu-west-1
bucket: { name: snapkeep-backups, existing: true }
alerts: { email: [sre@example.com] }
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *" }
    caches: &caches
      - replication-group/orders
      - replication-group/sessions
      - replication-group/events-of-the-warehouse-in-rotterdam-b12
      - cache-cluster/catalog
      - serverless-cache/carts
  imported:
    schedule: { cron: "0 15 * * ? *" }
    source: latestAutomatic
    caches: *caches
`;

interface Recorded extends Call {
  readonly function: string;
}

interface Wanted extends Call {
  readonly role: string;
  readonly from: string;
}

function wanted(): Wanted[] {
  const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Recorded[];
  return [
    ...recorded.map((call) => ({ ...call, role: call.function, from: 'calls.json' })),
    ...needs().map((need) => ({ ...need, from: need.source })),
  ];
}

type Roles = Map<string, PolicyStatement[]>;

function roles(config = CONFIG): Roles {
  const byName = statementsByRole(configured(config));
  return new Map(
    [...byName].map(([name, statements]) => [
      name.replace(/^snapkeep-prod-(.*)-eu-west-1$/, '$1'),
      statements,
    ]),
  );
}

/** Calls that are made or needed and not granted. */
function denied(byRole: Roles, calls: readonly Wanted[]): string[] {
  return calls
    .filter((call) => !isAllowed(byRole.get(call.role) ?? [], call))
    .map(
      ({ role, action, resources, from }) => `${role} may not ${action} on ${resources.join(', ')} (${from})`,
    );
}

/** The names of the config's caches in resources, as they stand there and as snapshots have them. */
const NAMES = [
  'orders',
  'sessions',
  'catalog',
  'carts',
  'events-of-the-warehouse-in-rotterdam-b12',
  'events-of-the-ware-c101b68f',
];
const KINDS = ['replication-group', 'cache-cluster', 'serverless-cache'];

/** A resource with every cache in it as `<cache>`: lists of caches are the config's, what is in them for each is ours. */
function shape(resource: string): string {
  const words = [...NAMES, ...KINDS].sort((a, b) => b.length - a.length).join('|');
  return resource.replace(new RegExp(`\\b(${words})\\b`, 'g'), '<cache>');
}

/** Resources by their shapes. */
function alike(resources: readonly string[]): string[][] {
  const shapes = [...new Set(resources.map(shape))];
  return shapes.map((wanted) => resources.filter((resource) => shape(resource) === wanted));
}

/** Parts of grants that no call and no need uses: an action, or a shape of resources, of a statement. */
function unused(byRole: Roles, calls: readonly Wanted[]): string[] {
  const found: string[] = [];
  for (const [role, statements] of byRole) {
    const own = calls.filter((call) => call.role === role);
    const isUsed = (part: PolicyStatement) =>
      own.some((call) => call.resources.some((resource) => applies(part, call, resource)));
    for (const statement of statements) {
      for (const Action of listed(statement.Action)) {
        if (!isUsed({ ...statement, Action })) found.push(`${role} ${statement.Sid}: nobody calls ${Action}`);
      }
      for (const same of alike(listed(statement.Resource))) {
        if (!isUsed({ ...statement, Resource: same })) {
          found.push(`${role} ${statement.Sid}: nobody uses ${same[0]}`);
        }
      }
    }
  }
  return found;
}

/** Calls that only an import of automatic snapshots makes. */
function isOfImports({ role, resources }: Wanted): boolean {
  const lists = role === 'create-snapshot' && resources.some((resource) => resource.endsWith('snapshot:*'));
  return lists || resources.some((resource) => resource.includes('automatic.'));
}

describe.each([
  ['with plans that import automatic snapshots', CONFIG, () => true],
  [
    'with plans that make their own snapshots alone',
    CONFIG.slice(0, CONFIG.indexOf('  imported:')),
    (call: Wanted) => !isOfImports(call),
  ],
])('%s', (_, config, isMade) => {
  const made = () => wanted().filter(isMade);

  test('every call that a function makes, and everything AWS asks for besides, is granted', () => {
    expect(denied(roles(config), made())).toEqual([]);
  });

  test('every action and every resource that is granted is used by a call, or is in the table of needs', () => {
    expect(unused(roles(config), made())).toEqual([]);
  });

  test('without any one statement something that is needed is denied', () => {
    const survivors: string[] = [];
    for (const [role, statements] of roles(config)) {
      const own = made().filter((call) => call.role === role);
      for (const removed of statements) {
        const left = statements.filter((statement) => statement !== removed);
        if (denied(new Map([[role, left]]), own).length === 0) survivors.push(`${role} ${removed.Sid}`);
      }
    }
    expect(survivors).toEqual([]);
  });
});

test('a call that is not granted, and a grant that is not called, are found', () => {
  const byRole = roles();
  const calls = wanted();
  const stray: Wanted = {
    role: 'prune',
    action: 's3:DeleteObjectVersion',
    resources: ['arn:aws:s3:::snapkeep-backups/backups/a'],
    context: {},
    from: 'this test',
  };
  expect(denied(byRole, [stray])).toEqual([
    'prune may not s3:DeleteObjectVersion on arn:aws:s3:::snapkeep-backups/backups/a (this test)',
  ]);
  const extra: PolicyStatement = {
    Sid: 'Extra',
    Effect: 'Allow',
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::x/*',
  };
  const more = new Map(byRole).set('prune', [...(byRole.get('prune') ?? []), extra]);
  expect(unused(more, calls)).toContain('prune Extra: nobody calls s3:PutObject');
});

test('every role has calls or needs, and every call is of a role', () => {
  const calls = new Set(wanted().map(({ role }) => role));
  expect([...roles().keys()].sort()).toEqual([...calls].sort());
});

/** What a role must never have, whatever is called: separation of duties (check S15). */
test.each([
  ['create-snapshot', /Delete/, 'who makes a snapshot cannot delete one'],
  ['prune', /elasticache:(Create|Copy|Export|AddTags)/, 'who deletes cannot make'],
  ['check-status', /:(Put|Create|Delete|Copy|Export|Add|Publish|Start)/, 'who looks changes nothing'],
  ['verify-object', /elasticache:/, 'who verifies knows no cache'],
  ['record-backup', /elasticache:|Delete/, 'who records knows no cache and deletes nothing'],
  ['watch', /elasticache:|Delete/, 'the dead man’s switch knows no cache and deletes nothing'],
  ['notify', /elasticache:|Delete|Redrive|StartExecution/, 'who tells starts nothing'],
])('%s has no action like %s: %s', (role, pattern) => {
  const actions = (roles().get(role) ?? []).flatMap(({ Action }) => listed(Action));
  expect(actions.filter((action) => pattern.test(action) && !/logs:|xray:/.test(action))).toEqual([]);
});

test('nobody may pass roles, touch a bucket’s policy, delete a version or bypass governance retention', () => {
  const actions = [...roles().values()].flat().flatMap(({ Action }) => listed(Action));
  const forbidden =
    /^(iam:|s3:PutBucket|s3:DeleteBucket|s3:.*ObjectVersion$|s3:BypassGovernance|kms:\*|states:Redrive)/;
  expect(actions.filter((action) => forbidden.test(action) && action !== 's3:GetObjectVersion')).toEqual([]);
});
