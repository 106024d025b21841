/** The key that encrypts what is not a backup: logs, messages, schedules, the state machine and its history. */
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { named } from './names.ts';

/** Properties of {@link DeploymentKey}. */
export interface DeploymentKeyProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /**
   * An existing topic, whose undelivered messages the key encrypts as well.
   * @default - the deployment's own
   */
  readonly topicArn?: string;
}

/**
 * A customer managed key with rotation, kept when the stack goes.
 *
 * Services may use it for this deployment's own things only. Roles get their rights in their own policies, which the
 * statement for the account allows.
 */
export class DeploymentKey extends Construct {
  /** The key. */
  public readonly key: kms.Key;

  constructor(scope: Construct, id: string, props: DeploymentKeyProps) {
    super(scope, id);
    this.key = new kms.Key(this, 'Resource', {
      alias: `alias/${named(props.deployment, 'key')}`,
      description: `snapkeep ${props.deployment}: logs, alerts, queues, schedules and the state machine`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const statement of serviceStatements(Stack.of(this), props)) {
      this.key.addToResourcePolicy(statement);
    }
  }
}

/** What services may do with the key, each for this deployment's own things. */
export function serviceStatements(
  stack: Stack,
  { deployment, topicArn }: DeploymentKeyProps,
): iam.PolicyStatement[] {
  const prefix = named(deployment, '');
  const account = { 'aws:SourceAccount': stack.account };
  const arn = (service: string, resource: string, resourceName: string, arnFormat: ArnFormat) =>
    stack.formatArn({ service, resource, resourceName, arnFormat });
  const alarms = arn('cloudwatch', 'alarm', `${prefix}*`, ArnFormat.COLON_RESOURCE_NAME);
  const rules = arn('events', 'rule', `${prefix}*`, ArnFormat.SLASH_RESOURCE_NAME);
  const topics = topicArn ?? stack.formatArn({ service: 'sns', resource: `${prefix}*` });
  const groups = ['/aws/lambda/', '/aws/vendedlogs/states/'].map((folder) =>
    arn('logs', 'log-group', `${folder}${prefix}*`, ArnFormat.COLON_RESOURCE_NAME),
  );
  return [
    // CloudWatch Logs user guide, *Encrypt log data in CloudWatch Logs using KMS*; the principal is the Region's.
    new iam.PolicyStatement({
      sid: 'LogGroups',
      principals: [new iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:DescribeKey',
      ],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
    }),
    // Step Functions developer guide, *Data at rest encryption*: the state machine's logs are delivered decrypted.
    new iam.PolicyStatement({
      sid: 'LogDelivery',
      principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['kms:Decrypt'],
      resources: ['*'],
      conditions: {
        StringEquals: {
          ...account,
          'kms:EncryptionContext:SourceArn': stack.formatArn({
            service: 'logs',
            resource: '*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }),
    // SNS developer guide, *Enable compatibility between event sources from AWS services and encrypted topics*.
    service('AlarmsToTopic', 'cloudwatch.amazonaws.com', account, alarms),
    service('RulesToQueue', 'events.amazonaws.com', account, rules),
    service('TopicToQueue', 'sns.amazonaws.com', account, topics),
  ];
}

function service(
  sid: string,
  principal: string,
  account: Record<string, string>,
  source: string,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid,
    principals: [new iam.ServicePrincipal(principal)],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: { StringEquals: account, ArnLike: { 'aws:SourceArn': source } },
  });
}
