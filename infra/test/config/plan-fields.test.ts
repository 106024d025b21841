/** What each field of a plan refuses by itself. */

import { describe, expect, it } from 'vitest';
import { refusals, withCaches, withPlan } from './helpers.ts';

const daily = 'schedule: { cron: "0 3 * * ? *" }';
const cron = (fields: string, more = '') => withPlan(`schedule: { cron: "${fields}"${more} }`);

/** What is wrong, the file, and the lines in which it is told. */
const rows: [string, string, string[]][] = [
  [
    'a kind that ElastiCache does not have',
    withCaches('[cluster/orders]'),
    [
      '5:14 plans.nightly.caches[0] is "cluster/orders"; allowed as kind is "replication-group", "cache-cluster" or "serverless-cache"',
    ],
  ],
  [
    'a kind with a slip in it',
    withCaches('[replicaton-group/orders]'),
    [
      '5:14 plans.nightly.caches[0] is "replicaton-group/orders"; did you mean "replication-group"? allowed as kind is "replication-group", "cache-cluster" or "serverless-cache"',
    ],
  ],
  [
    'an id without its kind',
    withCaches('[orders]'),
    [
      '5:14 plans.nightly.caches[0] is "orders"; allowed is a kind and an id such as "replication-group/orders", the kind "replication-group", "cache-cluster" or "serverless-cache"',
    ],
  ],
  [
    'an id with two hyphens in a row',
    withCaches('[replication-group/or--ders]'),
    [
      '5:14 plans.nightly.caches[0] is "replication-group/or--ders"; allowed as the id of a replication-group are 1 to 40 letters, digits and single hyphens, starting with a letter and not ending with a hyphen',
    ],
  ],
  [
    "a replication group's id of 41 letters",
    withCaches(`[replication-group/${'a'.repeat(41)}]`),
    [
      '5:14 plans.nightly.caches[0] is "replication-group/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; allowed as the id of a replication-group are 1 to 40 letters, digits and single hyphens, starting with a letter and not ending with a hyphen',
    ],
  ],
  [
    "a cache cluster's id of 51 letters",
    withCaches(`[cache-cluster/${'a'.repeat(51)}]`),
    [
      '5:14 plans.nightly.caches[0] is "cache-cluster/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; allowed as the id of a cache-cluster are 1 to 50 letters, digits and single hyphens, starting with a letter and not ending with a hyphen',
    ],
  ],
  [
    "a serverless cache's id of 41 letters in a map",
    withCaches(`[{ kind: serverless-cache, id: ${'a'.repeat(41)} }]`),
    [
      '5:44 plans.nightly.caches[0].id is "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; allowed as the id of a serverless-cache are 1 to 40 letters, digits and single hyphens, starting with a letter and not ending with a hyphen',
    ],
  ],
  [
    'an unknown kind in a map',
    withCaches('[{ kind: memcached, id: orders }]'),
    [
      '5:22 plans.nightly.caches[0].kind is "memcached"; allowed as kind is "replication-group", "cache-cluster" or "serverless-cache"',
    ],
  ],
  [
    'no caches',
    withCaches('[]'),
    [
      '5:13 plans.nightly.caches is []; allowed is a list of at least one cache such as "replication-group/orders"',
    ],
  ],
  [
    'one cache that is no list',
    withCaches('replication-group/orders'),
    [
      '5:13 plans.nightly.caches is "replication-group/orders"; allowed is a list of at least one cache such as "replication-group/orders"',
    ],
  ],
  [
    "crontab's five fields",
    cron('0 3 * * *'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 * * *"; five fields are the grammar of crontab; EventBridge takes six: minute, hour, day-of-month, month, day-of-week and year, such as "0 3 * * ? *"',
    ],
  ],
  [
    'a rate',
    cron('rate(1 hour)'),
    [
      '6:23 plans.nightly.schedule.cron is "rate(1 hour)"; a rate counts from the moment of deployment, so nobody knows when it fires: say it as cron, such as "0 * * * ? *" for every hour or "0 3 * * ? *" for every day at 3',
    ],
  ],
  [
    'an expression that is wrapped',
    cron('cron(0 3 * * ? *)'),
    [
      '6:23 plans.nightly.schedule.cron is "cron(0 3 * * ? *)"; write the six fields alone, without "cron(" and ")"',
    ],
  ],
  [
    'a single time',
    cron('at(2027-01-01T00:00:00)'),
    [
      '6:23 plans.nightly.schedule.cron is "at(2027-01-01T00:00:00)"; a plan recurs: start a single backup by hand',
    ],
  ],
  [
    'two days without a question mark',
    cron('0 3 * * * *'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 * * * *"; exactly one of day-of-month (third) and day-of-week (fifth) must be "?", such as "0 3 * * ? *" for every day or "0 3 ? * MON *" for Mondays',
    ],
  ],
  [
    'two question marks',
    cron('0 3 ? * ? *'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 ? * ? *"; exactly one of day-of-month (third) and day-of-week (fifth) must be "?", such as "0 3 * * ? *" for every day or "0 3 ? * MON *" for Mondays',
    ],
  ],
  [
    'an hour that no clock has',
    cron('0 25 * * ? *'),
    ['6:23 plans.nightly.schedule.cron is "0 25 * * ? *"; "25" is no hour; allowed is 0-23 with , - * /'],
  ],
  [
    "crontab's Sunday",
    cron('0 3 ? * 0 *'),
    [
      '6:23 plans.nightly.schedule.cron is "0 3 ? * 0 *"; "0" is no day-of-week; allowed is 1-7 (1 is Sunday) or SUN-SAT with , - *, or one of ? L 6L 6#2 alone',
    ],
  ],
  [
    'a date without a time',
    cron('0 3 * * ? *', ', start: 2027-01-02'),
    [
      '6:45 plans.nightly.schedule.start is "2027-01-02"; allowed is a date and time with seconds and Z or an offset, such as "2027-01-01T00:00:00Z"',
    ],
  ],
  [
    'a time zone with a slip in it',
    cron('0 3 * * ? *', ', timeZone: Europe/Berlim'),
    [
      '6:48 plans.nightly.schedule.timeZone is "Europe/Berlim"; allowed are IANA names such as "Europe/Berlin"',
    ],
  ],
  [
    'an offset in place of a time zone',
    cron('0 3 * * ? *', ', timeZone: "+01:00"'),
    ['6:48 plans.nightly.schedule.timeZone is "+01:00"; allowed are IANA names such as "Europe/Berlin"'],
  ],
  [
    'a flexible window of a day',
    cron('0 3 * * ? *', ', flexibleMinutes: 1440'),
    ['6:55 plans.nightly.schedule.flexibleMinutes is 1440; allowed are whole numbers from 0 to 1439'],
  ],
  [
    'a deadline below ten minutes',
    withPlan(daily, 'deadline: 5m'),
    [
      '7:15 plans.nightly.deadline is "5m"; allowed are minutes, hours or days such as "90m", "6h" or "1d", from 10m to 23h',
    ],
  ],
  [
    'a deadline of a day',
    withPlan(daily, 'deadline: 1d'),
    [
      '7:15 plans.nightly.deadline is "1d"; allowed are minutes, hours or days such as "90m", "6h" or "1d", from 10m to 23h',
    ],
  ],
  [
    'a duration in words',
    withPlan(daily, 'deadline: 6 hours'),
    [
      '7:15 plans.nightly.deadline is "6 hours"; allowed are minutes, hours or days such as "90m", "6h" or "1d", from 10m to 23h',
    ],
  ],
  [
    'retention without a rule',
    withPlan(daily, 'retention: { minimum: 3 }'),
    [
      '7:16 plans.nightly.retention is {"minimum":3}; no rule in it keeps anything: set one of "keepLast", "keepHourly", "keepDaily", "keepWeekly", "keepMonthly", "keepYearly" and "keepWithin", or leave retention out to keep all',
    ],
  ],
  [
    'keep rules out of bounds',
    withPlan(daily, 'retention: { keepDaily: 1001, keepWithin: 1w, timeZone: Mars }'),
    [
      '7:29 plans.nightly.retention.keepDaily is 1001; allowed are whole numbers from 0 to 1000',
      '7:47 plans.nightly.retention.keepWithin is "1w"; allowed are years, months, days and hours such as "1y5m7d2h", each at most once and at most 9999, not all 0 (m is months)',
      '7:61 plans.nightly.retention.timeZone is "Mars"; allowed are IANA names such as "Europe/Berlin"',
    ],
  ],
  [
    'a switch in quotes',
    withPlan('paused: "yes"'),
    ['6:13 plans.nightly.paused is "yes"; allowed are true and false, without quotes'],
  ],
  [
    "YAML 1.1's yes",
    withPlan('paused: yes'),
    ['6:13 plans.nightly.paused is "yes"; allowed are true and false, without quotes'],
  ],
  [
    'unknown words',
    withPlan('notify: never', 'source: newest'),
    [
      '6:13 plans.nightly.notify is "never"; allowed are "failure", "recovery" and "always"',
      '7:13 plans.nightly.source is "newest"; allowed are "newSnapshot" and "latestAutomatic"',
    ],
  ],
  [
    'more than all percent',
    withPlan('anomaly: { maxKeyShrinkPercent: 101 }'),
    ['6:37 plans.nightly.anomaly.maxKeyShrinkPercent is 101; allowed are whole numbers from 0 to 100'],
  ],
  [
    'a field with a slip in it',
    withPlan('shedule: { cron: "0 3 * * ? *" }'),
    [
      '6:5 plans.nightly has "shedule"; did you mean "schedule"? allowed are "caches", "schedule", "paused", "source", "retention", "anomaly", "deadline", "maxAge" and "notify"',
    ],
  ],
  [
    'a rule with a slip in it, told once',
    withPlan('retention: { keepDayly: 7 }'),
    [
      '6:18 plans.nightly.retention has "keepDayly"; did you mean "keepDaily"? allowed are "keepLast", "keepHourly", "keepDaily", "keepWeekly", "keepMonthly", "keepYearly", "keepWithin", "minimum", "keepSnapshots", "maxDeletions", "dryRun" and "timeZone"',
    ],
  ],
];

describe.each(rows)('a config file with %s', (_, text, expected) => {
  it('is refused with the field, the value and the remedy', () => {
    expect(refusals(text)).toEqual(expected);
  });
});
