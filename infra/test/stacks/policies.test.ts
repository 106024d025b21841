import { expect, test } from 'vitest';
import { checkPatterns, packed } from '../../lib/policies.ts';
import type { Statement } from '../../lib/rights.ts';

function statement(sid: string, count: number): Statement {
  const resources = Array.from(
    { length: count },
    (_, n) => `arn:aws:elasticache:eu-west-1:000000000000:cluster:${sid}-${n}`,
  );
  return { sid, actions: ['elasticache:DescribeCacheClusters'], resources };
}

test('statements that fit stay as they are, in one policy', () => {
  const few = [statement('A', 2), statement('B', 3)];
  expect(packed(few)).toEqual([few]);
});

test('a statement that is too long goes on in the next policy under another name, and loses nothing', () => {
  const policies = packed([statement('A', 50), statement('B', 200), statement('C', 1)]);
  const all = policies.flat();
  expect(all.map(({ sid }) => sid)).toEqual(['A', 'B', 'B2', 'B3', 'C']);
  for (const sid of ['A', 'B', 'C']) {
    const parts = all
      .filter((part) => part.sid.replace(/\d+$/, '') === sid)
      .flatMap(({ resources }) => resources);
    expect(parts).toEqual(statement(sid, parts.length).resources);
  }
  for (const policy of policies) {
    const text = JSON.stringify(policy.map(({ sid, actions, resources }) => ({ sid, actions, resources })));
    expect(text.length).toBeLessThan(6_144);
  }
});

test('a resource that fits nowhere else begins a policy', () => {
  const policies = packed([statement('A', 90), statement('B', 20)]);
  expect(policies.map((policy) => policy.map(({ sid }) => sid))).toEqual([['A', 'B'], ['B2']]);
});

test('a pattern without a reason is refused by name', () => {
  expect(() =>
    checkPatterns([{ sid: 'Read', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] }]),
  ).toThrow('statement `Read` has the pattern `arn:aws:s3:::b/*` without a reason');
});
