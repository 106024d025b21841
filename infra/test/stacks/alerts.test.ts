import { describe, expect, test } from 'vitest';
import { configured, listed, type PolicyStatement, statementsByRole } from '../support/stacks.ts';

function stacks(alerts: string) {
  return configured(`
deployment: prod
region: eu-west-1
alerts: ${alerts}
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *" }
    caches: [replication-group/orders]
`);
}

function all(of: ReturnType<typeof stacks>, type: string): Record<string, unknown>[] {
  return of.of(type).map(([, resource]) => of.properties(resource));
}

const TOPIC = 'arn:aws:sns:eu-west-1:000000000000:snapkeep-prod-alerts';
const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:snapkeep-prod-undelivered';

describe('mail', () => {
  test('each address is subscribed, and what it does not take is kept', () => {
    const mails = all(stacks('{ email: [sre@example.com, data@example.com] }'), 'AWS::SNS::Subscription');
    expect(mails).toEqual(
      ['sre@example.com', 'data@example.com'].map((Endpoint) => ({
        Protocol: 'email',
        Endpoint,
        TopicArn: TOPIC,
        RedrivePolicy: { deadLetterTargetArn: QUEUE },
      })),
    );
  });
});

describe('Slack', () => {
  const slack = () => stacks('{ slack: { workspaceId: T01ABCDEFGH, channelId: C01ABCDEFGH } }');

  test('the channel hears of the topic, and nobody in it may do anything', () => {
    expect(all(slack(), 'AWS::Chatbot::SlackChannelConfiguration')).toMatchObject([
      {
        ConfigurationName: 'snapkeep-prod-alerts-eu-west-1',
        SlackWorkspaceId: 'T01ABCDEFGH',
        SlackChannelId: 'C01ABCDEFGH',
        SnsTopicArns: [TOPIC],
        GuardrailPolicies: ['arn:aws:iam::aws:policy/AWSDenyAll'],
      },
    ]);
  });

  test('there is no channel unless the config names one', () => {
    expect(all(stacks('{ email: [sre@example.com] }'), 'AWS::Chatbot::SlackChannelConfiguration')).toEqual(
      [],
    );
  });
});

test('an existing topic is told, and neither made nor given a policy', () => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:pager';
  const own = stacks(`{ topicArn: "${topic}" }`);
  expect(all(own, 'AWS::SNS::Topic')).toEqual([]);
  expect(all(own, 'AWS::SNS::TopicPolicy')).toEqual([]);
  for (const { AlarmActions } of all(own, 'AWS::CloudWatch::Alarm')) expect(AlarmActions).toEqual([topic]);
  const notify = all(own, 'AWS::Lambda::Function').find(
    ({ FunctionName }) => FunctionName === 'snapkeep-prod-notify',
  );
  expect(notify?.Environment).toMatchObject({ Variables: { SNAPKEEP_TOPIC_ARN: topic } });
});

test('the key of an existing topic is granted to notify, and takes what that topic cannot deliver', () => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:pager';
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d';
  const own = stacks(`{ topicArn: "${topic}", topicKeyArn: "${key}" }`);
  const notify = statementsByRole(own).get('snapkeep-prod-notify-eu-west-1') ?? [];
  expect(notify.find(({ Sid }) => Sid === 'EncryptAlerts')?.Resource).toBe(key);
  const [, deploymentKey] = own.of('AWS::KMS::Key')[0] ?? [];
  expect(JSON.stringify(deploymentKey)).toContain(`"aws:SourceArn":"${topic}"`);
});

test('alarms do what the config adds, beside telling the topic', () => {
  const ops = 'arn:aws:ssm:eu-west-1:123456789012:opsitem:2';
  const more = stacks(`{ email: [sre@example.com], alarmActions: ["${ops}"] }`);
  for (const { AlarmActions } of all(more, 'AWS::CloudWatch::Alarm'))
    expect(AlarmActions).toEqual([TOPIC, ops]);
});

test('an operator may look, start, re-drive, stop, check and test, and change no stack, role or snapshot', () => {
  const policies = all(stacks('{ email: [sre@example.com] }'), 'AWS::IAM::ManagedPolicy');
  const operator = policies.find(
    ({ ManagedPolicyName }) => ManagedPolicyName === 'snapkeep-prod-operator-eu-west-1',
  );
  const document = operator?.PolicyDocument as { Statement: PolicyStatement[] } | undefined;
  expect(operator).not.toHaveProperty('Roles');
  expect([...new Set(document?.Statement.flatMap(({ Action }) => listed(Action)))].sort()).toEqual([
    'cloudformation:DescribeStacks',
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetDashboard',
    'cloudwatch:GetMetricData',
    'cloudwatch:ListDashboards',
    'cloudwatch:ListMetrics',
    'elasticache:DescribeCacheClusters',
    'elasticache:DescribeReplicationGroups',
    'elasticache:DescribeServerlessCacheSnapshots',
    'elasticache:DescribeServerlessCaches',
    'elasticache:DescribeSnapshots',
    'iam:SimulatePrincipalPolicy',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'logs:FilterLogEvents',
    'logs:GetQueryResults',
    'logs:StartQuery',
    'logs:StopQuery',
    's3:GetBucketLocation',
    's3:GetBucketPolicy',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketVersioning',
    's3:GetEncryptionConfiguration',
    's3:GetObject',
    's3:GetObjectTagging',
    's3:ListBucket',
    's3:PutObjectTagging',
    'sns:ListSubscriptionsByTopic',
    'sns:Publish',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:GetQueueUrl',
    'sqs:ReceiveMessage',
    'states:DescribeExecution',
    'states:DescribeStateMachine',
    'states:GetExecutionHistory',
    'states:ListExecutions',
    'states:RedriveExecution',
    'states:StartExecution',
    'states:StopExecution',
  ]);
});
