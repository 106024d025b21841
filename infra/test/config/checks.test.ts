/** What takes more than one field to refuse. */

import { describe, expect, it } from 'vitest';
import { parse, refusals, withCaches, withField, withPlan, withPlans } from './helpers.ts';

const daily = 'schedule: { cron: "0 3 * * ? *" }';
const cron = (fields: string, more = '') => withPlan(`schedule: { cron: "${fields}"${more} }`);

/** What is wrong, the file, and the lines in which it is told. */
const rows: [string, string, unknown[]][] = [
  [
    'one cache twice, in another case',
    withCaches('[cache-cluster/orders, cache-cluster/Orders]'),
    [
      '5:36 plans.nightly.caches[1] is "cache-cluster/Orders"; cache-cluster/orders is in this plan already: keep one',
    ],
  ],
  [
    'nodes of what is no replication group',
    withCaches('[{ kind: cache-cluster, id: orders, nodes: [old] }]'),
    [
      '5:56 plans.nightly.caches[0].nodes is ["old"]; only a replication-group has nodes of other names: remove it',
    ],
  ],
  [
    'nodes that need no mention or come twice',
    withCaches('[{ kind: replication-group, id: orders, nodes: [orders-001, old, Old] }]'),
    [
      '5:61 plans.nightly.caches[0].nodes[0] is "orders-001"; nodes that begin with "orders-" need no mention: remove it',
      '5:78 plans.nightly.caches[0].nodes[2] is "Old"; it is in the list already: keep one',
    ],
  ],
  [
    '30 February',
    cron('0 3 30 2 ? *'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 30 2 ? *"; it never fires: no such date is left, as with 30 February or a year that is past',
    ],
  ],
  [
    'a year that is past',
    cron('0 3 * * ? 2025'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 * * ? 2025"; it never fires: no such date is left, as with 30 February or a year that is past',
    ],
  ],
  [
    'a schedule that fires once',
    cron('0 3 1 1 ? 2027'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 1 1 ? 2027"; it fires once only, at 2027-01-01T03:00Z: a plan recurs, so start a single backup by hand',
    ],
  ],
  [
    'an end before the next firing',
    cron('0 3 * * ? *', ', end: "2026-08-01T20:00:00Z"'),
    [
      '6:43 plans.nightly.schedule.end is "2026-08-01T20:00:00Z"; nothing fires before it; allowed is an end after 2026-08-02T03:00Z, the next time',
    ],
  ],
  [
    'an end before the first firing',
    cron('0 3 * * ? *', ', start: "2027-01-01T00:00:00Z", end: "2027-01-01T02:00:00Z"'),
    [
      '6:74 plans.nightly.schedule.end is "2027-01-01T02:00:00Z"; nothing fires before it; allowed is an end after 2027-01-01T03:00Z, the next time',
    ],
  ],
  [
    'an end before the start',
    cron('0 3 * * ? *', ', start: "2027-01-02T00:00:00Z", end: "2027-01-01T02:00:00Z"'),
    [
      '6:45 plans.nightly.schedule.start is "2027-01-02T00:00:00Z"; it has to be earlier than end, which is "2027-01-01T02:00:00Z"',
    ],
  ],
  [
    'a flexible window as long as the gap',
    cron('0 8-20 * * ? *', ', flexibleMinutes: 720'),
    [
      '6:23 plans.nightly.schedule.cron is "0 8-20 * * ? *"; with the plan "nightly" up to 25 snapshots of replication-group/orders are made in 24 hours; ElastiCache allows 20: run less often, or take source "latestAutomatic"',
      '6:58 plans.nightly.schedule.flexibleMinutes is 720; allowed is less than the longest time between two of its runs, 12h',
    ],
  ],
  [
    'runs closer together than the shortest deadline',
    cron('0/5 * * * ? *'),
    [
      '6:23 plans.nightly.schedule.cron is "0/5 * * * ? *"; allowed are runs 10m apart or more, the least time that a run is given',
      '6:23 plans.nightly.schedule.cron is "0/5 * * * ? *"; with the plan "nightly" up to 288 snapshots of replication-group/orders are made in 24 hours; ElastiCache allows 20: run less often, or take source "latestAutomatic"',
    ],
  ],
  [
    'one snapshot an hour of a node',
    cron('0 * * * ? *'),
    [
      '6:23 plans.nightly.schedule.cron is "0 * * * ? *"; with the plan "nightly" up to 24 snapshots of replication-group/orders are made in 24 hours; ElastiCache allows 20: run less often, or take source "latestAutomatic"',
    ],
  ],
  [
    'a deadline longer than the gap',
    withPlan('schedule: { cron: "0 0/2 * * ? *", flexibleMinutes: 30 }', 'deadline: 3h'),
    [
      '7:15 plans.nightly.deadline is "3h"; allowed is at most the longest time between two of its runs, 2h, or runs pile up',
    ],
  ],
  [
    'an age below the gap',
    withPlan(daily, 'maxAge: 23h'),
    [
      '7:13 plans.nightly.maxAge is "23h"; allowed is at least the longest time between two of its runs, 1d, or the alarm is always on',
    ],
  ],
  [
    'an age without a schedule',
    withPlan('maxAge: 23h'),
    [
      '6:13 plans.nightly.maxAge is "23h"; a plan without a schedule has no age to watch: remove it, or add a schedule',
    ],
  ],
  [
    'a minimum above what the counts hold',
    withPlan(daily, 'retention: { keepDaily: 7, keepLast: 2, minimum: 10 }'),
    [
      '7:54 plans.nightly.retention.minimum is 10; the keep rules hold 9 backups at most: allowed is that or less, or let them keep more',
    ],
  ],
  [
    'a minimum above what the span holds',
    withPlan(daily, 'retention: { keepWithin: 7d, minimum: 9 }'),
    [
      '7:43 plans.nightly.retention.minimum is 9; the keep rules hold 8 backups at most: allowed is that or less, or let them keep more',
    ],
  ],
  [
    'snapshots to keep of a plan that makes none',
    withPlan(daily, 'source: latestAutomatic', 'retention: { keepDaily: 7, keepSnapshots: 1 }'),
    [
      '8:47 plans.nightly.retention.keepSnapshots is 1; a plan with source "latestAutomatic" makes no snapshots that it could keep: remove it',
    ],
  ],
  [
    'an existing bucket without a name',
    withField('bucket: { existing: true }'),
    ['6:1 bucket.name is missing; an existing bucket needs its name'],
  ],
  [
    'a bucket that logs into itself',
    withField('bucket: { name: backups, accessLogsBucket: backups }'),
    [
      '6:44 bucket.accessLogsBucket is "backups"; allowed is another bucket than bucket.name, whose logs would log themselves without end',
    ],
  ],
  [
    'a key of another Region',
    withField('keyArn: arn:aws:kms:us-east-1:123456789012:key/1234abcd'),
    [
      `6:9 keyArn is "arn:aws:kms:us-east-1:123456789012:key/1234abcd"; allowed is one in the deployment's Region, "eu-west-1"`,
    ],
  ],
  [
    'a topic of another Region',
    withField('alerts: { topicArn: "arn:aws:sns:us-east-1:123456789012:alerts" }'),
    [
      `6:21 alerts.topicArn is "arn:aws:sns:us-east-1:123456789012:alerts"; allowed is one in the deployment's Region, "eu-west-1"`,
    ],
  ],
  [
    'alerts that reach nobody',
    withField('alerts: { alarmActions: ["arn:aws:sns:eu-west-1:123456789012:pager"] }'),
    [
      '6:9 alerts is {"alarmActions":["arn:aws:sns:eu-west-1:123456789012:pager"]}; nobody would be told of a failure: name an e-mail address, a Slack channel or a topic',
    ],
  ],
  [
    'a plan that is called as that of runs without one',
    withCaches('[cache-cluster/orders]').replace('nightly', 'on-demand'),
    [
      '5:5 plans.on-demand is {"caches":["cache-cluster/orders"]}; allowed is any other name: runs that are started without a plan are of "on-demand"',
    ],
  ],
  [
    'a plan that is called as the schedule of ages',
    withCaches('[cache-cluster/orders]').replace('nightly', 'watch'),
    [
      '5:5 plans.watch is {"caches":["cache-cluster/orders"]}; allowed is any other name: the schedule that measures ages has this one',
    ],
  ],
  [
    'more actions than an alarm can have, beside the topic',
    withField(
      `alerts: { email: [sre@example.com], alarmActions: [${[1, 2, 3, 4, 5].map((n) => `"arn:aws:sns:eu-west-1:123456789012:a${n}"`).join(', ')}] }`,
    ),
    [expect.stringContaining('allowed are 4, as CloudWatch takes five with the topic')],
  ],
  [
    'an action of another Region, and a key without its topic',
    withField(
      'alerts: { email: [sre@example.com], topicKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd", alarmActions: ["arn:aws:sns:us-east-1:123456789012:a"] }',
    ),
    [
      '6:50 alerts.topicKeyArn is "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"; it is the key of an existing topic: name that in topicArn, or remove it',
      `6:116 alerts.alarmActions[0] is "arn:aws:sns:us-east-1:123456789012:a"; allowed is one in the deployment's Region, "eu-west-1"`,
    ],
  ],
  [
    'a start so far ahead that the age alarm would ring before it',
    withPlan('schedule: { cron: "0 3 * * ? *", start: "2026-10-01T00:00:00Z" }'),
    [
      `6:45 plans.nightly.schedule.start is "2026-10-01T00:00:00Z"; the age alarm would ring before the first run: allowed is at most 30h, the plan's maxAge, from now, or paused: true until then`,
    ],
  ],
  [
    'an age that automatic snapshots exceed while all is well',
    withPlan('schedule: { cron: "0 3 * * ? *" }', 'source: latestAutomatic', 'maxAge: 30h'),
    [
      '8:13 plans.nightly.maxAge is "30h"; allowed is at least the longest time between two of its runs, 1d, and 26h that an automatic snapshot may be old, or the alarm is always on',
    ],
  ],
  [
    'more caches than roles can name',
    withCaches(`[${Array.from({ length: 121 }, (_, n) => `cache-cluster/a${n}`).join(', ')}]`),
    [
      "4:3 plans is a map of 1; they name 121 caches; allowed are 120 in a deployment, as the functions' roles name each and IAM bounds the length of a role: move some to a second deployment",
    ],
  ],
  [
    'more schedules than a stack holds',
    withPlans(
      ...[1, 2, 3].map((hour): [string, string] => [
        `{ cron: "0 ${hour} * * ? *" }`,
        `[${Array.from({ length: 80 }, (_, n) => `cache-cluster/a${n}`).join(', ')}]`,
      ]),
    ),
    [
      '4:3 plans is a map of 3; they name 240 caches; allowed are 197 beside 3 plans, as each is a schedule and an alarm and CloudFormation takes 500 resources in a stack: move some plans to a second deployment',
    ],
  ],
  [
    'two plans that meet on Sundays, in another time zone',
    withPlans(
      ['{ cron: "0 3 * * ? *" }', '[cache-cluster/x, cache-cluster/y]'],
      ['{ cron: "0 5 ? * SUN *", timeZone: Europe/Berlin }', '[cache-cluster/y]'],
    ),
    [
      '8:23 plans.b.schedule.cron is "0 5 ? * SUN *"; it fires at 2026-08-02T03:00Z as the plan "a" does, and both back up cache-cluster/y: move one by some minutes',
    ],
  ],
  [
    'two plans that make 21 snapshots of a node in a day',
    withPlans(
      ['{ cron: "0 0-18 * * ? *" }', '[cache-cluster/x, cache-cluster/y]'],
      ['{ cron: "30 3,15 * * ? *" }', '[cache-cluster/y]'],
    ),
    [
      '5:23 plans.a.schedule.cron is "0 0-18 * * ? *"; with the plans "a" and "b" up to 21 snapshots of cache-cluster/y are made in 24 hours; ElastiCache allows 20: run less often, or take source "latestAutomatic"',
    ],
  ],
  [
    'two plans that make 25 snapshots of a serverless cache in a day',
    withPlans(
      ['{ cron: "0/30 1-12 * * ? *" }', '[serverless-cache/x]'],
      ['{ cron: "5 14 * * ? *" }', '[serverless-cache/x]'],
    ),
    [
      '5:23 plans.a.schedule.cron is "0/30 1-12 * * ? *"; with the plans "a" and "b" up to 25 snapshots of serverless-cache/x are made in 24 hours; ElastiCache allows 24: run less often, or take source "latestAutomatic"',
    ],
  ],
  [
    'fewer reserved verifications than runs can want',
    'reservedConcurrency: { verifyObject: 29 }\n' +
      withPlans(
        ['{ cron: "0 3 * * ? *", flexibleMinutes: 15 }', '[cache-cluster/x, cache-cluster/y]'],
        ['{ cron: "15 3 ? * SUN *" }', '[cache-cluster/z]'],
      ),
    [
      '1:38 reservedConcurrency.verifyObject is 29; up to 3 runs start in one minute and each verifies 10 objects at a time: allowed is 30 or more, or leave it out',
    ],
  ],
];

describe.each(rows)('a config file with %s', (_, text, expected) => {
  it('is refused with the field, the value and the remedy', () => {
    expect(refusals(text)).toEqual(expected);
  });
});

describe('plans of one cache', () => {
  const nightly: [string, string] = ['{ cron: "0 3 * * ? *" }', '[cache-cluster/x]'];

  it('may fire on the same day at other minutes', () => {
    expect(refusals(withPlans(nightly, ['{ cron: "5 3 ? * SUN *" }', '[cache-cluster/x]']))).toEqual([]);
  });

  it('may fire at the same minute once one of them has ended', () => {
    const ended = '{ cron: "0 3 * * ? *", end: "2026-08-02T03:00:00Z" }';
    const later = '{ cron: "0 3 * * ? *", start: "2026-08-02T04:00:00Z" }';
    expect(refusals(withPlans([ended, '[cache-cluster/x]'], [later, '[cache-cluster/x]']))).toEqual([]);
  });

  it('clash on the one leap day that they share', () => {
    const leap = withPlans(nightly, ['{ cron: "0 3 29 2 ? *" }', '[cache-cluster/x]']);
    expect(refusals(leap)[0]).toContain('it fires at 2028-02-29T03:00Z as the plan "a" does');
  });

  it('are not compared while one is paused', () => {
    const paused = withPlans(nightly, ['{ cron: "0 3 * * ? *" }', '[cache-cluster/x]\n    paused: true']);
    expect(refusals(paused)).toEqual([]);
  });

  it('of other caches may fire at the same minute', () => {
    expect(refusals(withPlans(nightly, ['{ cron: "0 3 * * ? *" }', '[serverless-cache/x]']))).toEqual([]);
  });
});

describe('the quota of manual snapshots', () => {
  it('is 20 a day for nodes and 24 for serverless caches, which may just be used up', () => {
    expect(refusals(withPlans(['{ cron: "0 0-19 * * ? *" }', '[cache-cluster/x]']))).toEqual([]);
    expect(refusals(withPlans(['{ cron: "0 * * * ? *" }', '[serverless-cache/x]']))).toEqual([]);
  });

  it('counts late starts, which may push one more into a day', () => {
    const late = withPlans(['{ cron: "0 0-19 * * ? *", flexibleMinutes: 1 }', '[cache-cluster/x]']);
    expect(refusals(late)[0]).toContain('up to 21 snapshots of cache-cluster/x are made in 24 hours');
  });

  it('does not count plans that take automatic snapshots', () => {
    const automatic = '[cache-cluster/x]\n    source: latestAutomatic';
    expect(refusals(withPlans(['{ cron: "0/15 * * * ? *" }', automatic]))).toEqual([]);
  });
});

it('a file with problems in several plans is refused with all of them', () => {
  const text = withPlans(
    ['{ cron: "0 3 * *" }', '[cache-cluster/x]'],
    ['{ cron: "0 3 * * ? *" }', '[cache-cluster/y]\n    deadline: 30m\n    maxAge: 1h'],
  );
  expect(refusals(text).map((line) => line.split(' is ')[0])).toEqual([
    '5:23 plans.a.schedule.cron',
    '11:13 plans.b.maxAge',
  ]);
});

it('a deployment does not depend on when it is read', () => {
  const text = withPlans(['{ cron: "0 3 29 2 ? *", timeZone: Europe/Berlin }', '[cache-cluster/x]']);
  expect(parse(text, new Date('2031-05-05T05:05:05Z'))).toEqual(parse(text));
});

describe('a plan whose end is past', () => {
  it('is no reason to refuse the file, and has no schedule and no age', () => {
    const { plans } = parse(
      withPlan('schedule: { cron: "0 3 * * ? *", end: "2026-07-01T00:00:00Z" }', 'maxAge: 30h'),
    );
    expect(plans[0]).not.toHaveProperty('schedule');
    expect(plans[0]).not.toHaveProperty('maxAgeSeconds');
  });
});
