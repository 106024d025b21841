/** `make test-alert`: a real message by the real way, to everybody who would hear of a failure. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../common/arn.ts';
import { type Command, CommandError, required, UsageError } from '../common/command.ts';
import { type LoadDeployment, readEnvironment } from '../common/environment.ts';
import { workflowOutputs } from '../common/stacks.ts';
import { CONFIRM, listSubscriptions, type Subscription } from '../common/subscriptions.ts';
import { plural, wrap } from '../common/text.ts';
import { testMessage } from './message.ts';

/** What the command takes from outside. */
export interface TestAlertParts {
  readonly load: LoadDeployment;
  /** Folder of the config files. */
  readonly folder?: string;
  readonly now: () => Date;
}

/** The command. */
export function testAlertCommand(parts: TestAlertParts): Command<'env' | 'topic-arn'> {
  const command: Command<'env' | 'topic-arn'> = {
    name: 'test-alert',
    about: 'Sends a test message to everybody who would be told of a failure.',
    options: {
      env: { variable: 'ENV', value: 'NAME', about: 'the environment, infra/config/NAME.yaml' },
      'topic-arn': { value: 'ARN', about: 'the topic, in place of the stack output TopicArn' },
    },
    run: async (given, { print, width }) => {
      const env = required(command, given, 'env');
      const now = parts.now();
      const { name, region } = readEnvironment(env, parts.load, { now, folder: parts.folder });
      const topicArn =
        given['topic-arn'] ?? (await workflowOutputs(region, name, env, ['TopicArn'])).TopicArn;
      const topic = parseArn(topicArn);
      if (topic?.service !== 'sns')
        throw new UsageError(`\`${topicArn}\` is no topic's ARN; give that of the alert topic`);
      const client = new SNSClient({ region: topic.region });
      const subscriptions = await listSubscriptions(client, topicArn);
      if (subscriptions.length === 0) {
        throw new CommandError(
          `nobody is subscribed to ${topicArn}, so that nothing was sent; ` +
            `write \`alerts.email\` or \`alerts.slack\` into infra/config/${env}.yaml and run \`make deploy ENV=${env}\``,
        );
      }
      print(subscriptions.map((each) => line(each, width)).join('\n'));
      const reached = subscriptions.filter(({ confirmed }) => confirmed).length;
      if (reached === 0)
        throw new CommandError('nobody has confirmed a subscription, so that nothing was sent; see above');
      const { subject, email, default: others } = testMessage(name, topic, topicArn, now);
      const { MessageId } = await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subject,
          MessageStructure: 'json',
          Message: JSON.stringify({ default: others, email }),
        }),
      );
      print(`\nSent to ${plural(reached, 'subscription')}, message ${MessageId}: look for "${subject}".`);
      return 0;
    },
  };
  return command;
}

function line({ protocol, endpoint, confirmed }: Subscription, width: number): string {
  if (confirmed) return `✔ ${endpoint} (${protocol})`;
  return `! ${endpoint} (${protocol}) has not confirmed and gets nothing\n${wrap(CONFIRM, width, '  → ', '    ')}`;
}
