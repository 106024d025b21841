/** An account as the clients of the SDK see it: everything in order, so that a test breaks one thing of it. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  DescribeServerlessCacheSnapshotsCommand,
  DescribeServerlessCachesCommand,
  DescribeSnapshotsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { BUCKET_ACTIONS, OBJECT_ACTIONS } from '../../ops/check/policy.ts';
import { ACCOUNT, awsError, NOW } from './support.ts';

/** The alert topic. */
export const TOPIC = `arn:aws:sns:eu-west-1:${ACCOUNT}:snapkeep-prod-alerts`;

const PUBLIC_ACCESS = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

const roleOf = (name: string): string => `${name}=arn:aws:iam::${ACCOUNT}:role/snapkeep-prod-${name}`;

/** The outputs of the workflow stack. */
export const OUTPUTS: Readonly<Record<string, string>> = {
  StateMachineArn: `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:snapkeep-prod-backup:live`,
  BucketName: 'prod-backups',
  TopicArn: TOPIC,
  FunctionRoleArns: ['create-snapshot', 'copy-to-s3', 'prune'].map(roleOf).join(','),
  NotifyFunctionName: 'snapkeep-prod-notify',
  OperatorPolicyArn: `arn:aws:iam::${ACCOUNT}:policy/snapkeep-prod-operator`,
  DashboardUrl: 'https://example.com/',
};

/** Mocks of the clients, before anything is answered. */
export const mocks = {
  formation: mockClient(CloudFormationClient),
  cache: mockClient(ElastiCacheClient),
  iam: mockClient(IAMClient),
  s3: mockClient(S3Client),
  sns: mockClient(SNSClient),
  sts: mockClient(STSClient),
};

/** Puts everything in order. */
export function inOrder(): void {
  for (const mock of Object.values(mocks)) mock.reset();
  mocks.sts
    .on(GetCallerIdentityCommand)
    .resolves({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/ops` });
  deployed(OUTPUTS);
  bucketInOrder();
  cachesInOrder();
  allowAll();
  subscribe([
    ['data@example.com', `${TOPIC}:1`],
    ['sre@example.com', `${TOPIC}:2`],
  ]);
  mocks.sns.on(PublishCommand).resolves({ MessageId: '0b1c2d3e' });
}

/** Both stacks, with these outputs of the workflow; without them there is no stack. */
export function deployed(
  outputs: Readonly<Record<string, string>> | undefined,
  status = 'CREATE_COMPLETE',
): void {
  const on = mocks.formation.on(DescribeStacksCommand);
  if (!outputs) {
    on.rejects(awsError('ValidationError', 'Stack with id snapkeep-prod-workflow does not exist'));
    return;
  }
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  on.resolves({
    Stacks: [{ StackName: 's', CreationTime: NOW, StackStatus: status as 'CREATE_COMPLETE', Outputs }],
  });
}

/** Subscriptions of the topic: address, and the ARN or the word that SNS writes in its place. */
export function subscribe(all: readonly (readonly [endpoint: string, arn: string])[]): void {
  const Subscriptions = all.map(([Endpoint, SubscriptionArn]) => ({
    Protocol: 'email',
    Endpoint,
    SubscriptionArn,
  }));
  mocks.sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions });
}

/** A bucket policy with the grant to ElastiCache and what more is given. */
export function bucketPolicy(...more: object[]): string {
  const grant = {
    Effect: 'Allow',
    Principal: { Service: 'eu-west-1.elasticache-snapshot.amazonaws.com' },
    Action: [...BUCKET_ACTIONS, ...OBJECT_ACTIONS],
    Resource: ['arn:aws:s3:::prod-backups', 'arn:aws:s3:::prod-backups/*'],
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [grant, ...more] });
}

function bucketInOrder(): void {
  const byDefault = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } };
  mocks.s3.on(GetBucketLocationCommand).resolves({ LocationConstraint: 'eu-west-1' });
  mocks.s3.on(GetBucketPolicyCommand).resolves({ Policy: bucketPolicy() });
  mocks.s3.on(GetBucketVersioningCommand).resolves({ Status: 'Enabled' });
  mocks.s3
    .on(GetBucketEncryptionCommand)
    .resolves({ ServerSideEncryptionConfiguration: { Rules: [byDefault] } });
  mocks.s3.on(GetPublicAccessBlockCommand).resolves({ PublicAccessBlockConfiguration: PUBLIC_ACCESS });
}

function cachesInOrder(): void {
  const member = (id: string, role: string, zone: string) => ({
    CacheClusterId: id,
    CurrentRole: role,
    PreferredAvailabilityZone: zone,
  });
  const nodes = [
    member('orders-001', 'primary', 'eu-west-1a'),
    member('orders-002', 'replica', 'eu-west-1b'),
  ];
  const common = { Engine: 'valkey', SnapshotRetentionLimit: 7 };
  const group = {
    ...common,
    Status: 'available',
    ClusterEnabled: false,
    NodeGroups: [{ NodeGroupMembers: nodes }],
  };
  const node = { ...common, CacheClusterStatus: 'available', EngineVersion: '8.0.1' };
  const at = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);
  const snapshot = (hours: number) => ({ NodeSnapshots: [{ SnapshotCreateTime: at(hours) }] });
  mocks.cache.on(DescribeReplicationGroupsCommand).rejects(awsError('ReplicationGroupNotFoundFault'));
  mocks.cache.on(DescribeCacheClustersCommand).rejects(awsError('CacheClusterNotFound'));
  mocks.cache
    .on(DescribeReplicationGroupsCommand, { ReplicationGroupId: 'orders' })
    .resolves({ ReplicationGroups: [group] });
  mocks.cache
    .on(DescribeCacheClustersCommand, { CacheClusterId: 'sessions' })
    .resolves({ CacheClusters: [node] });
  mocks.cache
    .on(DescribeServerlessCachesCommand)
    .resolves({ ServerlessCaches: [{ Status: 'AVAILABLE', Engine: 'valkey', FullEngineVersion: '8.0' }] });
  // Manual: one of today, one of yesterday, and one that is still being made.
  mocks.cache
    .on(DescribeSnapshotsCommand, { SnapshotSource: 'user' })
    .resolves({ Snapshots: [snapshot(2), snapshot(30), {}] });
  mocks.cache
    .on(DescribeSnapshotsCommand, { SnapshotSource: 'system' })
    .resolves({ Snapshots: [snapshot(5)] });
  mocks.cache
    .on(DescribeServerlessCacheSnapshotsCommand)
    .resolves({ ServerlessCacheSnapshots: [{ CreateTime: at(3) }] });
}

/** IAM's simulator allows everything, with a result for each resource as the real one gives it. */
function allowAll(): void {
  mocks.iam.on(SimulatePrincipalPolicyCommand).callsFake((request) => ({
    EvaluationResults: request.ActionNames.map((EvalActionName: string) => ({
      EvalActionName,
      EvalDecision: 'allowed',
      ResourceSpecificResults: request.ResourceArns.map((EvalResourceName: string) => ({
        EvalResourceName,
        EvalResourceDecision: 'allowed',
      })),
    })),
  }));
}
