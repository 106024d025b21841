import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../lib/config/deployment.ts';
import { executionInput, SCHEDULED_TIME } from '../../lib/execution-input.ts';
import { cache, deployment, plan } from './support.ts';

const INPUTS = new URL('../../../tests/fixtures/inputs/', import.meta.url);
const FILES = readdirSync(INPUTS).filter((file) => file.endsWith('.json'));

describe('the input of a run', () => {
  it('has a golden file for each kind', () => {
    expect(FILES).toHaveLength(3);
  });

  it.each(FILES)('is that of the golden file %s when a plan sets every field', (file) => {
    const golden = JSON.parse(readFileSync(new URL(file, INPUTS), 'utf8'));
    const of = cache(golden.cache.kind, golden.cache.id, ['some-node']);
    const { plan: name, source, retention, anomaly, deadlineSeconds, notify } = golden;
    const full: Plan = { ...plan(of), name, source, retention, anomaly, deadlineSeconds, notify };
    const made = executionInput({ ...deployment(), plans: [full] }, full, of, golden.scheduledTime);
    expect(made).toEqual(golden);
    expect(Object.keys(made)).toEqual(Object.keys(golden));
  });

  it('has no field that the config leaves to the functions', () => {
    const of = cache('cache-cluster', 'lonely');
    const bare = plan(of, { retention: { keepLast: 3, keepDaily: undefined }, anomaly: undefined });
    const text = JSON.stringify(executionInput({ ...deployment(), plans: [bare] }, bare, of, SCHEDULED_TIME));
    expect(JSON.parse(text)).toEqual({
      cache: { kind: 'cache-cluster', id: 'lonely' },
      plan: 'nightly',
      scheduledTime: '<aws.scheduler.scheduled-time>',
      source: 'newSnapshot',
      retention: { keepLast: 3 },
      deadlineSeconds: 21600,
      notify: 'recovery',
    });
    expect(
      executionInput({ ...deployment(), plans: [bare] }, bare, of, SCHEDULED_TIME).retention,
    ).not.toHaveProperty('keepDaily');
  });

  it('is refused for a plan of another deployment, which nobody would prune or watch', () => {
    const of = cache('cache-cluster', 'lonely');
    expect(() => executionInput(deployment(), plan(of, { name: 'weekly' }), of, SCHEDULED_TIME)).toThrow(
      'plan `weekly` is none of deployment `prod`',
    );
  });
});
