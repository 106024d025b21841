/** What a synthesized deployment consists of, counted: resources by stack, statements by role. */

/** A template, as far as it is counted. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A stack with its template. */
export interface Stack {
  /** Its name in the account. */
  readonly name: string;
  readonly template: Template;
}

/** A role and the number of statements in all its policies. */
export interface Role {
  readonly name: string;
  readonly statements: number;
}

/** Resources of a stack by type, most first. */
export function resourcesByType({ template }: Stack): [type: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(template.Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  return [...counts].sort(([a, most], [b, more]) => more - most || a.localeCompare(b));
}

/** Every role with its statements, by name. */
export function roles(stacks: readonly Stack[]): Role[] {
  const resources = stacks.flatMap(({ template }) => Object.entries(template.Resources));
  const counted = resources
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .map(([id, role]) => ({
      name: String(role.Properties?.RoleName ?? id),
      statements: resources
        .filter(([, policy]) => isAttachedTo(policy, id))
        .reduce((sum, [, policy]) => sum + statementCount(policy), 0),
    }));
  return counted.sort((a, b) => a.name.localeCompare(b.name));
}

function isAttachedTo({ Type, Properties }: Resource, role: string): boolean {
  const attached = (Properties?.Roles ?? []) as readonly { Ref?: string }[];
  return Type === 'AWS::IAM::ManagedPolicy' && attached.some(({ Ref }) => Ref === role);
}

function statementCount({ Properties }: Resource): number {
  const document = Properties?.PolicyDocument as { Statement: readonly unknown[] } | undefined;
  return document?.Statement.length ?? 0;
}

/** The summary as people read it. */
export function summaryText(stacks: readonly Stack[], acknowledged: number): string {
  const lines = stacks.flatMap((stack) => {
    const types = resourcesByType(stack);
    const total = types.reduce((sum, [, count]) => sum + count, 0);
    return [
      `${stack.name}: ${total} resources`,
      ...types.map(([type, count]) => `${pad(count)}  ${type}`),
      '',
    ];
  });
  const all = roles(stacks);
  return [
    ...lines,
    `${all.length} roles, by the number of their statements`,
    ...all.map(({ name, statements }) => `${pad(statements)}  ${name}`),
    '',
    `cdk-nag AwsSolutions: no finding, ${acknowledged} acknowledged with their reasons`,
  ].join('\n');
}

function pad(count: number): string {
  return String(count).padStart(5);
}
