/** Where alerts go: the topic with its mail and chat, and the queue of what could not be delivered. */
import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as chatbot from 'aws-cdk-lib/aws-chatbot';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Alerts } from './config/deployment.ts';
import { named, regional } from './names.ts';

/** Properties of {@link AlertTopic}. */
export interface AlertTopicProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** Who is told. */
  readonly alerts: Alerts;
  /** Encrypts messages in topic and queue. */
  readonly key: kms.IKey;
}

/** The topic of alerts, its subscriptions, and the queue that keeps what nobody took. */
export class AlertTopic extends Construct {
  /** The topic. */
  public readonly topic: sns.ITopic;
  /** Keeps for 14 days what could not be delivered: starts of runs, events for functions, messages to subscribers. */
  public readonly undelivered: sqs.Queue;

  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    super(scope, id);
    const { deployment, alerts, key } = props;
    this.undelivered = new sqs.Queue(this, 'Undelivered', {
      queueName: named(deployment, 'undelivered'),
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      // The default of four days does not outlast a long weekend.
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'it is where undelivered messages end, and its depth is alarmed',
    });
    this.topic = alerts.topicArn
      ? sns.Topic.fromTopicArn(this, 'Topic', alerts.topicArn)
      : this.ownTopic(deployment, key);
    this.letServicesSend(deployment);
    for (const [index, endpoint] of alerts.email.entries()) {
      new sns.CfnSubscription(this, `Mail${index + 1}`, {
        protocol: 'email',
        endpoint,
        topicArn: this.topic.topicArn,
        redrivePolicy: { deadLetterTargetArn: this.undelivered.queueArn },
      });
    }
    if (alerts.slack) this.tellSlack(deployment, alerts.slack);
  }

  private ownTopic(deployment: string, key: kms.IKey): sns.Topic {
    const topic = new sns.Topic(this, 'Topic', {
      topicName: named(deployment, 'alerts'),
      displayName: `snapkeep ${deployment}`,
      masterKey: key,
    });
    const stack = Stack.of(this);
    const alarms = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: `${named(deployment, '')}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'Alarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': alarms },
        },
      }),
    );
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'OnlyEncryptedTransport',
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    return topic;
  }

  /** The topic sends what a subscriber did not take, the rule what `notify` could not be called with. */
  private letServicesSend(deployment: string): void {
    const stack = Stack.of(this);
    const rules = stack.formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: `${named(deployment, '')}*`,
    });
    const sources: [string, string, string][] = [
      ['Topic', 'sns.amazonaws.com', this.topic.topicArn],
      ['Rules', 'events.amazonaws.com', rules],
    ];
    for (const [sid, principal, source] of sources) {
      this.undelivered.addToResourcePolicy(
        new iam.PolicyStatement({
          sid,
          principals: [new iam.ServicePrincipal(principal)],
          actions: ['sqs:SendMessage'],
          resources: [this.undelivered.queueArn],
          conditions: {
            ArnLike: { 'aws:SourceArn': source },
            StringEquals: { 'aws:SourceAccount': stack.account },
          },
        }),
      );
    }
  }

  private tellSlack(deployment: string, slack: NonNullable<Alerts['slack']>): void {
    const role = new iam.Role(this, 'SlackRole', {
      roleName: regional(deployment, 'slack', Stack.of(this).region),
      description: `snapkeep ${deployment}: tells alerts in Slack, and may do nothing`,
      assumedBy: new iam.ServicePrincipal('chatbot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    new chatbot.SlackChannelConfiguration(this, 'Slack', {
      slackChannelConfigurationName: regional(deployment, 'alerts', Stack.of(this).region),
      slackWorkspaceId: slack.workspaceId,
      slackChannelId: slack.channelId,
      notificationTopics: [this.topic],
      role: role.withoutPolicyUpdates(),
      // Without a guardrail, whoever writes in the channel could act as far as the role goes; this one allows nothing.
      guardrailPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AWSDenyAll')],
      loggingLevel: chatbot.LoggingLevel.ERROR,
    });
  }
}
