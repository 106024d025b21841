import { ListSubscriptionsByTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { testAlertCommand } from '../../ops/alert/command.ts';
import { testMessage } from '../../ops/alert/message.ts';
import { parseArn } from '../../ops/common/arn.ts';
import { awsError, expectGolden, NOW, PARTS, run } from './support.ts';
import { deployed, inOrder, mocks, subscribe, TOPIC } from './world.ts';

const command = testAlertCommand(PARTS);
const send = (...more: string[]) => run(command, ['--env', 'prod', ...more]);
const published = () => mocks.sns.commandCalls(PublishCommand).map((call) => call.args[0].input);

describe('make test-alert', () => {
  beforeEach(inOrder);

  it('sends one message in both forms, marked as a test', async () => {
    const { status, text } = await send();
    const [request, ...others] = published();
    const message = JSON.parse(request?.Message ?? '');
    const chat = JSON.stringify(JSON.parse(message.default), null, 2);
    expectGolden('test-alert', `${text}\nSubject: ${request?.Subject}\n\n${message.email}\n${chat}\n`);
    expect(status).toBe(0);
    expect(others).toEqual([]);
    expect(request).toMatchObject({ TopicArn: TOPIC, MessageStructure: 'json' });
    expect(Object.keys(message)).toEqual(['default', 'email']);
  });

  it('says who has not confirmed, and sends to the others', async () => {
    subscribe([
      ['data@example.com', 'PendingConfirmation'],
      ['gone@example.com', 'Deleted'],
      ['sre@example.com', `${TOPIC}:2`],
    ]);
    const { status, text } = await send();
    expectGolden('test-alert-unconfirmed', text);
    expect(status).toBe(0);
  });

  it('sends nothing where nobody is subscribed, or nobody has confirmed', async () => {
    subscribe([]);
    expect(await send()).toEqual({
      status: 1,
      text: `(stderr) error: nobody is subscribed to ${TOPIC}, so that nothing was sent; write \`alerts.email\` or \`alerts.slack\` into infra/config/prod.yaml and run \`make deploy ENV=prod\`\n`,
    });
    subscribe([['sre@example.com', 'PendingConfirmation']]);
    const { status, text } = await send();
    expect(status).toBe(1);
    expect(text).toContain('(stderr) error: nobody has confirmed a subscription, so that nothing was sent');
    expect(published()).toEqual([]);
  });

  it('takes a topic as given and asks CloudFormation for none', async () => {
    deployed(undefined);
    expect((await send('--topic-arn', TOPIC)).status).toBe(0);
    expect(mocks.formation.calls()).toEqual([]);
  });

  it('fails in one line', async () => {
    expect((await send('--topic-arn', 'alerts')).text).toBe(
      "(stderr) error: `alerts` is no topic's ARN; give that of the alert topic\n",
    );
    deployed({ BucketName: 'b' });
    expect((await send()).text).toBe(
      '(stderr) error: stack `snapkeep-prod-workflow` is CREATE_COMPLETE and has no output `TopicArn`; run `make deploy ENV=prod`\n',
    );
    deployed(undefined);
    expect((await send()).text).toBe(
      '(stderr) error: there is no stack `snapkeep-prod-workflow` in eu-west-1; run `make deploy ENV=prod`\n',
    );
    inOrder();
    mocks.sns.on(ListSubscriptionsByTopicCommand).rejects(awsError('AuthorizationError', 'not authorized'));
    expect(await send()).toEqual({
      status: 1,
      text: '(stderr) error: AuthorizationError: not authorized; attach the operator policy (output `OperatorPolicyArn`) to who runs this\n',
    });
  });

  it('has a subject that SNS takes, for the longest name of a deployment', () => {
    const topic = parseArn(TOPIC);
    expect(topic && testMessage('d'.repeat(40), topic, TOPIC, NOW).subject).toMatch(/^[ -~]{1,99}$/);
  });
});
