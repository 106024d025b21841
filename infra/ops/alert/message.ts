/**
 * The test message, in the forms that `notify` publishes: mail as plain text, and the custom notification of AWS Chatbot
 * (Amazon Q Developer in chat applications) as `functions/notify/src/message/chatbot.rs` makes it.
 */
import type { Arn } from '../common/arn.ts';
import { wrap } from '../common/text.ts';

/** Columns of a mail, as `notify` breaks it. */
const MAIL_WIDTH = 76;

/** A message as SNS takes it. */
export interface Message {
  /** Fewer than 100 ASCII characters. */
  readonly subject: string;
  /** The form for mail. */
  readonly email: string;
  /** The form for everything else, which chat reads. [U] */
  readonly default: string;
}

/** The test message of a deployment. */
export function testMessage(deployment: string, topic: Arn, topicArn: string, now: Date): Message {
  const about = `${deployment}: alerts arrive`;
  const headline = 'This is a test. Nothing has failed and there is nothing to do.';
  const why =
    'Messages about failed, suspicious and recovered backups come the same way: by this topic, to whom this came. ' +
    'Who should have had it and has not is not subscribed, or has not confirmed.';
  const facts: readonly (readonly [string, string])[] = [
    ['Deployment', deployment],
    ['Sent', `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Topic', topicArn],
  ];
  const subject = `[snapkeep] TEST ${about}`;
  return {
    subject,
    email: mail(headline, why, facts, deployment, topic),
    default: chat(subject, about, headline, why, facts, topicArn),
  };
}

function mail(
  headline: string,
  why: string,
  facts: readonly (readonly [string, string])[],
  deployment: string,
  { account, region }: Arn,
): string {
  return [
    wrap(headline, MAIL_WIDTH),
    '',
    wrap(why, MAIL_WIDTH),
    '',
    ...facts.map(([name, value]) => `${name.padEnd(18)}${value}`),
    '',
    `snapkeep, deployment ${deployment}, account ${account}, ${region}`,
    '',
  ].join('\n');
}

function chat(
  summary: string,
  about: string,
  headline: string,
  why: string,
  facts: readonly (readonly [string, string])[],
  topicArn: string,
): string {
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: `:test_tube: TEST ${about}`,
      description: [`*${headline}*`, why, ...facts.map(([name, value]) => `*${name}:* ${value}`)].join('\n'),
      nextSteps: [],
      keywords: ['snapkeep', 'test'],
    },
    metadata: {
      threadId: 'snapkeep-test',
      summary,
      eventType: 'test',
      relatedResources: [topicArn],
      additionalContext: {},
    },
  });
}
