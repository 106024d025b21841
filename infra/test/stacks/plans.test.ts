import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configured } from '../support/stacks.ts';

const CONFIG = `
deployment: prod
region: eu-west-1
alerts: { email: [sre@example.com] }
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *", timeZone: Europe/Berlin, flexibleMinutes: 15, start: 2026-11-21T00:00:00Z, end: 2027-12-01T00:00:00Z }
    caches: [replication-group/orders, cache-cluster/${'c'.repeat(50)}]
    retention: { keepDaily: 7, minimum: 3 }
    anomaly: { maxKeyShrinkPercent: 30 }
    deadline: 4h
    notify: always
  hourly:
    schedule: { cron: "20 */2 * * ? *" }
    paused: true
    caches: [serverless-cache/carts]
  by-hand:
    caches: [replication-group/archive]
`;

/** A name that does not fit is cut and told apart by a hash. */
const LONG = `prod_nightly_cc-${'c'.repeat(39)}-1a4f224d`;

const stacks = () => configured(CONFIG);
const schedules = () =>
  stacks()
    .of('AWS::Scheduler::Schedule')
    .map(([, schedule]) => stacks().properties(schedule));

function schedule(name: string) {
  const found = schedules().find(({ Name }) => Name === name);
  if (found === undefined) throw new Error(`there is no schedule ${name}`);
  return found as { Target: { Input: string; RetryPolicy: { MaximumEventAgeInSeconds: number } } } & Record<
    string,
    unknown
  >;
}

function request(name: string) {
  return JSON.parse(schedule(name).Target.Input) as { StateMachineArn: string; Name: string; Input: string };
}

describe('a schedule', () => {
  test('fires by the plan’s cron in its zone, from its start to its end, within its window', () => {
    expect(schedule('prod_nightly_rg-orders')).toMatchObject({
      GroupName: 'snapkeep-prod_nightly',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      StartDate: '2026-11-21T00:00:00Z',
      EndDate: '2027-12-01T00:00:00Z',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      State: 'ENABLED',
    });
  });

  test('starts the alias of the state machine through the universal target', () => {
    expect(schedule('prod_nightly_rg-orders').Target).toMatchObject({
      Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
    });
    expect(request('prod_nightly_rg-orders').StateMachineArn).toMatch(/:live$/);
  });

  test('names the execution after the cache, in at most 80 characters', () => {
    expect(request('prod_nightly_rg-orders').Name).toBe('orders-<aws.scheduler.execution-id>');
    const long = request(LONG).Name.replace('<aws.scheduler.execution-id>', '0'.repeat(36));
    expect(long).toHaveLength(80);
  });

  test('sends an input that is the same at every attempt of one firing', () => {
    expect(JSON.parse(request('prod_nightly_rg-orders').Input)).toEqual({
      cache: { kind: 'replication-group', id: 'orders' },
      plan: 'nightly',
      scheduledTime: '<aws.scheduler.scheduled-time>',
      source: 'newSnapshot',
      retention: { keepDaily: 7, minimum: 3, timeZone: 'Europe/Berlin' },
      anomaly: { maxKeyShrinkPercent: 30 },
      deadlineSeconds: 14_400,
      notify: 'always',
    });
  });

  test('has the fields of the golden inputs, which the functions read', () => {
    for (const kind of ['replication-group', 'cache-cluster', 'serverless-cache']) {
      const file = join(import.meta.dirname, '..', '..', '..', 'tests', 'fixtures', 'inputs', `${kind}.json`);
      const golden = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);
      for (const field of Object.keys(JSON.parse(request('prod_nightly_rg-orders').Input) as object))
        expect(golden).toContain(field);
    }
  });

  test('is off while the plan is paused', () => {
    expect(schedule('prod_hourly_sc-carts').State).toBe('DISABLED');
  });

  test('gives up starting a run well before the next one is due', () => {
    expect(schedule('prod_nightly_rg-orders').Target.RetryPolicy.MaximumEventAgeInSeconds).toBe(3600);
    expect(schedule('prod_hourly_sc-carts').Target.RetryPolicy.MaximumEventAgeInSeconds).toBe(3600);
  });

  test('is made for every cache of a plan that has one, and for none of a plan that is started by hand', () => {
    expect(
      schedules()
        .map(({ Name }) => Name)
        .sort(),
    ).toEqual([LONG, 'prod_hourly_sc-carts', 'prod_nightly_rg-orders', 'prod_watch_hourly'].sort());
  });
});

describe('watch', () => {
  test('is called every hour with each cache, the age that its plan allows, and whether it is paused', () => {
    expect(schedule('prod_watch_hourly')).toMatchObject({
      GroupName: 'snapkeep-prod_watch',
      ScheduleExpression: 'cron(30 * * * ? *)',
      State: 'ENABLED',
    });
    expect(JSON.parse(schedule('prod_watch_hourly').Target.Input)).toEqual({
      now: '<aws.scheduler.scheduled-time>',
      watched: [
        watched('replication-group', 'orders', 'nightly', 86_400 + 3_600 + 900 + 14_400, false),
        watched('cache-cluster', 'c'.repeat(50), 'nightly', 86_400 + 3_600 + 900 + 14_400, false),
        watched('serverless-cache', 'carts', 'hourly', 7_200 + 7_200, true),
      ],
    });
  });

  function watched(kind: string, id: string, plan: string, maxAgeSeconds: number, paused: boolean) {
    return { cache: { kind, id }, plan, maxAgeSeconds, paused };
  }
});

describe('alarms', () => {
  const alarms = () =>
    stacks()
      .of('AWS::CloudWatch::Alarm')
      .map(([, alarm]) => stacks().properties(alarm));

  test('there is one for the age of each cache of each plan that has a schedule, which missing data set off', () => {
    const ages = alarms().filter(({ MetricName }) => MetricName === 'BackupAgeRatio');
    expect(ages.map(({ AlarmName }) => AlarmName)).toEqual([
      'snapkeep-prod-age-nightly-rg-orders',
      `snapkeep-prod-age-nightly-cc-${'c'.repeat(50)}`,
      'snapkeep-prod-age-hourly-sc-carts',
    ]);
    expect(ages[0]).toMatchObject({
      Namespace: 'Snapkeep',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
      Dimensions: [
        { Name: 'Cache', Value: 'orders' },
        { Name: 'Deployment', Value: 'prod' },
        { Name: 'Kind', Value: 'replication-group' },
        { Name: 'Plan', Value: 'nightly' },
      ],
    });
  });

  test('every one tells the topic, and those whose end is news tell that too', () => {
    const topic = 'arn:aws:sns:eu-west-1:000000000000:snapkeep-prod-alerts';
    for (const { AlarmActions } of alarms()) expect(AlarmActions).toEqual([topic]);
    const recovering = alarms().filter(({ OKActions }) => OKActions !== undefined);
    expect(recovering.map(({ AlarmName }) => String(AlarmName).replace('snapkeep-prod-', ''))).toEqual([
      'age-nightly-rg-orders',
      `age-nightly-cc-${'c'.repeat(50)}`,
      'age-hourly-sc-carts',
      'undelivered',
    ]);
  });

  test('a plan’s runs are slow above four fifths of its deadline', () => {
    const slow = alarms().find(({ AlarmName }) => AlarmName === 'snapkeep-prod-slow-nightly');
    expect(slow).toMatchObject({ MetricName: 'BackupDuration', Threshold: 11_520 });
  });

  test('what else is told: failed, timed out, aborted, undelivered, refused, suspicious, errors, throttles', () => {
    const names = alarms().map(({ AlarmName }) => String(AlarmName).replace('snapkeep-prod-', ''));
    expect(names.filter((name) => !/^(age|slow)-/.test(name)).sort()).toEqual([
      'aborted',
      'failed',
      'function-errors',
      'function-throttles',
      'notify-errors',
      'prune-refused',
      'suspicious',
      'timed-out',
      'undelivered',
      'watch-errors',
    ]);
  });
});

test('the dashboard finds every cache of this deployment by its dimensions', () => {
  const [dashboard] = stacks().of('AWS::CloudWatch::Dashboard');
  if (dashboard === undefined) throw new Error('there is no dashboard');
  const body = String(stacks().properties(dashboard[1]).DashboardBody);
  const { widgets } = JSON.parse(body) as { widgets: { properties: { title: string } }[] };
  expect(widgets.map(({ properties }) => properties.title)).toEqual([
    'Is every cache backed up? (age of the newest verified backup)',
    'Everything else that alarms',
    'Age of the newest verified backup, in parts of what its plan allows',
    'Runs a day',
    'Bytes of each backup',
    'Seconds from start to record',
    'Backups kept',
    'Megabytes verified a second',
    'What failed',
  ]);
  expect(body).toContain(
    '{Snapkeep,Deployment,Plan,Kind,Cache} MetricName=\\"BackupBytes\\" Deployment=\\"prod\\"',
  );
});
