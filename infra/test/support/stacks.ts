/** Synthesized deployments, each made once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentApp } from '../../lib/app.ts';
import type { Deployment } from '../../lib/config/deployment.ts';
import { loadDeployment, parseDeployment } from '../../lib/config/load.ts';
import { exportsOf, type Resource, resolve, type Template } from './intrinsics.ts';

/** Folders that stand for the built functions: the stacks take them as they are and never run them. */
export const CODE_ROOT = join(import.meta.dirname, '..', 'fixtures', 'code');
/** The moment at which configs are read in tests. */
export const NOW = new Date('2026-11-20T12:00:00Z');

/** Both templates of a deployment, as they are and resolved. */
export interface Synthesized {
  readonly deployment: Deployment;
  readonly storage: Template;
  readonly workflow: Template;
  /** Properties of a resource with every intrinsic function resolved. */
  readonly properties: (resource: Resource) => Record<string, unknown>;
  /** The resources of both stacks of a type, by logical id. */
  readonly of: (type: string) => [id: string, resource: Resource][];
  /** Whether each stack is protected against being deleted. */
  readonly terminationProtection: Readonly<Record<string, boolean>>;
  /** What cdk-nag acknowledges: construct path, rule, reason. */
  readonly acknowledged: readonly Acknowledged[];
}

/** An acknowledged finding of cdk-nag. */
export interface Acknowledged {
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

const made = new Map<string, Synthesized>();

/** The deployment of a file of `config/`. */
export function example(name: 'minimal' | 'example'): Synthesized {
  const file = join(import.meta.dirname, '..', '..', 'config', `${name}.yaml`);
  return once(name, () => loadDeployment(file, { now: NOW }));
}

/** The deployment of a config that a test spells out. */
export function configured(text: string): Synthesized {
  return once(text, () => parseDeployment(text, 'test.yaml', { now: NOW }));
}

function once(key: string, load: () => Deployment): Synthesized {
  const known = made.get(key);
  if (known) return known;
  const synthesized = synthesize(load());
  made.set(key, synthesized);
  return synthesized;
}

function synthesize(deployment: Deployment): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'snapkeep-synth-'));
  try {
    const { app } = deploymentApp({ deployment, codeRoot: CODE_ROOT, outdir });
    const assembly = app.synth();
    const template = (name: string) => assembly.getStackArtifact(name).template as Template;
    const acknowledged = app.node.findAll().flatMap((construct) =>
      construct.node.metadata
        .filter((entry) => entry.type === 'aws:cdk:acknowledged-rules')
        .flatMap((entry) => Object.entries(entry.data as Record<string, string>))
        .map(([id, reason]) => ({ path: construct.node.path, id, reason: String(reason) })),
    );
    const terminationProtection = Object.fromEntries(
      assembly.stacks.map((stack) => [stack.id, stack.terminationProtection ?? false]),
    );
    const base = { deployment, acknowledged, terminationProtection };
    return withHelpers(base, template('Storage'), template('Workflow'));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function withHelpers(
  base: Pick<Synthesized, 'deployment' | 'acknowledged' | 'terminationProtection'>,
  storage: Template,
  workflow: Template,
): Synthesized {
  const imports = exportsOf(storage);
  const all = [...Object.entries(storage.Resources), ...Object.entries(workflow.Resources)];
  const templateOf = (resource: Resource) =>
    Object.values(storage.Resources).includes(resource) ? storage : workflow;
  return {
    ...base,
    storage,
    workflow,
    properties: (resource) =>
      resolve(resource.Properties ?? {}, templateOf(resource), imports) as Record<string, unknown>,
    of: (type) => all.filter(([, resource]) => resource.Type === type),
  };
}

/** A statement of a policy, resolved. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Record<string, Record<string, string | readonly string[]>>;
}

/** A value that may stand alone or in a list. */
export function listed<T>(value: T | readonly T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...value] : [value as T];
}

/** The statements of each role by the role's name. */
export function statementsByRole(synthesized: Synthesized): Map<string, PolicyStatement[]> {
  const byRole = new Map<string, PolicyStatement[]>();
  for (const [, role] of synthesized.of('AWS::IAM::Role')) {
    byRole.set(String(synthesized.properties(role).RoleName), []);
  }
  for (const [, policy] of synthesized.of('AWS::IAM::ManagedPolicy')) {
    const properties = synthesized.properties(policy);
    const { Statement } = properties.PolicyDocument as { Statement: PolicyStatement[] };
    for (const role of listed(properties.Roles as string[] | undefined)) {
      byRole.set(role, [...(byRole.get(role) ?? []), ...Statement]);
    }
  }
  return byRole;
}
