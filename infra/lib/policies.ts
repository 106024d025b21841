/** Roles of functions and schedules: statements that are ours to the last one, in as many policies as they need. */
import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
// The form in which cdk-nag names what it finds; it has no public one.
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import { Construct } from 'constructs';
import type { Statement } from './rights.ts';

/**
 * Characters of statements that are put into one policy. A managed policy may have 6,144 without white space (IAM user
 * guide, *IAM and AWS STS quotas*); tokens become longer when they are resolved, so room is left.
 */
const POLICY_MAX = 4_000;
/** What a token such as an account number or a bucket's name may come to. */
const TOKEN_LENGTH = 24;

/** Properties of {@link ServiceRole}. */
export interface ServiceRoleProps {
  /** Name of the role. */
  readonly roleName: string;
  /** What it is for. */
  readonly description: string;
  /** The one service that assumes it. */
  readonly service: string;
  /**
   * Whether that service tells on whose behalf it assumes the role, so that the trust asks for this account. Lambda
   * does not.
   */
  readonly tellsSourceAccount: boolean;
  /** All that it may do. */
  readonly statements: readonly Statement[];
}

/**
 * A role whose policies nothing adds to: what CDK's own constructs would grant is passed over, so that every right of
 * the role stands in its list of statements.
 */
export class ServiceRole extends Construct {
  /** The role as other constructs take it: they may use it and may not change it. */
  public readonly role: iam.IRole;
  /** Its statements. */
  public readonly statements: readonly Statement[];
  /** Its managed policies in order. */
  public readonly policies: readonly iam.ManagedPolicy[];

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    this.statements = props.statements;
    checkPatterns(props.statements);
    const principal = new iam.ServicePrincipal(props.service);
    const trusted = props.tellsSourceAccount
      ? principal.withConditions({ StringEquals: { 'aws:SourceAccount': Stack.of(this).account } })
      : principal;
    const role = new iam.Role(this, 'Resource', {
      roleName: props.roleName,
      description: props.description,
      assumedBy: trusted,
    });
    this.policies = packed(props.statements).map(
      (statements, index) =>
        new iam.ManagedPolicy(this, `Policy${index === 0 ? '' : index + 1}`, {
          description: props.description,
          roles: [role],
          // Merged statements would lose their names, by which people and tests know them.
          document: new iam.PolicyDocument({
            minimize: false,
            statements: statements.map(toPolicyStatement),
          }),
        }),
    );
    for (const policy of this.policies) acknowledgePatterns(policy, props.statements);
    this.role = role.withoutPolicyUpdates();
  }
}

/** Whether a statement has a resource that is a pattern. */
export function hasPattern({ resources }: Statement): boolean {
  return resources.some((resource) => /[*?]/.test(resource));
}

/** Refuses a wildcard that nobody gave a reason for. */
export function checkPatterns(statements: readonly Statement[]): void {
  const bare = statements.find((statement) => hasPattern(statement) && !statement.pattern);
  if (!bare) return;
  throw new Error(
    `statement \`${bare.sid}\` has the pattern \`${bare.resources.find((r) => /[*?]/.test(r))}\` without a reason; give it one in \`pattern\``,
  );
}

/** Tells cdk-nag of each wildcard of a policy why it is there, by the names under which it finds them. */
export function acknowledgePatterns(policy: iam.ManagedPolicy, statements: readonly Statement[]): void {
  const stack = Stack.of(policy);
  for (const { sid, pattern, resources } of statements) {
    for (const resource of resources.map((resource) => flattenCfnReference(stack.resolve(resource)))) {
      if (!resource.includes('*')) continue;
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason: `${sid}: ${pattern}`,
      });
    }
  }
}

/** A statement as CDK has it. */
export function toPolicyStatement(statement: Statement): iam.PolicyStatement {
  const { sid, actions, resources, conditions } = statement;
  return new iam.PolicyStatement({ sid, actions: [...actions], resources: [...resources], conditions });
}

/**
 * Statements in policies that each stay below IAM's limit. One whose list of resources is too long by itself is cut
 * into several of the same name with a number behind it.
 */
export function packed(statements: readonly Statement[]): Statement[][] {
  const policies: Statement[][] = [[]];
  let room = POLICY_MAX;
  for (const statement of statements.flatMap((statement) => cut(statement))) {
    const size = length(statement);
    if (size > room && policies[policies.length - 1]?.length) {
      policies.push([]);
      room = POLICY_MAX;
    }
    policies[policies.length - 1]?.push(statement);
    room -= size;
  }
  return policies;
}

function cut(statement: Statement): Statement[] {
  if (length(statement) <= POLICY_MAX) return [statement];
  const half = Math.ceil(statement.resources.length / 2);
  if (half === statement.resources.length) return [statement];
  const parts = [statement.resources.slice(0, half), statement.resources.slice(half)];
  const cutParts = parts.flatMap((resources) => cut({ ...statement, resources }));
  const sid = statement.sid.replace(/\d+$/, '');
  return cutParts.map((part, index) => ({ ...part, sid: `${sid}${index + 1}` }));
}

function length(statement: Statement): number {
  const { sid, actions, resources, conditions } = statement;
  const text = JSON.stringify({ sid, effect: 'Allow', actions, resources, conditions });
  return text.replace(/\$\{Token\[[^\]]*\]\}/g, 't'.repeat(TOKEN_LENGTH)).length;
}
