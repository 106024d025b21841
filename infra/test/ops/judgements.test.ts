import { describe, expect, it } from 'vitest';
import { judgeIdentity, judgeStacks } from '../../ops/check/account.ts';
import { judgeBucket } from '../../ops/check/bucket.ts';
import type { CacheFacts, Seen } from '../../ops/check/cache.ts';
import { exitStatus, summary } from '../../ops/check/finding.ts';
import { judgeSubscriptions } from '../../ops/check/mail.ts';
import { judgeRights, questions, roleArns, type Verdict } from '../../ops/check/rights.ts';
import { WORKFLOW_OUTPUTS } from '../../ops/common/stacks.ts';
import { ACCOUNT, deployment, expectGolden } from './support.ts';

const FACTS: CacheFacts = {
  status: 'available',
  clusterMode: false,
  dataTiering: false,
  members: [
    { id: 'orders-001', role: 'primary' },
    { id: 'orders-002', role: 'replica' },
  ],
  automaticDays: 1,
  snapshots: { answer: { of: 'orders-002', today: 1 } },
};

describe('the account', () => {
  const identity = { account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ops` };
  const stack = {
    status: 'UPDATE_COMPLETE',
    outputs: Object.fromEntries(WORKFLOW_OUTPUTS.map((name) => [name, 'x'])),
  };
  const levels = (of: readonly { level: string }[]): string[] => of.map(({ level }) => level);

  it('has to be that of the config, and the Region of the shell is only told', () => {
    expect(levels(judgeIdentity(deployment(), identity, 'eu-west-1'))).toEqual(['holds', 'holds']);
    expect(levels(judgeIdentity({ ...deployment(), account: undefined }, identity))).toEqual([
      'holds',
      'holds',
    ]);
    expect(levels(judgeIdentity({ ...deployment(), account: '210987654321' }, identity))).toEqual([
      'fails',
      'holds',
    ]);
    expect(levels(judgeIdentity(deployment(), identity, 'us-east-1'))).toEqual(['holds', 'warns']);
  });

  it.each([
    ['deployed', stack, 'holds'],
    ['absent', undefined, 'fails'],
    ['half made', { ...stack, status: 'ROLLBACK_COMPLETE' }, 'fails'],
    ['being made', { ...stack, status: 'UPDATE_IN_PROGRESS' }, 'warns'],
    ['as before a failed update', { ...stack, status: 'UPDATE_ROLLBACK_COMPLETE' }, 'warns'],
    ['without outputs', { ...stack, outputs: {} }, 'fails'],
  ])('has a workflow stack that is %s', (_, workflow, level) => {
    const found = judgeStacks(
      deployment(),
      { storage: { answer: stack }, workflow: { answer: workflow } },
      'prod',
    );
    expect(levels(found)).toEqual(['holds', level]);
  });
});

describe('the bucket', () => {
  const question = { partition: 'aws', region: 'eu-west-1', account: ACCOUNT, bucket: 'b', keys: ['k'] };
  const rest = {
    policy: { denied: 's3:GetBucketPolicy' },
    versioning: { answer: 'Enabled' },
    encryption: { answer: 'AES256' },
    publicAccess: { failed: '`s3:GetBucketPublicAccessBlock` failed: SlowDown' },
  };

  it.each([
    ['absent', 'absent' as const, 'fails: there is no bucket `b`'],
    [
      'another’s',
      'foreign' as const,
      'fails: `b` does not belong to account 123456789012: ElastiCache exports only to a bucket of the account that it runs in',
    ],
    [
      'hidden',
      'hidden' as const,
      "unchecked: `b` is another account's, or the caller may not `s3:GetBucketLocation`",
    ],
    [
      'elsewhere',
      { region: 'us-east-1' },
      'fails: it is in us-east-1, and ElastiCache exports only within a Region, here eu-west-1',
    ],
  ])('that is %s is told', (_, place, expected) => {
    const { findings } = judgeBucket({ place: { answer: place } }, question, 'prod');
    expect(findings.map(({ level, text }) => `${level}: ${text}`)).toEqual([expected]);
  });

  it('is judged as far as S3 answers', () => {
    const facts = { place: { answer: { region: 'eu-west-1' } }, rest };
    const { findings } = judgeBucket(facts, question, 'prod');
    expect(findings.map(({ level }) => level)).toEqual(['holds', 'unchecked', 'holds', 'holds', 'fails']);
  });

  it('may be without versions, under a key or open, and all of it is told', () => {
    const open = {
      policy: { denied: 's3:GetBucketPolicy' },
      versioning: { answer: 'Suspended' },
      encryption: { answer: 'aws:kms' },
      publicAccess: { answer: { BlockPublicAcls: true } },
    };
    const { findings } = judgeBucket(
      { place: { answer: { region: 'eu-west-1' } }, rest: open },
      question,
      'prod',
    );
    expect(findings.slice(2).map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'warns: versioning is off: what pruning or a mistake deletes is gone at once',
      'fails: default encryption is `aws:kms`: the functions have no right to such a key, and nobody has confirmed that ElastiCache can write under one [U]',
      'warns: public access is not blocked by the bucket itself: IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets',
    ]);
  });
});

describe('subscriptions', () => {
  const alerts = { email: ['sre@example.com'], alarmActions: [] };
  const mail = { protocol: 'email', endpoint: 'SRE@example.com', confirmed: true };

  it.each([
    ['confirmed', [mail], ['holds']],
    ['not confirmed', [{ ...mail, confirmed: false }], ['fails']],
    ['nobody', [], ['fails']],
    ['somebody else', [{ ...mail, endpoint: 'x@example.com' }], ['holds', 'fails']],
  ])('of %s', (_, all, levels) => {
    expect(judgeSubscriptions(alerts, all, 'prod').map(({ level }) => level)).toEqual(levels);
  });
});

describe('the rights of a role', () => {
  const allowed: Verdict = { action: 'a:B', resource: 'r', decision: 'allowed', statements: [], missing: [] };
  const silent: Verdict = { ...allowed, decision: 'implicitDeny' };
  const denied: Verdict = { ...allowed, decision: 'explicitDeny' };

  it.each<[string, Verdict[], string]>([
    [
      'all is allowed',
      [allowed, { ...allowed, resource: 's' }],
      'holds: prune may do all that it has to: 1 actions on 2 resources in all',
    ],
    [
      'nothing allows it',
      [allowed, silent],
      'fails: prune: `a:B` on `r`: no statement of the role allows it',
    ],
    [
      'many are denied alike',
      [silent, { ...silent, resource: 's' }, { ...silent, resource: 't' }],
      'fails: prune: `a:B` on `r` and 2 more: no statement of the role allows it',
    ],
    [
      'the organization denies it',
      [{ ...denied, byOrganization: false }],
      "fails: prune: `a:B` on `r`: denied by the organization's service control policies",
    ],
    [
      'the boundary denies it',
      [{ ...silent, byBoundary: false }],
      "fails: prune: `a:B` on `r`: denied by the role's permissions boundary",
    ],
    [
      'a policy denies it',
      [{ ...denied, statements: [{ policy: 'guard', type: 'user-managed' }] }],
      'fails: prune: `a:B` on `r`: denied by managed policy `guard`',
    ],
    [
      'a policy of a new type denies it',
      [{ ...denied, statements: [{ policy: 'p', type: 'x' }] }],
      'fails: prune: `a:B` on `r`: denied by x policy `p`',
    ],
    [
      'IAM does not say who',
      [denied],
      'fails: prune: `a:B` on `r`: denied by a policy that IAM does not name',
    ],
    [
      'it hangs on a key of a real call',
      [{ ...silent, missing: ['aws:X'] }],
      'unchecked: prune: `a:B` on `r` depends on `aws:X`, which only a real call has',
    ],
  ])('when %s', (_, verdicts, expected) => {
    expect(judgeRights('prune', verdicts, 'prod').map(({ level, text }) => `${level}: ${text}`)).toEqual([
      expected,
    ]);
  });

  it('are asked for on the exact resources of caches that are there, each kind with its own calls', () => {
    const place = { partition: 'aws', region: 'eu-west-1', account: ACCOUNT, bucket: 'b' };
    const seen = new Map<string, Seen>([
      ['replication-group/orders', { cache: FACTS }],
      ['serverless-cache/catalog', { cache: { ...FACTS, members: [] } }],
      ['cache-cluster/sessions', { others: [] }],
    ]);
    const text = questions(deployment(), place, seen).map(({ role, actions, resources, context }) =>
      [role, actions.join(' '), resources.join(' '), JSON.stringify(context)]
        .join(' | ')
        .replaceAll(`:eu-west-1:${ACCOUNT}:`, '::'),
    );
    expectGolden('questions', `${text.join('\n')}\n`);
  });

  it('are those of the roles that the stack names', () => {
    expect([...roleArns('prune=arn:a, copy-to-s3=arn:b,,x')]).toEqual([
      ['prune', 'arn:a'],
      ['copy-to-s3', 'arn:b'],
    ]);
    expect([...roleArns('')]).toEqual([]);
  });
});

describe('the summary', () => {
  const section = (...levels: ('holds' | 'fails' | 'warns' | 'unchecked')[]) => [
    { title: '', findings: levels.map((level) => ({ level, text: '' })) },
  ];

  it.each([
    [section('holds', 'holds'), 0, '2 checks. Ready for a first backup.'],
    [section('holds', 'warns'), 0, '2 checks, 1 warning. Ready for a first backup.'],
    [section('holds', 'unchecked'), 0, '2 checks, 1 not checked. What was checked is ready.'],
    [
      section('fails', 'fails', 'warns'),
      1,
      '3 checks, 2 do not hold, 1 warning. A backup would fail, or nobody would hear of it.',
    ],
    [section('fails'), 1, '1 check, 1 does not hold. A backup would fail, or nobody would hear of it.'],
  ])('counts and decides the exit status: %#', (sections, status, text) => {
    expect(exitStatus(sections)).toBe(status);
    expect(summary(sections)).toBe(text);
  });
});
