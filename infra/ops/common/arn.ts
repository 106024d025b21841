/** ARNs, and what a person clicks or pastes about an execution (as `functions/notify/src/links.rs` makes it). */
import { shellQuoted } from './text.ts';

/** The parts of an ARN. */
export interface Arn {
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  readonly service: string;
  /** Empty for what is global. */
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** All after the account. */
  readonly resource: string;
}

/** The parts of `arn:<partition>:<service>:<region>:<account>:…`, or nothing for what is no ARN. */
export function parseArn(text: string): Arn | undefined {
  const [head, partition, service, region, account, ...resource] = text.split(':');
  if (head !== 'arn' || !partition || !service || region === undefined || account === undefined)
    return undefined;
  return resource.length === 0
    ? undefined
    : { partition, service, region, account, resource: resource.join(':') };
}

/** The execution's page in the console of its partition. */
export function consoleLink(executionArn: string): string | undefined {
  const arn = parseArn(executionArn);
  if (!arn?.region) return undefined;
  const hosts: Readonly<Record<string, string>> = {
    'aws-cn': 'console.amazonaws.cn',
    'aws-us-gov': 'console.amazonaws-us-gov.com',
  };
  const host = hosts[arn.partition] ?? 'console.aws.amazon.com';
  return `https://${arn.region}.${host}/states/home?region=${arn.region}#/v2/executions/details/${encodeURI(executionArn)}`;
}

/** The line that re-drives an execution. */
export function redriveCommand(executionArn: string): string {
  const region = parseArn(executionArn)?.region ?? '';
  return command(
    'aws',
    'stepfunctions',
    'redrive-execution',
    '--execution-arn',
    executionArn,
    '--region',
    region,
  );
}

/** The line that prints an object. */
export function showObjectCommand(bucket: string, key: string, region: string): string {
  return command('aws', 's3', 'cp', `s3://${bucket}/${key}`, '-', '--region', region);
}

function command(...words: string[]): string {
  return words.map(shellQuoted).join(' ');
}
