import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { choose, cutToMinute, executionName, manifestKey } from '../../ops/backup/choose.ts';
import { waitSeconds } from '../../ops/backup/follow.ts';
import { Steps, stepLine } from '../../ops/backup/steps.ts';
import { after, FAILURE, history, SUCCESS } from './history.ts';
import { deployment, NOW } from './support.ts';

function linesOf(events: readonly HistoryEvent[]): string[] {
  const steps = new Steps();
  return events.flatMap((event) => steps.observe(event)).map((step) => stepLine('orders', step));
}

describe('a cache of the config', () => {
  it.each([
    ['replication-group/orders', 'nightly', 'nightly replication-group/orders'],
    ['orders', 'hourly', 'hourly replication-group/orders'],
    ['Sessions', undefined, 'hourly cache-cluster/sessions'],
    ['serverless-cache/catalog', undefined, 'nightly serverless-cache/catalog'],
  ])('is found as %s, plan %s', (wanted, plan, expected) => {
    const { plan: found, cache } = choose(deployment(), wanted, plan);
    expect(`${found.name} ${cache.kind}/${cache.id}`).toBe(expected);
  });

  it('has to be told apart where an id is that of several', () => {
    const [nightly, ...rest] = deployment().plans;
    const twin = { kind: 'cache-cluster' as const, id: 'catalog', nodes: [] };
    const plans = nightly ? [{ ...nightly, caches: [...nightly.caches, twin] }, ...rest] : [];
    expect(() => choose({ ...deployment(), plans }, 'catalog', undefined)).toThrow(
      '`catalog` are several caches; give CACHE= one of serverless-cache/catalog, cache-cluster/catalog',
    );
  });
});

describe('names of a run', () => {
  it('fit into 80 characters and Step Functions’ alphabet', () => {
    expect(executionName('orders', NOW)).toBe('orders-manual-20261120T101542');
    expect(executionName('c'.repeat(50), NOW)).toMatch(/^c{43}-manual-[\dT]{15}$/);
  });

  it('go by the minute', () => {
    expect(cutToMinute(NOW)).toBe('2026-11-20T10:15:00Z');
    const input = { cache: { kind: 'cache-cluster', id: 'a' }, scheduledTime: '2026-11-20T10:15:00Z' };
    expect(manifestKey(JSON.stringify(input))).toBe('backups/cache-cluster/a/20261120t1015z/manifest.json');
    for (const odd of [undefined, '', '{}', '{"cache": {"kind": "x", "id": "y"}}'])
      expect(manifestKey(odd)).toBeUndefined();
  });
});

describe('following', () => {
  it('waits longer and longer, up to half a minute', () => {
    expect([0, 1, 4, 8, 100].map(waitSeconds)).toEqual([5, 6.25, 12.20703125, 29.802322387695312, 30]);
  });

  it.each<[string, HistoryEvent[], string[]]>([
    [
      'a run that succeeds',
      SUCCESS,
      [
        '✔ orders  CreateSnapshot        4.0 s  retried Backup.Throttled ×1',
        '✔ orders  CheckSnapshot    3 min 22 s  looked 2 times',
        '✔ orders  CopyToS3         3 min 14 s',
        '✔ orders  VerifyObjects      1 min 1 s  1 of 1 shard verified, 2 calls',
        '✔ orders  RecordBackup          1.0 s',
      ],
    ],
    [
      'a run that fails',
      FAILURE.slice(11),
      ['✘ orders  CopyToS3              1.0 s  Backup.BucketNotGranted'],
    ],
    [
      'a run that is stopped while it waits',
      history(
        ['TaskStateEntered', 0, 'CopyToS3'],
        ['WaitStateEntered', 1, 'WaitForExport'],
        ['ExecutionAborted', 61, { executionAbortedEventDetails: {} }],
      ),
      ['✔ orders  CopyToS3              1.0 s', '✘ orders  WaitForExport   1 min 0 s  aborted'],
    ],
    [
      'a run that is re-driven',
      after(
        FAILURE,
        history(
          ['ExecutionRedriven', 900],
          ['TaskScheduled', 900],
          ['WaitStateEntered', 901, 'WaitForExport'],
          ['TaskStateEntered', 916, 'CheckExport'],
        ),
      ).slice(11),
      [
        '✘ orders  CopyToS3              1.0 s  Backup.BucketNotGranted',
        '✔ orders  CopyToS3              1.0 s',
      ],
    ],
  ])('shows the steps of %s', (_, events, expected) => {
    expect(linesOf(events).map((line) => line.replace(/ +/g, ' '))).toEqual(
      expected.map((line) => line.replace(/ +/g, ' ')),
    );
  });

  it('shows nothing twice', () => {
    const steps = new Steps();
    for (const event of SUCCESS) steps.observe(event);
    expect(SUCCESS.flatMap((event) => steps.observe(event))).toEqual([]);
  });
});
