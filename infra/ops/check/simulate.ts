/** Asks IAM's simulator what the roles may do. */
import {
  type ContextEntry,
  type EvaluationResult,
  type IAMClient,
  paginateSimulatePrincipalPolicy,
} from '@aws-sdk/client-iam';
import { type Asked, ask } from '../common/failure.ts';
import type { Question, Verdict } from './rights.ts';

/** Resources of one call: an answer has a page for some hundred pairs of action and resource. */
const RESOURCES_A_CALL = 50;

/** The verdicts on all questions about one role. */
export function simulate(
  client: IAMClient,
  roleArn: string,
  questions: readonly Question[],
): Promise<Asked<Verdict[]>> {
  return ask('iam:SimulatePrincipalPolicy', async () => {
    const verdicts: Verdict[] = [];
    for (const question of questions) {
      for (let from = 0; from < question.resources.length; from += RESOURCES_A_CALL) {
        const resources = question.resources.slice(from, from + RESOURCES_A_CALL);
        verdicts.push(...(await simulateOne(client, roleArn, { ...question, resources })));
      }
    }
    return verdicts;
  });
}

async function simulateOne(client: IAMClient, roleArn: string, question: Question): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const request = {
    PolicySourceArn: roleArn,
    ActionNames: [...question.actions],
    ResourceArns: [...question.resources],
    ContextEntries: contextEntries(question.context),
  };
  for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client }, request)) {
    verdicts.push(...EvaluationResults.flatMap(verdictsOf));
  }
  return verdicts;
}

/** A request that sets or has tags has the list of their keys as well. */
function contextEntries(context: Readonly<Record<string, string>>): ContextEntry[] {
  const tags = Object.keys(context).flatMap((key) => /^aws:RequestTag\/(.+)$/.exec(key)?.[1] ?? []);
  const entries: ContextEntry[] = Object.entries(context).map(([key, value]) => ({
    ContextKeyName: key,
    ContextKeyType: 'string',
    ContextKeyValues: [value],
  }));
  if (tags.length === 0) return entries;
  return [
    ...entries,
    { ContextKeyName: 'aws:TagKeys', ContextKeyType: 'stringList', ContextKeyValues: tags },
  ];
}

/** IAM gives one result an action, with one of its own for each resource where there are several. */
function verdictsOf(result: EvaluationResult): Verdict[] {
  const common = {
    action: result.EvalActionName ?? '',
    byOrganization: result.OrganizationsDecisionDetail?.AllowedByOrganizations,
  };
  const specific = result.ResourceSpecificResults ?? [];
  const each =
    specific.length > 0
      ? specific.map((one) => ({
          ...one,
          resource: one.EvalResourceName,
          decision: one.EvalResourceDecision,
        }))
      : [{ ...result, resource: result.EvalResourceName, decision: result.EvalDecision }];
  return each.map((one) => ({
    ...common,
    resource: one.resource ?? '*',
    decision: one.decision ?? 'implicitDeny',
    byBoundary: (one.PermissionsBoundaryDecisionDetail ?? result.PermissionsBoundaryDecisionDetail)
      ?.AllowedByPermissionsBoundary,
    statements: (one.MatchedStatements ?? []).map(({ SourcePolicyId = '', SourcePolicyType = 'none' }) => ({
      policy: SourcePolicyId,
      type: SourcePolicyType,
    })),
    missing: one.MissingContextValues ?? [],
  }));
}
