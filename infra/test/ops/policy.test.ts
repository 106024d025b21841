import { describe, expect, it } from 'vitest';
import { glob, met } from '../../ops/check/conditions.ts';
import { BUCKET_ACTIONS, judgePolicy, OBJECT_ACTIONS } from '../../ops/check/policy.ts';

const SERVICE = 'eu-west-1.elasticache-snapshot.amazonaws.com';
const QUESTION = {
  partition: 'aws',
  region: 'eu-west-1',
  account: '123456789012',
  bucket: 'b',
  keys: ['backups/replication-group/orders/20261120t0304z/orders-0001.rdb'],
};
const RESOURCES = ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'];
const GRANT = {
  Effect: 'Allow',
  Principal: { Service: SERVICE },
  Action: [...BUCKET_ACTIONS, ...OBJECT_ACTIONS] as string | string[],
  Resource: RESOURCES as string | string[],
};

/** Levels and texts of what is found in a policy of these statements. */
function found(...statements: object[]): string[] {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return judgePolicy(policy, QUESTION).map(({ level, text }) => `${level}: ${text}`);
}

const GRANTED = `holds: the bucket policy lets \`${SERVICE}\` write exports`;

describe('the grant to ElastiCache', () => {
  it.each([
    ['as the guide gives it', [GRANT]],
    [
      'in two statements',
      [
        { ...GRANT, Action: [...BUCKET_ACTIONS] },
        { ...GRANT, Action: [...OBJECT_ACTIONS] },
      ],
    ],
    ['for several services', [{ ...GRANT, Principal: { Service: ['other.amazonaws.com', SERVICE] } }]],
    [
      'in another case, which IAM does not mind',
      [{ ...GRANT, Action: GRANT.Action.toString().toUpperCase().split(',') }],
    ],
    [
      'with objects scoped to where exports go',
      [{ ...GRANT, Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/backups/*'] }],
    ],
    [
      'with a condition that is always met',
      [{ ...GRANT, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ],
  ])('is found %s', (_, statements) => {
    expect(found(...statements)).toEqual([GRANTED]);
  });

  it.each([
    [
      'no statement',
      [],
      '`s3:ListBucket`, `s3:GetBucketAcl`, `s3:ListBucketMultipartUploads`, `s3:PutObject`, `s3:GetObject` and `s3:ListMultipartUploadParts`',
    ],
    [
      'no action on the bucket',
      [{ ...GRANT, Resource: 'arn:aws:s3:::b/*' }],
      '`s3:ListBucket`, `s3:GetBucketAcl` and `s3:ListBucketMultipartUploads`',
    ],
    [
      'no action on the objects',
      [{ ...GRANT, Resource: 'arn:aws:s3:::b' }],
      '`s3:PutObject`, `s3:GetObject` and `s3:ListMultipartUploadParts`',
    ],
    ['one action too few', [{ ...GRANT, Action: GRANT.Action.slice(1) }], '`s3:ListBucket`'],
    [
      'objects elsewhere',
      [{ ...GRANT, Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/other/*'] }],
      '`s3:PutObject`',
    ],
    [
      'another Region',
      [{ ...GRANT, Principal: { Service: 'eu-west-2.elasticache-snapshot.amazonaws.com' } }],
      '`s3:ListBucket`',
    ],
    [
      'the general service',
      [{ ...GRANT, Principal: { Service: 'elasticache.amazonaws.com' } }],
      'it is another service that writes',
    ],
    [
      'everybody, whom the block of public access keeps out',
      [{ ...GRANT, Principal: '*' }],
      '`s3:ListBucket`',
    ],
    [
      'the account of another',
      [{ ...GRANT, Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } } }],
      'a condition of its grant is never met',
    ],
    [
      'an organization, which a service has not',
      [{ ...GRANT, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
      'a condition of its grant is never met',
    ],
  ])('fails with %s', (_, statements, names) => {
    const [first, ...rest] = found(...statements);
    expect(first).toMatch(/^fails: the bucket policy does not give/);
    expect(first).toContain(names);
    expect(rest).toEqual([]);
  });

  it('is told where it is wider than needed, or depends on what nobody has confirmed', () => {
    expect(found({ ...GRANT, Action: 's3:*' })).toEqual([
      GRANTED,
      'warns: the grant is wider than an export needs, it gives `s3:DeleteObject`, `s3:PutBucketPolicy`, `s3:PutObjectAcl` and `s3:DeleteBucket` as well',
    ]);
    expect(found({ ...GRANT, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } })).toEqual(
      [
        GRANTED,
        'warns: the grant has a condition on `aws:SourceAccount`; nobody has confirmed that ElastiCache sends it [U]',
      ],
    );
  });

  it('fails where there is no policy, or none that can be read', () => {
    expect(judgePolicy(undefined, QUESTION)[0]?.level).toBe('fails');
    expect(judgePolicy('{', QUESTION)[0]?.text).toBe('the bucket policy cannot be read');
    expect(judgePolicy('{}', QUESTION)[0]?.text).toBe('the bucket policy cannot be read');
  });
});

const DENY = { Sid: 'No', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: RESOURCES };

describe('a denial', () => {
  it.each([
    ['of all', DENY, 'fails'],
    ['of all AWS principals', { ...DENY, Principal: { AWS: '*' } }, 'fails'],
    ['of the service by name', { ...DENY, Principal: { Service: SERVICE } }, 'fails'],
    [
      'of all but a role',
      { ...DENY, Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::123456789012:role/r' } },
      'fails',
    ],
    ['of all but reading', { ...DENY, Action: undefined, NotAction: 's3:Get*' }, 'fails'],
    [
      'of writing from outside an endpoint',
      { ...DENY, Action: 's3:PutObject', Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } },
      'fails',
    ],
    [
      'of who is in no organization',
      { ...DENY, Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
      'fails',
    ],
    [
      'of addresses that are not ours',
      { ...DENY, Condition: { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } },
      'fails',
    ],
    ['of who has no account', { ...DENY, Condition: { Null: { 'aws:PrincipalAccount': 'true' } } }, 'fails'],
    [
      'of uploads without a key',
      { ...DENY, Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } } },
      'warns',
    ],
    [
      'of other accounts’ services',
      { ...DENY, Condition: { StringNotEquals: { 'aws:SourceAccount': '123456789012' } } },
      'warns',
    ],
  ])('%s is found', (_, statement, level) => {
    const [grant, denial, ...rest] = found(GRANT, statement);
    expect(grant).toBe(GRANTED);
    expect(denial).toMatch(new RegExp(`^${level}: statement \`No\` (may deny|denies) ElastiCache`));
    expect(rest).toEqual([]);
  });

  it.each([
    ['of plain HTTP', { ...DENY, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    ['of old TLS', { ...DENY, Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } }],
    [
      'that exempts services',
      {
        ...DENY,
        Condition: {
          StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' },
          Bool: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ],
    [
      'that exempts services if the key exists',
      { ...DENY, Condition: { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } } },
    ],
    ['that exempts this service', { ...DENY, Principal: undefined, NotPrincipal: { Service: SERVICE } }],
    [
      'of principals of an account',
      { ...DENY, Condition: { StringEquals: { 'aws:PrincipalAccount': '999999999999' } } },
    ],
    ['of deleting alone', { ...DENY, Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'] }],
    ['elsewhere', { ...DENY, Resource: 'arn:aws:s3:::b/other/*' }],
    ['of a user', { ...DENY, Principal: { AWS: 'arn:aws:iam::123456789012:user/u' } }],
  ])('%s does not hit ElastiCache', (_, statement) => {
    expect(found(GRANT, statement)).toEqual([GRANTED]);
  });
});

describe('conditions', () => {
  it.each([
    ['an absent key fails a positive operator', { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }, 'no'],
    ['and meets it where it may be absent', { StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } }, 'yes'],
    [
      'one that is not met decides',
      { StringEquals: { 'aws:SourceVpc': 'v', 's3:x-amz-acl': 'private' } },
      'no',
    ],
    ['one that nobody knows leaves it open', { StringEquals: { 's3:x-amz-acl': 'private' } }, 'unknown'],
    ['sets are left open', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } }, 'unknown'],
    [
      'the service’s own name',
      { StringLike: { 'aws:PrincipalServiceName': '*.elasticache-snapshot.*' } },
      'yes',
    ],
    ['a key that is there is not null', { Null: { 'aws:SecureTransport': 'true' } }, 'no'],
    ['none at all', {}, 'yes'],
  ])('%s', (_, conditions, expected) => {
    expect(met(conditions, SERVICE)).toBe(expected);
  });

  it('match by * and ? alone', () => {
    expect(glob('s3:get*', 's3:getobject')).toBe(true);
    expect(glob('a?c', 'abc')).toBe(true);
    expect(glob('a.c', 'abc')).toBe(false);
    expect(glob('a(b', 'a(b')).toBe(true);
  });
});
