/** Who hears of alerts: the subscriptions of the topic. */
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';

/** A subscription of the topic. */
export interface Subscription {
  /** `email`, `https`, `sqs`, … */
  readonly protocol: string;
  /** An address, a URL or an ARN. */
  readonly endpoint: string;
  /** Whether it was confirmed: SNS delivers nothing before. */
  readonly confirmed: boolean;
}

/** All subscriptions of a topic, by endpoint. */
export async function listSubscriptions(client: SNSClient, topicArn: string): Promise<Subscription[]> {
  const all: Subscription[] = [];
  for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn })) {
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of page.Subscriptions ?? []) {
      // SNS writes a word in place of the ARN: `PendingConfirmation`, or `Deleted` for a while after an end.
      if (SubscriptionArn === 'Deleted') continue;
      all.push({ protocol: Protocol, endpoint: Endpoint, confirmed: SubscriptionArn.startsWith('arn:') });
    }
  }
  return all.sort((a, b) => a.endpoint.localeCompare(b.endpoint));
}

/** What to do about an address that has not confirmed. SNS forgets unconfirmed subscriptions after some days. */
export const CONFIRM =
  'open the mail from AWS Notifications and follow its link; look for it among spam as well. ' +
  'Where it is older than two days, request a new one in the SNS console';
