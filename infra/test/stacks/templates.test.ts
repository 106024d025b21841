/** Both examples as whole templates, and what other tools say of them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Template } from '../support/intrinsics.ts';
import { configured, example } from '../support/stacks.ts';

const INFRA = join(import.meta.dirname, '..', '..');

describe.each(['minimal', 'example'] as const)('%s.yaml', (name) => {
  test.each(['storage', 'workflow'] as const)('makes the %s stack that was looked at', async (stack) => {
    // `npx vitest run -u` writes them anew; what is in the difference is what a deployment would change.
    await expect(readable(example(name)[stack])).toMatchFileSnapshot(
      join(INFRA, 'test', 'golden', `${name}-${stack}.yaml`),
    );
  });

  test('has no finding of cdk-nag, and a reason for each that is acknowledged', () => {
    // Synthesis fails on a finding that nobody acknowledged.
    expect(process.exitCode ?? 0).toBe(0);
    expect(example(name).acknowledged.length).toBeGreaterThan(20);
    for (const { path, id, reason } of example(name).acknowledged) {
      expect(reason.length, `${path} ${id}`).toBeGreaterThan(20);
    }
  });

  test('is clean for cfn-lint with its checks of level info, but for what its own file reasons', ({
    skip,
  }) => {
    const lint = process.env.CFN_LINT ?? '';
    if (!existsSync(lint)) {
      expect(process.env.SNAPKEEP_REQUIRE_TOOLS, 'cfn-lint is not there').toBeUndefined();
      skip('cfn-lint is not there; make test-infra installs it');
    }
    const folder = mkdtempSync(join(tmpdir(), 'snapkeep-lint-'));
    try {
      const files = (['storage', 'workflow'] as const).map((stack) => {
        const file = join(folder, `${stack}.json`);
        writeFileSync(file, JSON.stringify(example(name)[stack], null, 1));
        return file;
      });
      const config = join(INFRA, 'test', 'cfnlintrc.yaml');
      const { status, stdout, stderr } = spawnSync(lint, ['--config-file', config, '--', ...files], {
        encoding: 'utf8',
      });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('a program that may reach no network, and has no account, synthesizes the minimal example', () => {
  const preload = join(INFRA, 'test', 'support', 'no-network.cjs');
  const environment = { PATH: process.env.PATH ?? '', NODE_OPTIONS: `--require ${preload}` };
  const outdir = mkdtempSync(join(tmpdir(), 'snapkeep-offline-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/snapkeep.ts'], {
      cwd: INFRA,
      env: {
        ...environment,
        ENV: 'minimal',
        CODE_ROOT: join(INFRA, 'test', 'fixtures', 'code'),
        CDK_OUTDIR: outdir,
      },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(existsSync(join(outdir, 'Workflow.template.json'))).toBe(true);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});

test('as many caches as a config may name fit the limits of a stack and of its policies', () => {
  const caches = Array.from(
    { length: 120 },
    (_, n) => `replication-group/${'a'.repeat(36)}${String(n).padStart(3, '0')}`,
  );
  const large = configured(`
deployment: prod
region: eu-west-1
alerts: { email: [sre@example.com] }
plans:
  nightly: { schedule: { cron: "0 3 * * ? *" }, caches: [${caches.join(', ')}] }
`);
  expect(Object.keys(large.workflow.Resources).length).toBeLessThanOrEqual(500);
  expect(JSON.stringify(large.workflow).length).toBeLessThan(1_000_000);
  const attached = new Map<string, number>();
  for (const [, policy] of large.of('AWS::IAM::ManagedPolicy')) {
    const { PolicyDocument, Roles } = large.properties(policy) as {
      PolicyDocument: unknown;
      Roles?: string[];
    };
    // IAM counts without white space, and at most 10 policies a role (quotas of IAM).
    expect(JSON.stringify(PolicyDocument).length).toBeLessThanOrEqual(6_144);
    for (const role of Roles ?? []) attached.set(role, (attached.get(role) ?? 0) + 1);
  }
  expect(Math.max(...attached.values())).toBeLessThanOrEqual(10);
  const watch = large.of('AWS::Scheduler::Schedule').map(([, schedule]) => large.properties(schedule));
  for (const { Target } of watch) {
    expect((Target as { Input: string }).Input.length).toBeLessThanOrEqual(256 * 1024);
  }
});

/** A template as YAML, without what differs from build to build. */
function readable(template: Template): string {
  const text = stringify(template, { lineWidth: 0, aliasDuplicateObjects: false });
  return text.replace(/[0-9a-f]{64}\.zip/g, '<digest of the code>.zip');
}
