import { readFileSync } from 'node:fs';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { backupCommand } from '../../ops/backup/command.ts';
import { NEW_RUN, WAIT } from '../../ops/backup/ending.ts';
import { BEGINNING, FAILURE, SUCCESS, why } from './history.ts';
import { awsError, expectGolden, NOW, PARTS, run } from './support.ts';
import { deployed, inOrder, mocks, OUTPUTS } from './world.ts';

const MACHINE = OUTPUTS.StateMachineArn ?? '';
const RUN =
  'arn:aws:states:eu-west-1:123456789012:execution:snapkeep-prod-backup:orders-manual-20261120T101542';
const command = backupCommand(PARTS);
const sfn = mockClient(SFNClient);

/** A run that is seen once while it goes on and then at its end. */
function follows(events: readonly HistoryEvent[], end: object): void {
  const common = { executionArn: RUN, stateMachineArn: MACHINE, startDate: NOW };
  sfn.on(StartExecutionCommand).resolves({ executionArn: RUN, startDate: NOW });
  sfn
    .on(DescribeExecutionCommand)
    .resolvesOnce({ ...common, status: 'RUNNING' })
    .resolves({ ...common, ...end });
  sfn
    .on(GetExecutionHistoryCommand)
    .resolvesOnce({ events: [...BEGINNING] })
    .resolvesOnce({ events: events.slice(0, 7), nextToken: 'more' })
    .resolves({ events: events.slice(7) });
}

describe('make backup', () => {
  const backup = (...argv: string[]) => run(command, ['--env', 'prod', '--interval', '0', ...argv]);

  beforeEach(() => {
    inOrder();
    sfn.reset();
  });

  it('starts what the schedule would start, follows it and says where the manifest is', async () => {
    follows(SUCCESS, {
      status: 'SUCCEEDED',
      output: '{"manifestKey":"backups/replication-group/orders/20261120t1015z/manifest.json"}',
    });
    const { status, text } = await backup('--cache', 'orders', '--plan', 'nightly');
    expectGolden('backup-success', text);
    expect(status).toBe(0);
    const [call] = sfn.commandCalls(StartExecutionCommand);
    const { stateMachineArn, name, input } = call?.args[0].input ?? {};
    expect({ stateMachineArn, name }).toEqual({
      stateMachineArn: MACHINE,
      name: 'orders-manual-20261120T101542',
    });
    expect(JSON.parse(input ?? '')).toMatchObject({
      cache: { kind: 'replication-group', id: 'orders' },
      plan: 'nightly',
      scheduledTime: '2026-11-20T10:15:00Z',
      source: 'newSnapshot',
    });
  });

  it('says how to go on with a run that failed', async () => {
    const cause = JSON.stringify({
      errorType: why.error,
      errorMessage: 'bucket `b` does not let ElastiCache write',
    });
    follows(FAILURE, { status: 'FAILED', error: why.error, cause, redriveStatus: 'REDRIVABLE' });
    const { status, text } = await backup('--cache', 'orders', '--plan', 'nightly');
    expectGolden('backup-failure', text);
    expect(status).toBe(1);
  });

  it.each([
    [
      'lost',
      { status: 'FAILED', error: 'Backup.Corrupt', cause: 'no CRC' },
      '✘ Backup.Corrupt: no CRC\n\nThis run is lost.',
    ],
    [
      'busy',
      { status: 'FAILED', error: 'Backup.CacheBusy' },
      '✘ Backup.CacheBusy\n\nWait until the cause has passed, then let the run go on',
    ],
    [
      'too late',
      { status: 'TIMED_OUT', redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: 'too many events' },
      '✘ States.Timeout\n\nIt cannot be re-driven (too many events).',
    ],
    [
      'stopped',
      { status: 'ABORTED' },
      `✘ aborted\n\nRemove the cause, then let the run go on from where it failed:\n\n  aws stepfunctions redrive-execution --execution-arn ${RUN} --region eu-west-1`,
    ],
  ])('tells a run that is %s', async (_, end, expected) => {
    follows(FAILURE, end);
    const { status, text } = await backup('--cache', 'sessions');
    expect(status).toBe(1);
    expect(text).toContain(expected);
  });

  it('gives the key of a backup that another run had recorded', async () => {
    const input =
      '{"cache":{"kind":"replication-group","id":"orders"},"scheduledTime":"2026-11-20T10:15:00Z"}';
    follows(SUCCESS, { status: 'SUCCEEDED', output: '{"status":"recorded"}', input });
    expect((await run(command, ['--follow', RUN, '--interval', '0'])).text).toContain(
      'It is backed up: backups/replication-group/orders/20261120t1015z/manifest.json',
    );
  });

  it('follows a run again by its ARN alone', async () => {
    follows(FAILURE, { status: 'FAILED', error: why.error });
    const { status, text } = await run(command, ['--interval', '0'], { variables: { FOLLOW: RUN } });
    expect(status).toBe(1);
    expect(text).toContain('✘ orders  CopyToS3');
    expect(sfn.commandCalls(StartExecutionCommand)).toEqual([]);
    expect(mocks.formation.calls()).toEqual([]);
  });

  it('leaves the run alone at Ctrl-C and says how to follow it again', async () => {
    follows(FAILURE, { status: 'RUNNING' });
    const interrupt = new AbortController();
    const running = run(command, ['--env', 'prod', '--cache', 'sessions', '--interval', '600'], {
      interrupted: interrupt.signal,
    });
    setTimeout(() => interrupt.abort(), 200);
    const { status, text } = await running;
    expectGolden('backup-interrupted', text);
    expect(status).toBe(130);
  });

  it('asks CloudFormation for nothing where all is given', async () => {
    deployed(undefined);
    follows(SUCCESS, { status: 'SUCCEEDED', output: '{"manifestKey":"k"}' });
    const { status, text } = await backup(
      '--cache',
      'sessions',
      '--state-machine-arn',
      MACHINE,
      '--bucket',
      'other',
    );
    expect(status).toBe(0);
    expect(text).toContain('s3://other/k');
    expect(mocks.formation.calls()).toEqual([]);
  });

  it('goes on looking when a look fails now and then, and gives up after five in a row', async () => {
    follows(FAILURE, { status: 'FAILED', error: why.error });
    sfn
      .on(DescribeExecutionCommand)
      .rejectsOnce(awsError('ThrottlingException'))
      .resolves({ executionArn: RUN, status: 'FAILED', error: 'x' });
    expect((await backup('--cache', 'sessions')).text).toContain('✘ x');
    sfn.on(DescribeExecutionCommand).rejects(awsError('ThrottlingException', 'Rate exceeded'));
    sfn.resetHistory();
    const { status, text } = await backup('--cache', 'sessions');
    expect(status).toBe(1);
    expect(text).toContain(`(stderr) error: following ${RUN}: ThrottlingException: Rate exceeded`);
    expect(sfn.commandCalls(DescribeExecutionCommand)).toHaveLength(5);
  });

  it.each([
    [['--cache', 'orders'], 2, 'cache `orders` is in several plans; give PLAN= one of nightly, hourly'],
    [
      ['--cache', 'carts'],
      2,
      'no cache `carts` in deployment `prod`; there are replication-group/orders (nightly), serverless-cache/catalog (nightly), cache-cluster/sessions (hourly), replication-group/orders (hourly)',
    ],
    [
      ['--cache', 'catalog', '--plan', 'hourly'],
      2,
      'no cache `catalog` in plan `hourly`; there are cache-cluster/sessions (hourly), replication-group/orders (hourly)',
    ],
    [
      ['--cache', 'orders', '--plan', 'weekly'],
      2,
      'no plan `weekly` in deployment `prod`; there are nightly, hourly',
    ],
    [
      ['--plan', 'hourly'],
      2,
      'cache is missing; give CACHE=kind/id or an id: cache-cluster/sessions (hourly), replication-group/orders (hourly)',
    ],
    [
      ['--cache', 'sessions', '--state-machine-arn', 'backup'],
      2,
      '--state-machine-arn is `backup`, which is no ARN',
    ],
    [
      ['--follow', 'orders'],
      2,
      "--follow is `orders`, which is no execution's ARN; see `aws stepfunctions list-executions`",
    ],
    [
      ['--follow', MACHINE],
      2,
      `--follow is \`${MACHINE}\`, which is no execution's ARN; see \`aws stepfunctions list-executions\``,
    ],
    [['--cache', 'sessions', '--interval', 'x'], 2, '--interval is `x`; allowed is a number of at least 0'],
    [['--cache', 'sessions'], 1, `there is no state machine ${MACHINE}; run \`make deploy ENV=prod\``],
  ])('fails in one line: %j', async (argv, expected, line) => {
    sfn.on(StartExecutionCommand).rejects(awsError('StateMachineDoesNotExist'));
    expect(await run(command, ['--env', 'prod', ...argv])).toEqual({
      status: expected,
      text: `(stderr) error: ${line}\n`,
    });
  });
});

describe('what mends a run', () => {
  it('is what the state machine’s page says of each error name', () => {
    const page = readFileSync(new URL('../../../statemachine/README.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(Backup\.\w+)` \| \w+ \| ([\w -]+) \|/gm)];
    const mendedBy = (how: string): (string | undefined)[] =>
      rows.filter((row) => row[2] === how).map((row) => row[1]);
    expect(rows.length).toBeGreaterThan(20);
    expect(NEW_RUN).toEqual(mendedBy('new run'));
    expect(WAIT).toEqual(mendedBy('wait'));
  });
});
