/** Roles of functions and schedules: statements that are ours to the last one, in as many policies as they need. */
import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
// The form in which cdk-nag names what it finds; it has no public one.
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import { Construct } from 'constructs';
import type { Statement } from './rights.ts';

/**
 * Characters of statements that are put into one policy. A managed policy may have 6,144 without white space (IAM user
 * guide, *IAM and AWS STS quotas*), some of which are around the statements.
 */
const POLICY_MAX = 6_000;

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
 * Statements in policies that each stay below IAM's limit, filled one after the other. A statement whose resources do
 * not fit goes on in the next policy, under its name with a number behind it.
 */
export function packed(statements: readonly Statement[]): Statement[][] {
  const policies: Statement[][] = [];
  let open: Statement[] = [];
  let room = POLICY_MAX;
  const turn = () => {
    policies.push(open);
    open = [];
    room = POLICY_MAX;
  };
  for (const { sid, resources, ...rest } of statements) {
    let left = resources;
    for (let part = 1; left.length > 0; ) {
      const named = { ...rest, sid: part === 1 ? sid : `${sid}${part}` };
      const count = countThatFits(named, left, room);
      if (count === 0 && open.length > 0) {
        turn();
        continue;
      }
      // One that fits no policy at all is IAM's to refuse.
      const piece = { ...named, resources: left.slice(0, Math.max(1, count)) };
      open.push(piece);
      room -= length(piece);
      left = left.slice(piece.resources.length);
      part += 1;
      if (left.length > 0) turn();
    }
  }
  if (open.length > 0) policies.push(open);
  return policies;
}

/** How many of the resources a statement can have in so much room. */
function countThatFits(
  statement: Omit<Statement, 'resources'>,
  resources: readonly string[],
  room: number,
): number {
  let count = resources.length;
  while (count > 0 && length({ ...statement, resources: resources.slice(0, count) }) > room) count -= 1;
  return count;
}

/** Characters of a statement in JSON once its tokens are resolved, or a few more. */
function length({ sid, actions, resources, conditions }: Statement): number {
  const text = JSON.stringify({
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    Condition: conditions,
  });
  const longest = (token: string) =>
    token.includes('Partition') ? 10 : token.includes('Account') ? 12 : ARN_LENGTH;
  return [...text.replace(/\$\{Token\[([^\]]*)\]\}/g, (_, token: string) => '0'.repeat(longest(token)))]
    .length;
}

/** The longest of what other tokens stand for: ARNs of a key or of a bucket with a long name. */
const ARN_LENGTH = 90;
