/** What is filled in, the examples, and the bounds that other languages hold too. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Plan } from '../../lib/config/deployment.ts';
import { FUNCTIONS } from '../../lib/config/deployment.ts';
import { allFields } from '../../lib/config/issues.ts';
import * as limits from '../../lib/config/limits.ts';
import { loadDeployment, mapConcurrency } from '../../lib/config/load.ts';
import { editDistance, listed, nearest } from '../../lib/config/suggest.ts';
import { readDuration, readKeepWithin } from '../../lib/config/words.ts';
import { NOW, parse, refusals, withCaches, withField, withPlan, withPlans } from './helpers.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const example = () => loadDeployment(path('config/example.yaml'), { now: NOW });

function onlyPlan(text: string): Plan {
  const [plan] = parse(text).plans;
  if (plan === undefined) throw new TypeError('no plan');
  return plan;
}

describe('the minimal file', () => {
  it('has fewer than ten lines and gives every default', () => {
    expect(readFileSync(path('config/minimal.yaml'), 'utf8').trim().split('\n').length).toBeLessThan(10);
    const small = { memoryMb: 256 };
    expect(loadDeployment(path('config/minimal.yaml'), { now: NOW })).toEqual({
      name: 'prod',
      region: 'eu-west-1',
      architecture: 'arm64',
      logRetentionDays: 90,
      functions: {
        'create-snapshot': small,
        'check-status': small,
        'copy-to-s3': small,
        'verify-object': { memoryMb: 1024 },
        'record-backup': small,
        prune: small,
        notify: small,
        watch: small,
      },
      bucket: { existing: false, noncurrentDays: 30, sourceAccountCondition: false },
      alerts: { email: ['sre@example.com'], alarmActions: [] },
      plans: [
        {
          name: 'nightly',
          caches: [{ kind: 'replication-group', id: 'orders', nodes: [] }],
          schedule: { cron: '0 3 * * ? *', timeZone: 'UTC', flexibleMinutes: 0, intervalSeconds: 86_400 },
          paused: false,
          source: 'newSnapshot',
          deadlineSeconds: 21_600,
          maxAgeSeconds: 108_000,
          notify: 'recovery',
        },
      ],
      tags: {},
    });
  });
});

describe('the example file', () => {
  it('shows every field', () => {
    const shown = new Set<string>();
    const walk = (value: unknown, above: string) => {
      if (Array.isArray(value)) for (const item of value) walk(item, `${above}[]`);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, below] of Object.entries(value)) {
          const name =
            above === 'plans' || above === 'tags' ? `${above}.*` : above === '' ? key : `${above}.${key}`;
          shown.add(name);
          walk(below, name);
        }
      }
    };
    walk(parseYaml(readFileSync(path('config/example.yaml'), 'utf8')), '');
    expect(allFields().filter((field) => !shown.has(field))).toEqual([]);
    expect(allFields()).toContain('plans.*.caches[].nodes');
    expect(allFields()).toContain('reservedConcurrency.copyToS3');
  });

  it('shows every kind of cache, source and pause', () => {
    const { plans } = example();
    const kinds = new Set(plans.flatMap(({ caches }) => caches.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(['cache-cluster', 'replication-group', 'serverless-cache']);
    expect(
      plans.map(({ name, source, paused, schedule }) => [name, source, paused, schedule !== undefined]),
    ).toEqual([
      ['nightly', 'newSnapshot', false, true],
      ['working-hours', 'newSnapshot', false, true],
      ['hourly', 'newSnapshot', false, true],
      ['weekly-compliance', 'newSnapshot', false, true],
      ['from-automatic', 'latestAutomatic', false, true],
      ['retired', 'newSnapshot', true, true],
      ['before-release', 'newSnapshot', false, false],
    ]);
  });

  it('reads its fields as they are meant', () => {
    const [nightly] = example().plans;
    expect(nightly?.caches.at(-1)).toEqual({ kind: 'replication-group', id: 'legacy', nodes: ['old-redis'] });
    expect(nightly?.schedule).toEqual({
      cron: '0 3 * * ? *',
      timeZone: 'Europe/Berlin',
      flexibleMinutes: 30,
      end: '2099-12-31T22:59:59Z',
      intervalSeconds: 25 * 3600,
    });
    expect([nightly?.deadlineSeconds, nightly?.maxAgeSeconds]).toEqual([4 * 3600, 30 * 3600]);
    expect(nightly?.retention).toMatchObject({ keepDaily: 14, keepWithin: '7d', timeZone: 'Europe/Berlin' });
  });

  it('reserves as much for verification as its busiest minute wants', () => {
    const text = readFileSync(path('config/example.yaml'), 'utf8').replace(
      'verifyObject: 50',
      'verifyObject: 49',
    );
    expect(refusals(text)[0]).toContain(
      'up to 5 runs start in one minute and each verifies 10 objects at a time',
    );
  });
});

describe('what a file leaves out', () => {
  it('is the interval as a deadline, six hours at most and ten minutes at least', () => {
    const deadlines = ['0 * * * ? *', '0/15 * * * ? *', '0 3 ? * SUN *'].map((cron) => {
      const automatic = withPlan(`schedule: { cron: "${cron}" }`, 'source: latestAutomatic');
      return onlyPlan(automatic).deadlineSeconds;
    });
    expect(deadlines).toEqual([3600, 900, 21_600]);
  });

  it('is interval, window and deadline as the greatest age', () => {
    const text = withPlan('schedule: { cron: "0 3 * * ? *", flexibleMinutes: 30 }', 'deadline: 45m');
    expect(onlyPlan(text).maxAgeSeconds).toBe(86_400 + 30 * 60 + 45 * 60);
  });

  it('is six hours and no age where a plan has no schedule', () => {
    expect(onlyPlan(withPlan('notify: always'))).toEqual({
      name: 'nightly',
      caches: [{ kind: 'replication-group', id: 'orders', nodes: [] }],
      paused: false,
      source: 'newSnapshot',
      deadlineSeconds: 21_600,
      notify: 'always',
    });
  });

  it("is the schedule's zone for retention, or UTC", () => {
    const retention = 'retention: { keepDaily: 7 }';
    const berlin = withPlan('schedule: { cron: "0 3 * * ? *", timeZone: Europe/Berlin }', retention);
    expect(onlyPlan(berlin).retention).toEqual({ keepDaily: 7, timeZone: 'Europe/Berlin' });
    expect(onlyPlan(withPlan(retention)).retention).toEqual({ keepDaily: 7, timeZone: 'UTC' });
  });
});

describe('what is written', () => {
  it('is lower-cased where ElastiCache stores lower case', () => {
    const text = withCaches(
      '[cache-cluster/Orders, { kind: replication-group, id: Carts, nodes: [Old-Node] }]',
    );
    expect(onlyPlan(text).caches).toEqual([
      { kind: 'cache-cluster', id: 'orders', nodes: [] },
      { kind: 'replication-group', id: 'carts', nodes: ['old-node'] },
    ]);
  });

  it('may be anchored once and used again', () => {
    const text = withPlans(
      ['{ cron: "0 3 * * ? *" }', '&all [cache-cluster/x]\n    retention: &keep { keepDaily: 7 }'],
      ['{ cron: "0 4 * * ? *" }', '*all\n    retention: *keep'],
    );
    const [a, b] = parse(text).plans;
    expect(b?.caches).toEqual(a?.caches);
    expect(b?.retention).toEqual(a?.retention);
  });

  it('is refused at its use where an anchored value is wrong, line and all', () => {
    const text = withPlans(['{ cron: "0 3 * * ? *" }', '&all [x]'], ['{ cron: "0 4 * * ? *" }', '*all']);
    expect(refusals(text).map((line) => line.split(' is ')[0])).toEqual([
      '6:19 plans.a.caches[0]',
      '6:19 plans.b.caches[0]',
    ]);
  });

  it('may say every function, Region and partition', () => {
    const key = 'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd';
    const text = withField(`keyArn: ${key}`, 'account: "012345678901"').replace('eu-west-1', 'us-gov-west-1');
    expect(parse(text)).toMatchObject({ account: '012345678901', keyArn: key });
    const topic = 'arn:aws-cn:sns:cn-north-1:123456789012:alerts';
    expect(
      refusals(withField(`alerts: { topicArn: "${topic}" }`).replace('eu-west-1', 'cn-north-1')),
    ).toEqual([]);
  });
});

describe('the bounds', () => {
  const rust = (file: string) => readFileSync(path(`../functions/shared/backup-core/src/${file}`), 'utf8');

  it('are those of the functions', () => {
    expect(rust('input.rs')).toContain('RangeInclusive<u32> = 600..=23 * 3600');
    expect(limits.DEADLINE_SECONDS).toEqual({ from: 600, to: 23 * 3600 });
    expect(rust('retention.rs')).toContain(`MOST_KEPT: u32 = ${limits.KEPT.to};`);
    expect(rust('retention.rs')).toContain(`MOST_SNAPSHOTS: u32 = ${limits.KEPT_SNAPSHOTS.to};`);
    expect(rust('input.rs')).toContain('(1..=40).contains(&text.len())');
    expect(limits.PLAN_NAME.to).toBeLessThanOrEqual(40);
  });

  it('leave room for the longest names of AWS', () => {
    const deployment = 'a'.repeat(limits.DEPLOYMENT_NAME.to);
    const longest = Math.max(...FUNCTIONS.map((name) => `snapkeep-${deployment}-${name}`.length));
    expect(longest).toBeLessThanOrEqual(64);
    expect(`snapkeep-${deployment}-${'p'.repeat(limits.PLAN_NAME.to)}`.length).toBeLessThanOrEqual(64);
    expect(`rg-${'c'.repeat(Math.max(...Object.values(limits.CACHE_ID)))}`.length).toBeLessThanOrEqual(64);
  });

  it('of verification come from the state machine', () => {
    expect(mapConcurrency(readFileSync(path('../statemachine/backup.asl.json'), 'utf8'))).toBe(10);
    expect(() => mapConcurrency('{"States": {}}')).toThrow('is undefined, allowed is a number');
  });
});

describe('small grammars', () => {
  it.each([
    ['45m', 2700],
    ['90m', 5400],
    ['6h', 21_600],
    ['26h', 93_600],
    ['1d', 86_400],
    ['1h30m', undefined],
    ['6', undefined],
    ['h', undefined],
    ['-1h', undefined],
    ['6H', undefined],
    [' 6h', undefined],
  ])('the duration %s is %s seconds', (text, expected) => {
    expect(readDuration(text)).toBe(expected);
  });

  it.each([
    ['1y5m7d2h', (366 + 5 * 31 + 7) * 86_400 + 7200],
    ['2h1y', 366 * 86_400 + 7200],
    ['0y3d', 3 * 86_400],
    ['10000d', undefined],
    ['', undefined],
    ['0d', undefined],
    ['7', undefined],
    ['7w', undefined],
    ['7d7d', undefined],
    ['-7d', undefined],
    ['7 d', undefined],
    ['7D', undefined],
  ])('the span %s reaches back %s seconds at most', (text, expected) => {
    expect(readKeepWithin(text)).toBe(expected);
  });

  it('words are as far apart as the letters that were slipped', () => {
    expect(editDistance('schedule', 'shedule')).toBe(1);
    expect(editDistance('shcedule', 'schedule')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(nearest('timezone', ['timeZone', 'cron'])).toBe('timeZone');
    expect(nearest('colour', ['timeZone', 'cron'])).toBeUndefined();
    expect([listed(['a']), listed(['a', 'b', 'c'], 'or')]).toEqual(['"a"', '"a", "b" or "c"']);
  });
});
