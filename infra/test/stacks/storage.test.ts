import { expect, test } from 'vitest';
import { STATEFUL_IDS } from '../../lib/storage-stack.ts';
import { configured, example } from '../support/stacks.ts';

const minimal = () => example('minimal');

test('the logical ids of what must stay are pinned: another id would be an empty bucket', () => {
  const ids = [
    ...minimal().of('AWS::S3::Bucket'),
    ...minimal().of('AWS::S3::BucketPolicy'),
    ...minimal().of('AWS::KMS::Key'),
  ];
  expect(ids.map(([id]) => id).sort()).toEqual([
    'AccessLogBucket',
    'AccessLogBucketPolicy',
    'BackupBucket',
    'BackupBucketPolicy',
    'DeploymentKey',
  ]);
  expect(Object.values(STATEFUL_IDS).sort()).toEqual(ids.map(([id]) => id).sort());
});

test('bucket, policy and key are all that the stack of what stays has', () => {
  const types = Object.values(minimal().storage.Resources).map(({ Type }) => Type);
  expect([...new Set(types)].sort()).toEqual([
    'AWS::KMS::Alias',
    'AWS::KMS::Key',
    'AWS::S3::Bucket',
    'AWS::S3::BucketPolicy',
  ]);
});

test('the bucket has no name unless the config gives one, so that two accounts never want the same', () => {
  expect(minimal().storage.Resources.BackupBucket?.Properties).not.toHaveProperty('BucketName');
  const named = configured(config('bucket: { name: acme-cache-backups, noncurrentDays: 7 }'));
  expect(named.storage.Resources.BackupBucket?.Properties).toMatchObject({
    BucketName: 'acme-cache-backups',
  });
  expect(JSON.stringify(named.storage)).toContain('"NoncurrentDays":7');
});

test('an existing bucket is used and not touched', () => {
  const stacks = configured(config('bucket: { name: acme-cache-backups, existing: true }'));
  expect(stacks.of('AWS::S3::Bucket')).toEqual([]);
  expect(stacks.of('AWS::S3::BucketPolicy')).toEqual([]);
  expect(JSON.stringify(stacks.workflow)).toContain('acme-cache-backups');
});

test('an existing bucket and an existing key leave the stack of what stays with nothing of its own', () => {
  const arn = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555';
  const stacks = configured(config(`keyArn: ${arn}\nbucket: { name: acme-cache-backups, existing: true }`));
  expect(Object.values(stacks.storage.Resources).map(({ Type }) => Type)).toEqual([
    'AWS::CloudFormation::WaitConditionHandle',
  ]);
});

test('an existing key is used and not touched', () => {
  const arn = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555';
  const stacks = configured(config(`keyArn: ${arn}`));
  expect(stacks.of('AWS::KMS::Key')).toEqual([]);
  for (const [, group] of stacks.of('AWS::Logs::LogGroup'))
    expect(stacks.properties(group).KmsKeyId).toBe(arn);
});

test('access logs go to an existing bucket where the config names one', () => {
  const stacks = configured(config('bucket: { accessLogsBucket: acme-logs }'));
  expect(stacks.of('AWS::S3::Bucket').map(([id]) => id)).toEqual(['BackupBucket']);
  expect(stacks.storage.Resources.BackupBucket?.Properties).toMatchObject({
    LoggingConfiguration: { DestinationBucketName: 'acme-logs' },
  });
});

test('the stack of what stays is protected against being deleted', () => {
  expect(minimal().terminationProtection).toEqual({ Storage: true, Workflow: false });
});

/** A config with one more line. */
function config(line: string): string {
  return `
deployment: prod
region: eu-west-1
${line}
alerts: { email: [sre@example.com] }
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *" }
    caches: [replication-group/orders]
`;
}
