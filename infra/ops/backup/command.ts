/** `make backup`: one run of one cache as its plan's schedule would start it, followed to its end. */
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionInput } from '../../lib/execution-input.ts';
import { consoleLink, parseArn } from '../common/arn.ts';
import {
  type Command,
  CommandError,
  type Given,
  numberOf,
  required,
  type Terminal,
  UsageError,
} from '../common/command.ts';
import { type LoadDeployment, readEnvironment } from '../common/environment.ts';
import { codeOf } from '../common/failure.ts';
import { workflowOutputs } from '../common/stacks.ts';
import { choose, cutToMinute, executionName } from './choose.ts';
import { ending } from './ending.ts';
import { follow } from './follow.ts';

/** What the command takes from outside. */
export interface BackupParts {
  readonly load: LoadDeployment;
  /** Folder of the config files. */
  readonly folder?: string;
  readonly now: () => Date;
}

type Name = 'env' | 'cache' | 'plan' | 'follow' | 'interval' | 'state-machine-arn' | 'bucket';

/** The command. */
export function backupCommand(parts: BackupParts): Command<Name> {
  const command: Command<Name> = {
    name: 'backup',
    about: 'Backs up one cache now, as the schedule of its plan would, and follows the run to its end.',
    options: {
      env: { variable: 'ENV', value: 'NAME', about: 'the environment, infra/config/NAME.yaml' },
      cache: { variable: 'CACHE', value: 'KIND/ID', about: 'the cache, an id alone where only one has it' },
      plan: { variable: 'PLAN', value: 'NAME', about: 'its plan, where several have the cache' },
      follow: { variable: 'FOLLOW', value: 'ARN', about: 'follow this execution and start none' },
      interval: { value: 'SECONDS', about: 'time between two looks [default: 5 growing to 30]' },
      'state-machine-arn': {
        value: 'ARN',
        about: 'what to start, in place of the stack output StateMachineArn',
      },
      bucket: { value: 'NAME', about: 'where backups go, in place of the stack output BucketName' },
    },
    run: async (given, terminal) => {
      const interval = given.interval === undefined ? undefined : numberOf(given, 'interval', 0, 0);
      const run =
        given.follow === undefined
          ? await start(command, given, parts, terminal)
          : running(given.follow, given);
      const ended = await follow(run.client, { ...run, interval }, terminal);
      if (!ended) {
        terminal.print(
          `\nThe run goes on. To follow it again, in infra/:\n\n  ${followLine(run.executionArn)}`,
        );
        return 130;
      }
      terminal.print(`\n${ending(ended, run.bucket, terminal.width)}`);
      return ended.status === 'SUCCEEDED' ? 0 : 1;
    },
  };
  return command;
}

interface Run {
  readonly client: SFNClient;
  readonly executionArn: string;
  readonly label: string;
  readonly bucket?: string;
}

async function start(
  command: Command<Name>,
  given: Given<Name>,
  parts: BackupParts,
  { print }: Terminal,
): Promise<Run> {
  const env = required(command, given, 'env');
  const now = parts.now();
  const deployment = readEnvironment(env, parts.load, { now, folder: parts.folder });
  const { plan, cache } = choose(deployment, given.cache, given.plan);
  const { stateMachineArn, bucket } = await place(given, deployment.region, deployment.name, env);
  const client = new SFNClient({ region: parseArn(stateMachineArn)?.region ?? deployment.region });
  const input = executionInput(deployment, plan, cache, cutToMinute(now));
  const name = executionName(cache.id, now);
  const request = { stateMachineArn, name, input: JSON.stringify(input) };
  const { executionArn } = await client.send(new StartExecutionCommand(request)).catch((error: unknown) => {
    throw codeOf(error) === 'StateMachineDoesNotExist'
      ? new CommandError(`there is no state machine ${stateMachineArn}; run \`make deploy ENV=${env}\``)
      : error;
  });
  if (!executionArn)
    throw new CommandError(`Step Functions started \`${name}\` and does not say where; see its console`);
  const link = consoleLink(executionArn);
  print([`Started ${name}, plan ${plan.name}.`, ...(link ? [link] : []), ''].join('\n'));
  return { client, executionArn, label: cache.id, bucket };
}

/** The state machine and the bucket as given; CloudFormation is asked only where no state machine is. */
async function place(
  given: Given<Name>,
  region: string,
  deployment: string,
  env: string,
): Promise<{ stateMachineArn: string; bucket?: string }> {
  const stateMachineArn = given['state-machine-arn'];
  if (stateMachineArn !== undefined) {
    if (!parseArn(stateMachineArn))
      throw new UsageError(`--state-machine-arn is \`${stateMachineArn}\`, which is no ARN`);
    return { stateMachineArn, bucket: given.bucket };
  }
  const outputs = await workflowOutputs(region, deployment, env, ['StateMachineArn', 'BucketName']);
  return { stateMachineArn: outputs.StateMachineArn, bucket: given.bucket ?? outputs.BucketName };
}

/** A run that is there already: its ARN says all that is needed. */
function running(executionArn: string, given: Given<Name>): Run {
  const arn = parseArn(executionArn);
  const [type, , name] = arn?.resource.split(':') ?? [];
  if (!arn?.region || type !== 'execution' || !name) {
    throw new UsageError(
      `--follow is \`${executionArn}\`, which is no execution's ARN; see \`aws stepfunctions list-executions\``,
    );
  }
  // Names end in what tells one run of a cache from the next, and the rest is the cache.
  const label = name.replace(/-(manual-[\dT]+|[0-9a-f-]{36})$/, '');
  return { client: new SFNClient({ region: arn.region }), executionArn, label, bucket: given.bucket };
}

function followLine(executionArn: string): string {
  return `node --import tsx ops/backup.ts --follow ${executionArn}`;
}
