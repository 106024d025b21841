import { describe, expect, it } from 'vitest';
import { costCommand } from '../../ops/cost/command.ts';
import { type CostLine, costLines, DEFAULTS, monthly, work } from '../../ops/cost/model.ts';
import { expectGolden, run } from './support.ts';

const line = (part: string, usage = DEFAULTS): CostLine => {
  const found = costLines(usage).find((each) => each.part === part);
  if (!found) throw new Error(`no line ${part}`);
  return found;
};

describe('make cost', () => {
  it('prints the table of one cache and of a hundred', async () => {
    const { status, text } = await run(costCommand(), []);
    expectGolden('cost', text);
    expect(status).toBe(0);
  });

  it.each([
    ['Step Functions', 'run', 0.003575],
    ['Lambda: verification', 'run', 50 * 0.0000133334 + 0.0000002],
    ['CloudWatch: metrics of runs', 'run', 0.004521],
    ['S3: backups that are kept', 'cacheMonth', 4.025],
    ['S3: deleted backups that can be had back', 'cacheMonth', 3.45],
    ['ElastiCache: snapshots that stay', 'cacheMonth', 0.425],
    ['CloudWatch: alarms', 'month', 2.3],
  ] as const)('reckons %s by hand alike', (part, field, dollars) => {
    expect(line(part)[field]).toBeCloseTo(dollars, 6);
  });

  it('counts fixed parts once and the rest for each cache and run', () => {
    const made: CostLine = { part: '', reckoning: '', run: 1, cacheMonth: 10, month: 100 };
    expect(monthly(made, DEFAULTS, 1)).toBe(30 + 10 + 100);
    expect(monthly(made, DEFAULTS, 100)).toBe(3000 + 1000 + 100);
  });

  it('has the work that a run is known to do', () => {
    expect(work(DEFAULTS)).toEqual({ transitions: 143, looks: 44, reading: 50, verifyCalls: 1 });
    expect(work({ ...DEFAULTS, transitions: 140, shards: 3 })).toMatchObject({
      transitions: 146,
      verifyCalls: 3,
    });
    expect(work({ ...DEFAULTS, gigabytes: 168 })).toMatchObject({ transitions: 145, verifyCalls: 2 });
  });

  it.each([
    [['--gb', 'much'], '--gb is `much`; allowed is a number of at least 0'],
    [['--shards', '0'], '--shards is `0`; allowed is a number of at least 1'],
    [['--caches', '1,x'], '--caches is `1,x`; allowed are whole numbers from 1 with commas between'],
    [['--kept', ''], '--kept is ``; allowed is a number of at least 0'],
  ])('refuses %j', async (argv, expected) => {
    expect(await run(costCommand(), argv)).toEqual({ status: 2, text: `(stderr) error: ${expected}\n` });
  });

  it('lists its options', async () => {
    const { status, text } = await run(costCommand(), ['--help']);
    expect(status).toBe(0);
    expect(text).toContain('--gb N ');
  });
});
