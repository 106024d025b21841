/** The two stacks of a deployment, and what they say of themselves. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { named } from '../../lib/names.ts';
import { CommandError } from './command.ts';
import { codeOf } from './failure.ts';

/** Names of the outputs of the workflow stack. */
export const WORKFLOW_OUTPUTS = [
  'StateMachineArn',
  'BucketName',
  'TopicArn',
  'FunctionRoleArns',
  'NotifyFunctionName',
  'OperatorPolicyArn',
  'DashboardUrl',
] as const;

/** The name of an output of the workflow stack. */
export type WorkflowOutput = (typeof WORKFLOW_OUTPUTS)[number];

/** A stack as CloudFormation describes it. */
export interface Stack {
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A stack, or nothing where there is none (`DescribeStacks` then answers `ValidationError`). */
export async function describeStack(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    if (!stack?.StackStatus) return undefined;
    const outputs = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return { status: stack.StackStatus, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    const absent =
      codeOf(error) === 'ValidationError' && error instanceof Error && /does not exist/.test(error.message);
    if (absent) return undefined;
    throw error;
  }
}

/** One output of the workflow stack, or what to do where it is not there. */
export async function workflowOutputs<N extends WorkflowOutput>(
  region: string,
  deployment: string,
  env: string,
  names: readonly N[],
): Promise<Readonly<Record<N, string>>> {
  const name = named(deployment, 'workflow');
  const stack = await describeStack(new CloudFormationClient({ region }), name);
  if (!stack)
    throw new CommandError(`there is no stack \`${name}\` in ${region}; run \`make deploy ENV=${env}\``);
  const absent = names.filter((output) => !stack.outputs[output]);
  if (absent.length > 0) {
    const which = absent.map((output) => `\`${output}\``).join(', ');
    throw new CommandError(
      `stack \`${name}\` is ${stack.status} and has no output ${which}; run \`make deploy ENV=${env}\``,
    );
  }
  return stack.outputs as Readonly<Record<N, string>>;
}
