import {
  DescribeReplicationGroupsCommand,
  DescribeServerlessCachesCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-elasticache';
import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkCommand } from '../../ops/check/command.ts';
import { awsError, expectGolden, PARTS, run } from './support.ts';
import { bucketPolicy, deployed, inOrder, mocks, subscribe } from './world.ts';

const command = checkCommand({ ...PARTS, shellRegion: 'eu-west-1' });
const check = () => run(command, ['--env', 'prod']);

describe('make check', () => {
  beforeEach(inOrder);

  it('says that everything is ready', async () => {
    const { status, text } = await check();
    expectGolden('check-ready', text);
    expect(status).toBe(0);
  });

  it('makes and changes nothing', async () => {
    await check();
    const names = Object.values(mocks).flatMap((mock) => {
      const calls: { args: [{ constructor: { name: string } }, ...unknown[]] }[] = mock.calls();
      return calls.map(({ args: [request] }) => request.constructor.name);
    });
    expect(names.filter((name) => !/^(Describe|Get|List|Simulate)/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(20);
  });

  it('checks what can be checked before anything is deployed', async () => {
    deployed(undefined);
    mocks.s3.on(GetBucketLocationCommand).rejects(awsError('NoSuchBucket'));
    const { status, text } = await check();
    expectGolden('check-not-deployed', text);
    expect(status).toBe(1);
  });

  it('names everything that is wrong, with what to do', async () => {
    mocks.sts
      .on(GetCallerIdentityCommand)
      .resolves({ Account: '210987654321', Arn: 'arn:aws:iam::210987654321:root' });
    deployed({
      BucketName: 'prod-backups',
      TopicArn: 'arn:aws:sns:eu-west-1:1:t',
      FunctionRoleArns: 'prune=arn:role',
    });
    const only = { Sid: 'OnlyOurEndpoint', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' };
    const condition = { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } };
    mocks.s3.on(GetBucketPolicyCommand).resolves({ Policy: bucketPolicy({ ...only, Condition: condition }) });
    mocks.s3.on(GetBucketVersioningCommand).resolves({});
    mocks.cache.on(DescribeReplicationGroupsCommand, { ReplicationGroupId: 'orders' }).resolves({
      ReplicationGroups: [
        {
          Status: 'modifying',
          NodeGroups: [{ NodeGroupMembers: [{ CacheClusterId: 'old', CurrentRole: 'primary' }] }],
        },
      ],
    });
    mocks.cache.on(DescribeServerlessCachesCommand).rejects(awsError('ServerlessCacheNotFoundFault'));
    mocks.iam.on(SimulatePrincipalPolicyCommand).resolves({
      EvaluationResults: [
        {
          EvalActionName: 's3:DeleteObject',
          EvalResourceName: 'arn:aws:s3:::prod-backups/x',
          EvalDecision: 'explicitDeny',
          OrganizationsDecisionDetail: { AllowedByOrganizations: false },
        },
      ],
    });
    subscribe([['sre@example.com', 'PendingConfirmation']]);
    const { status, text } = await check();
    expectGolden('check-broken', text);
    expect(status).toBe(1);
  });

  it('tells rights that the caller lacks as not checked, and does not fail by them', async () => {
    mocks.iam.on(SimulatePrincipalPolicyCommand).rejects(awsError('AccessDenied'));
    mocks.s3.on(GetBucketPolicyCommand).rejects(awsError('AccessDenied'));
    mocks.cache.on(DescribeSnapshotsCommand).rejects(awsError('AccessDeniedException'));
    const { status, text } = await check();
    expectGolden('check-denied', text);
    expect(status).toBe(0);
  });

  it('looks for automatic snapshots under every node, because ElastiCache files them under the one it took them of', async () => {
    mocks.cache.on(DescribeSnapshotsCommand, { SnapshotSource: 'system' }).resolves({});
    expect((await check()).text).toContain('! there is no automatic snapshot of the last 26 hours');
    const taken = new Date('2026-11-20T03:10:00Z');
    mocks.cache
      .on(DescribeSnapshotsCommand, { SnapshotSource: 'system', CacheClusterId: 'orders-001' })
      .resolves({ Snapshots: [{ NodeSnapshots: [{ SnapshotCreateTime: taken }] }] });
    const { text } = await check();
    expect(text.slice(text.indexOf('orders, plan hourly'))).toContain(
      '✔ the newest automatic snapshot is 7 hours old',
    );
  });

  it('knows another’s bucket from one that the caller may not look at', async () => {
    const { s3 } = mocks;
    s3.on(GetBucketLocationCommand, { ExpectedBucketOwner: '123456789012' }).rejects(
      awsError('AccessDenied'),
    );
    expect((await check()).text).toContain('✘ `prod-backups` does not belong to account 123456789012');
    s3.on(GetBucketLocationCommand).rejects(awsError('AccessDenied'));
    expect((await check()).text).toContain("– `prod-backups` is another account's, or the caller may not");
  });

  it('knows the oldest Region by its empty name', async () => {
    mocks.s3.on(GetBucketLocationCommand).resolves({});
    expect((await check()).text).toContain(
      '✘ it is in us-east-1, and ElastiCache exports only within a Region',
    );
  });

  it('says of a stack in another state what state that is', async () => {
    deployed({}, 'ROLLBACK_COMPLETE');
    expect((await check()).text).toContain('✘ stack `snapkeep-prod-storage` is ROLLBACK_COMPLETE');
  });

  it.each([
    [
      ['--env', 'prod'],
      awsError('ExpiredToken', 'The security token included in the request is expired'),
      1,
      'ExpiredToken: The security token included in the request is expired; sign in, for example with `aws sso login`, or set AWS_PROFILE',
    ],
    [
      ['--env', 'prod'],
      Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }),
      1,
      "ENOTFOUND: getaddrinfo ENOTFOUND; check the network, the Region's name and AWS_ENDPOINT_URL",
    ],
    [['--env', 'stage'], undefined, 2, 'no environment `stage` (infra/config/stage.yaml): there are prod'],
    [
      ['--env', '../prod'],
      undefined,
      2,
      'no environment `../prod` (infra/config/../prod.yaml): there are prod',
    ],
    [
      [],
      undefined,
      2,
      'env is missing (the environment, infra/config/NAME.yaml); give ENV=NAME or --env NAME',
    ],
    [
      ['--dry-run'],
      undefined,
      2,
      "Unknown option '--dry-run'; `node --import tsx ops/check.ts --help` lists what there is",
    ],
  ])('fails in one line: %j', async (argv, thrown, expected, line) => {
    if (thrown) mocks.sts.on(GetCallerIdentityCommand).rejects(thrown);
    expect(await run(command, argv)).toEqual({ status: expected, text: `(stderr) error: ${line}\n` });
  });

  it('takes the environment from its variable, and an empty one as none', async () => {
    expect((await run(command, [], { variables: { ENV: 'prod' } })).status).toBe(0);
    expect((await run(command, [], { variables: { ENV: '' } })).status).toBe(2);
  });
});
