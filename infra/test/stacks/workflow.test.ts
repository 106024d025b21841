import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFINITION } from '../../lib/app.ts';
import { CALLED, TIMEOUTS } from '../../lib/backup-workflow.ts';
import { FUNCTIONS } from '../../lib/config/deployment.ts';
import { configured, example } from '../support/stacks.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
const minimal = () => example('minimal');
const definition = () => readFileSync(DEFINITION, 'utf8');

function machine() {
  const [entry] = minimal().of('AWS::StepFunctions::StateMachine');
  if (entry === undefined) throw new Error('there is no state machine');
  return minimal().properties(entry[1]);
}

describe('the state machine', () => {
  test('is the file as it stands', () => {
    expect(machine().DefinitionString).toBe(definition());
  });

  test('has a substitution for every placeholder of the file, and none besides', () => {
    const placeholders = new Set([...definition().matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map(([, name]) => name));
    expect(Object.keys(machine().DefinitionSubstitutions as object).sort()).toEqual([...placeholders].sort());
  });

  test('calls each function by its own ARN', () => {
    const substitutions = machine().DefinitionSubstitutions as Record<string, string>;
    const called = Object.values(substitutions).filter((value) => value.includes(':function:'));
    expect(called.map((arn) => arn.split(':').at(-1)).sort()).toEqual(
      CALLED.map((name) => `snapkeep-prod-${name}`).sort(),
    );
  });

  test('is started by an alias on the version of this definition', () => {
    const [version] = minimal().of('AWS::StepFunctions::StateMachineVersion');
    expect(version?.[1].DeletionPolicy).toBe('Retain');
    const [alias] = minimal().of('AWS::StepFunctions::StateMachineAlias');
    expect(alias?.[1].Properties).toMatchObject({
      Name: 'live',
      RoutingConfiguration: [
        { StateMachineVersionArn: { 'Fn::GetAtt': [version?.[0], 'Arn'] }, Weight: 100 },
      ],
    });
  });

  test('gives each Task 5 seconds or more above the time-out of its function', () => {
    const states = JSON.parse(definition()) as { States: Record<string, State> };
    const tasks = tasksOf(states);
    expect(tasks.length).toBeGreaterThan(7);
    for (const { name, seconds } of tasks) {
      const called = CALLED.find((called) => placeholder(called) === name);
      if (called === undefined) throw new Error(`nothing is called by ${name}`);
      expect(seconds, name).toBeGreaterThanOrEqual(TIMEOUTS[called].toSeconds() + 5);
    }
  });
});

interface State {
  readonly Type: string;
  readonly TimeoutSeconds?: number;
  readonly Arguments?: { FunctionName: string };
  readonly ItemProcessor?: { States: Record<string, State> };
}

function tasksOf(scope: { States: Record<string, State> }): { name: string; seconds: number }[] {
  return Object.values(scope.States).flatMap((state) => [
    ...(state.ItemProcessor ? tasksOf(state.ItemProcessor) : []),
    ...(state.Type === 'Task'
      ? [{ name: state.Arguments?.FunctionName ?? '', seconds: state.TimeoutSeconds ?? 0 }]
      : []),
  ]);
}

function placeholder(name: string): string {
  return `\${${name.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())}Arn}`;
}

describe('the functions', () => {
  test('are those that have a folder in functions/', () => {
    const folders = readdirSync(join(REPOSITORY, 'functions')).filter((folder) => folder !== 'shared');
    expect([...FUNCTIONS].sort()).toEqual(folders.sort());
  });

  test('have the variables that their binaries ask for, beside those that Lambda sets', () => {
    for (const name of FUNCTIONS) {
      expect(variables(name), name).toEqual(asked(name));
    }
  });

  test('have the memory, the architecture and the concurrency of the config', () => {
    const stacks = configured(`
deployment: prod
region: eu-west-1
architecture: x86_64
memory: { verifyObject: 2048 }
reservedConcurrency: { verifyObject: 40 }
alerts: { email: [sre@example.com] }
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *" }
    caches: [replication-group/orders]
`);
    const verify = stacks.of('AWS::Lambda::Function').map(([, resource]) => stacks.properties(resource));
    expect(verify.find(({ FunctionName }) => FunctionName === 'snapkeep-prod-verify-object')).toMatchObject({
      MemorySize: 2048,
      Architectures: ['x86_64'],
      ReservedConcurrentExecutions: 40,
      Timeout: 900,
    });
    expect(
      verify.filter(({ ReservedConcurrentExecutions }) => ReservedConcurrentExecutions !== undefined),
    ).toHaveLength(1);
  });

  function variables(name: string): string[] {
    const resource = minimal()
      .of('AWS::Lambda::Function')
      .map(([, resource]) => minimal().properties(resource))
      .find(({ FunctionName }) => FunctionName === `snapkeep-prod-${name}`);
    const { Variables } = (resource?.Environment ?? {}) as { Variables?: Record<string, string> };
    return Object.keys(Variables ?? {}).sort();
  }

  /** The names that are spelled in `main.rs` and in the crates that every binary has. */
  function asked(name: string): string[] {
    const files = [
      `${name}/src/main.rs`,
      'shared/backup-aws/src/config.rs',
      'shared/backup-lambda/src/lib.rs',
      'shared/backup-lambda/src/failure.rs',
      'shared/backup-lambda/src/metrics.rs',
    ];
    const texts = files.map((file) => read(join(REPOSITORY, 'functions', file)));
    const names = texts.flatMap((text) =>
      [...text.matchAll(/"(SNAPKEEP_[A-Z_]+)"/g)].map(([, variable]) => variable),
    );
    return [...new Set(names as string[])].sort();
  }

  function read(path: string): string {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  }
});

test('executions that end without success are told by notify, whichever way they were started', () => {
  const [rule] = minimal().of('AWS::Events::Rule');
  if (rule === undefined) throw new Error('there is no rule');
  const { EventPattern, Targets } = minimal().properties(rule[1]);
  const arn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:snapkeep-prod-backup';
  expect(EventPattern).toEqual({
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [arn, { prefix: `${arn}:` }] },
  });
  expect(Targets).toMatchObject([
    {
      Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:snapkeep-prod-notify',
      DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:000000000000:snapkeep-prod-undelivered' },
    },
  ]);
});

test('ids and plans that differ by a hyphen alone are two of everything', () => {
  const alike = configured(`
deployment: prod
region: eu-west-1
alerts: { email: [sre@example.com] }
plans:
  nightly-1: { schedule: { cron: "0 3 * * ? *" }, caches: [cache-cluster/orders-1, cache-cluster/orders1] }
  nightly1: { schedule: { cron: "0 5 * * ? *" }, caches: [cache-cluster/orders-1] }
`);
  const names = alike.of('AWS::Scheduler::Schedule').map(([, made]) => alike.properties(made).Name);
  expect(names).toEqual([
    'prod_nightly-1_cc-orders-1',
    'prod_nightly-1_cc-orders1',
    'prod_nightly1_cc-orders-1',
    'prod_watch_hourly',
  ]);
});

test('names stay below the limits of AWS for the longest deployment and plan', () => {
  const long = configured(`
deployment: ${'d'.repeat(20)}
region: eu-west-1
alerts: { email: [sre@example.com] }
plans:
  ${'p'.repeat(30)}:
    schedule: { cron: "0 3 * * ? *" }
    caches: [cache-cluster/${'c'.repeat(50)}]
`);
  const limits: [type: string, property: string, most: number][] = [
    ['AWS::Lambda::Function', 'FunctionName', 64],
    ['AWS::IAM::Role', 'RoleName', 64],
    ['AWS::StepFunctions::StateMachine', 'StateMachineName', 80],
    ['AWS::Scheduler::ScheduleGroup', 'Name', 64],
    ['AWS::Scheduler::Schedule', 'Name', 64],
    ['AWS::SQS::Queue', 'QueueName', 80],
    ['AWS::SNS::Topic', 'TopicName', 256],
    ['AWS::CloudWatch::Alarm', 'AlarmName', 255],
    ['AWS::Events::Rule', 'Name', 64],
  ];
  for (const [type, property, most] of limits) {
    for (const [, resource] of long.of(type)) {
      const name = String(long.properties(resource)[property]);
      expect(name.length, name).toBeLessThanOrEqual(most);
    }
  }
});
