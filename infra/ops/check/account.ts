/** Whether the caller is in the right account and Region, and the stacks are there. */
import type { Deployment } from '../../lib/config/deployment.ts';
import { named } from '../../lib/names.ts';
import type { Asked } from '../common/failure.ts';
import { type Stack, WORKFLOW_OUTPUTS } from '../common/stacks.ts';
import { quoted } from '../common/text.ts';
import { type Finding, fails, holds, judge, warns } from './finding.ts';

/** Who calls. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** The stacks of a deployment; absent where there is none. */
export interface Stacks {
  readonly storage: Asked<Stack | undefined>;
  readonly workflow: Asked<Stack | undefined>;
}

/** Judges account and Region; `shell` is the Region that the caller's variables name, if they name one. */
export function judgeIdentity(
  { account, region }: Deployment,
  identity: Identity,
  shell?: string,
): Finding[] {
  const who = `\`${identity.arn}\``;
  const place =
    account === undefined || account === identity.account
      ? holds(`${who} is of account ${identity.account}${account ? ', as the config says' : ''}`)
      : fails(
          `${who} is of account ${identity.account}, the config says ${account}`,
          'sign in to the account of the config, or correct `account` there',
        );
  if (shell === undefined || shell === region) return [place, holds(`the Region is ${region}`)];
  const text = `the Region is ${region}, as the config says; your shell says ${shell}`;
  return [
    place,
    warns(text, `the commands here go by the config; set AWS_REGION=${region} for those of AWS`),
  ];
}

/** Judges both stacks. */
export function judgeStacks({ name }: Deployment, { storage, workflow }: Stacks, env: string): Finding[] {
  const one = (
    asked: Asked<Stack | undefined>,
    which: 'storage' | 'workflow',
    outputs: readonly string[],
  ) => {
    const title = named(name, which);
    return judge(`stack \`${title}\``, asked, (stack) => judgeStack(title, stack, outputs, env));
  };
  return [...one(storage, 'storage', []), ...one(workflow, 'workflow', WORKFLOW_OUTPUTS)];
}

function judgeStack(
  name: string,
  stack: Stack | undefined,
  outputs: readonly string[],
  env: string,
): Finding {
  const deploy = `run \`make deploy ENV=${env}\``;
  if (!stack) return fails(`there is no stack \`${name}\``, deploy);
  const { status } = stack;
  if (status.endsWith('_IN_PROGRESS'))
    return warns(`stack \`${name}\` is ${status}`, 'wait until it is done');
  const complete = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];
  if (!complete.includes(status)) {
    return fails(
      `stack \`${name}\` is ${status}`,
      `see its events in the CloudFormation console, then ${deploy}`,
    );
  }
  const absent = outputs.filter((output) => !stack.outputs[output]);
  if (absent.length > 0) return fails(`stack \`${name}\` has no output ${quoted(absent)}`, deploy);
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    return warns(
      `stack \`${name}\` is as before its last update, which failed`,
      `see its events, then ${deploy}`,
    );
  }
  return holds(`stack \`${name}\` is deployed`);
}
