/** What a person needs to operate a deployment: look, start, re-drive, stop, and run the operator's commands. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { named, regional } from './names.ts';
import { acknowledgePatterns, checkPatterns, toPolicyStatement } from './policies.ts';
import type { Statement } from './rights.ts';

/** Properties of {@link OperatorPolicy}. */
export interface OperatorPolicyProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** Where the backups lie. */
  readonly bucket: s3.IBucket;
  /** Where alerts go. */
  readonly topic: sns.ITopic;
  /** The key of the topic's messages. */
  readonly topicKey: kms.IKey;
  /** Keeps what could not be delivered. */
  readonly undelivered: sqs.IQueue;
  /** Encrypts histories and alerts. */
  readonly key: kms.IKey;
  /** ARN of the state machine, without a qualifier. */
  readonly stateMachineArn: string;
}

/** A managed policy for people; it is attached to nobody. */
export class OperatorPolicy extends Construct {
  /** The policy. */
  public readonly policy: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: OperatorPolicyProps) {
    super(scope, id);
    const statements = this.statements(props);
    checkPatterns(statements);
    this.policy = new iam.ManagedPolicy(this, 'Resource', {
      managedPolicyName: regional(props.deployment, 'operator', Stack.of(this).region),
      // Never told in more detail: IAM replaces a policy whose description changes, and cannot under the same name.
      description: `snapkeep ${props.deployment}: operation`,
      document: new iam.PolicyDocument({
        minimize: false,
        statements: statements.map(toPolicyStatement),
      }),
    });
    acknowledgePatterns(this.policy, statements);
  }

  private statements(props: OperatorPolicyProps): Statement[] {
    const stack = Stack.of(this);
    const executions = stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${named(props.deployment, 'backup')}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const roles = stack.formatArn({
      service: 'iam',
      region: '',
      resource: 'role',
      resourceName: `${named(props.deployment, '')}*`,
    });
    const logs = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `/aws/*${named(props.deployment, '')}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const stacks = stack.formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${named(props.deployment, '')}*`,
    });
    return [
      {
        sid: 'StartAndList',
        actions: ['states:DescribeStateMachine', 'states:ListExecutions', 'states:StartExecution'],
        resources: [props.stateMachineArn],
      },
      {
        sid: 'LookAndRedrive',
        actions: [
          'states:DescribeExecution',
          'states:GetExecutionHistory',
          'states:RedriveExecution',
          'states:StopExecution',
        ],
        resources: [executions],
        pattern: 'each run is an execution of its own name',
      },
      {
        sid: 'DecryptExecutions',
        actions: ['kms:Decrypt'],
        resources: [props.key.keyArn],
        conditions: {
          StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': props.stateMachineArn },
        },
      },
      {
        sid: 'JudgeBucket',
        actions: [
          's3:GetBucketLocation',
          's3:GetBucketPolicy',
          's3:GetBucketPublicAccessBlock',
          's3:GetBucketVersioning',
          's3:GetEncryptionConfiguration',
          's3:ListBucket',
        ],
        resources: [props.bucket.bucketArn],
      },
      {
        sid: 'ReadCatalogue',
        actions: ['s3:GetObject', 's3:GetObjectTagging'],
        resources: [props.bucket.arnForObjects('backups/*.json')],
        pattern: 'keys hold the cache and the instant of each run',
      },
      {
        sid: 'PinAndAccept',
        actions: ['s3:PutObjectTagging'],
        resources: [props.bucket.arnForObjects('backups/*/manifest.json')],
        pattern: 'keys hold the cache and the instant of each run',
      },
      {
        sid: 'TestAlerts',
        actions: ['sns:ListSubscriptionsByTopic', 'sns:Publish'],
        resources: [props.topic.topicArn],
      },
      {
        sid: 'EncryptTestAlerts',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [props.topicKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sns.${stack.region}.amazonaws.com` } },
      },
      {
        sid: 'DescribeCaches',
        actions: [
          'elasticache:DescribeCacheClusters',
          'elasticache:DescribeReplicationGroups',
          'elasticache:DescribeServerlessCaches',
          'elasticache:DescribeServerlessCacheSnapshots',
          'elasticache:DescribeSnapshots',
        ],
        resources: [stack.formatArn({ service: 'elasticache', resource: '*' })],
        pattern: 'a check looks at caches that may not be there, or are of another kind',
      },
      {
        sid: 'ReadUndelivered',
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
        resources: [props.undelivered.queueArn],
      },
      {
        sid: 'DecryptUndelivered',
        actions: ['kms:Decrypt'],
        resources: [props.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sqs.${stack.region}.amazonaws.com` } },
      },
      {
        sid: 'SeeDashboard',
        actions: [
          'cloudwatch:DescribeAlarms',
          'cloudwatch:GetDashboard',
          'cloudwatch:GetMetricData',
          'cloudwatch:ListDashboards',
          'cloudwatch:ListMetrics',
        ],
        resources: ['*'],
        pattern: 'metrics have no resource level, and the console asks for alarms and dashboards as a whole',
      },
      {
        sid: 'QueryLogs',
        actions: ['logs:FilterLogEvents', 'logs:StartQuery'],
        resources: [logs],
        pattern: 'the logs of this deployment, each a group and its streams',
      },
      {
        sid: 'ReadQueries',
        actions: ['logs:GetQueryResults', 'logs:StopQuery'],
        resources: ['*'],
        pattern: 'the actions have no resource level',
      },
      {
        sid: 'ReadStacks',
        actions: ['cloudformation:DescribeStacks'],
        resources: [stacks],
        pattern: 'CloudFormation adds an id to the names of stacks',
      },
      {
        sid: 'JudgeRoles',
        actions: ['iam:SimulatePrincipalPolicy'],
        resources: [roles],
        pattern: 'the roles of this deployment',
      },
    ];
  }
}
