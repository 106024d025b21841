import { expect, test } from 'vitest';
import { configured } from '../support/stacks.ts';

function config(region: string): string {
  return `
deployment: prod
region: ${region}
alerts: { email: [sre@example.com] }
plans:
  nightly:
    schedule: { cron: "0 3 * * ? *" }
    caches: [replication-group/orders, serverless-cache/carts]
`;
}

test.each([
  ['cn-north-1', 'another partition'],
  ['us-gov-west-1', 'another partition'],
  ['me-central-1', 'a Region that is opted into'],
])('%s, %s, has its own export principal and no ARN of the public partition', (region) => {
  const { storage, workflow } = configured(config(region));
  expect(JSON.stringify(storage)).toContain(`"Service":"${region}.elasticache-snapshot.amazonaws.com"`);
  for (const template of [storage, workflow]) {
    // The state machine file and Slack's guardrail have placeholders and tokens in place of a partition.
    expect(JSON.stringify(template).match(/arn:aws[a-z-]*:[^"]*/g) ?? []).toEqual([]);
  }
});
