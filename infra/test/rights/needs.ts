/**
 * What no call of a function shows and AWS asks for all the same: made by a service with a role's rights, or on the way
 * to something encrypted. Each with the page that says so.
 */

import { CALLED } from '../../lib/backup-workflow.ts';
import { FUNCTIONS, type FunctionName } from '../../lib/config/deployment.ts';
import { ACCOUNT, REGION } from '../support/intrinsics.ts';
import type { Call } from './evaluate.ts';

/** A call that a role must be allowed, and who says so. */
export interface Need extends Call {
  /** The role without `snapkeep-prod-`. */
  readonly role: string;
  readonly source: string;
}

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const KEY = arn('kms', 'key/deploymentkey');
const QUEUE = arn('sqs', 'snapkeep-prod-undelivered');
const MACHINE = arn('states', 'stateMachine:snapkeep-prod-backup');
const BUCKET = 'arn:aws:s3:::snapkeep-backups';

function need(
  role: string,
  action: string,
  resource: string,
  source: string,
  context: Call['context'] = {},
): Need {
  return { role, action, resources: [resource], context, source };
}

const ofMachine = { 'kms:EncryptionContext:aws:states:stateMachineArn': MACHINE };
const through = (service: string) => ({ 'kms:ViaService': `${service}.${REGION}.amazonaws.com` });

function everyFunction(name: FunctionName): Need[] {
  const log = arn('logs', `log-group:/aws/lambda/snapkeep-prod-${name}:log-stream:2026/11/20/[1]abc`);
  const logs = 'Lambda guide, Execution role: logs are written with the function’s rights';
  const traces = 'Lambda guide, Visualize Lambda function invocations using AWS X-Ray';
  return [
    need(name, 'logs:CreateLogStream', log, logs),
    need(name, 'logs:PutLogEvents', log, logs),
    need(name, 'xray:PutTraceSegments', '*', traces),
    need(name, 'xray:PutTelemetryRecords', '*', traces),
  ];
}

function undelivered(role: string): Need[] {
  const send =
    'Lambda guide, Capturing records of asynchronous invocations; Scheduler guide, Dead-letter queues';
  const encrypt = 'SQS developer guide, Key management: a producer to a queue under a customer managed key';
  return [
    need(role, 'sqs:SendMessage', QUEUE, send),
    need(role, 'kms:GenerateDataKey', KEY, encrypt, through('sqs')),
    need(role, 'kms:Decrypt', KEY, encrypt, through('sqs')),
  ];
}

function schedules(): Need[] {
  const decrypt = 'Scheduler guide, Encryption at rest: the execution role decrypts the payload';
  return [
    need(
      'schedules',
      'states:StartExecution',
      MACHINE,
      'Step Functions guide, Authorization for versions and aliases',
    ),
    need('schedules', 'kms:Decrypt', KEY, decrypt, through('scheduler')),
    ...undelivered('schedules'),
    need(
      'watch-schedule',
      'lambda:InvokeFunction',
      arn('lambda', 'function:snapkeep-prod-watch'),
      'Scheduler guide, Setting up the execution role',
    ),
    need('watch-schedule', 'kms:Decrypt', KEY, decrypt, through('scheduler')),
    ...undelivered('watch-schedule'),
  ];
}

function stateMachine(): Need[] {
  const rest = 'Step Functions guide, Data at rest encryption: what the execution role needs';
  const delivery = 'Step Functions guide, Logging using CloudWatch Logs';
  const traces = 'Step Functions guide, AWS X-Ray and Step Functions';
  const deliveries = [
    'CreateLogDelivery',
    'GetLogDelivery',
    'UpdateLogDelivery',
    'DeleteLogDelivery',
    'ListLogDeliveries',
    'PutResourcePolicy',
    'DescribeResourcePolicies',
    'DescribeLogGroups',
  ];
  const tracing = ['PutTraceSegments', 'PutTelemetryRecords', 'GetSamplingRules', 'GetSamplingTargets'];
  return [
    ...CALLED.map((name) =>
      need(
        'state-machine',
        'lambda:InvokeFunction',
        arn('lambda', `function:snapkeep-prod-${name}`),
        'Step Functions guide, Lambda: the Tasks of backup.asl.json',
      ),
    ),
    need('state-machine', 'kms:Decrypt', KEY, rest, ofMachine),
    need('state-machine', 'kms:GenerateDataKey', KEY, rest, ofMachine),
    need('state-machine', 'kms:GenerateDataKey', KEY, rest, {
      'kms:EncryptionContext:SourceArn': arn('logs', '*'),
    }),
    ...deliveries.map((action) => need('state-machine', `logs:${action}`, '*', delivery)),
    ...tracing.map((action) => need('state-machine', `xray:${action}`, '*', traces)),
  ];
}

function telling(): Need[] {
  const publish =
    'SNS developer guide, Configuring AWS KMS permissions: what a publisher to an encrypted topic needs';
  const read =
    'Step Functions guide, Data at rest encryption: callers of DescribeExecution and GetExecutionHistory';
  return [
    need('notify', 'kms:GenerateDataKey', KEY, publish, through('sns')),
    need('notify', 'kms:Decrypt', KEY, publish, through('sns')),
    need('notify', 'kms:Decrypt', KEY, read, ofMachine),
    ...undelivered('notify'),
    ...undelivered('watch'),
  ];
}

function exporting(): Need[] {
  const guide =
    'ElastiCache user guide, Exporting a backup: what the caller of CopySnapshot must hold on the bucket';
  const probe = `${BUCKET}/any-object-that-elasticache-chooses`;
  return ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'].map((action) =>
    need('copy-to-s3', action, probe, guide),
  );
}

/** An existing bucket may have no versions to name. */
function unversioned(): Need[] {
  const source = 'S3 API reference, GetObject: without a version the right is s3:GetObject';
  return [
    need(
      'verify-object',
      's3:GetObject',
      `${BUCKET}/backups/cache-cluster/catalog/20261120t0300z/catalog-0001.rdb`,
      source,
    ),
  ];
}

/** What is written for a serverless export may lie in no folder: the other form that is accepted. */
function serverlessWithoutFolder(): Need[] {
  const source =
    'names.rs, ExportGrammar::serverless: the second form, which nobody has confirmed or ruled out [U]';
  const keys = ['carts-202611200300-0001.rdb', 'automatic.carts-2026-11-20-03-00-0001.rdb'];
  return keys.flatMap((key) => [
    need('check-status', 's3:GetObject', `${BUCKET}/${key}`, source),
    need('verify-object', 's3:GetObjectVersion', `${BUCKET}/${key}`, source),
    need('prune', 's3:DeleteObject', `${BUCKET}/${key}`, source),
  ]);
}

/** The record has this after a refusal of a snapshot of our own. */
function lookedUpAgain(): Need[] {
  const source = 'copy-to-s3: after a refusal the source is described again, an automatic one as well';
  const automatic = 'automatic.orders-002-2026-11-20-03-00';
  return [
    need('copy-to-s3', 'elasticache:DescribeSnapshots', arn('elasticache', `snapshot:${automatic}`), source),
    need(
      'copy-to-s3',
      'elasticache:DescribeServerlessCacheSnapshots',
      arn('elasticache', 'serverlesscachesnapshot:automatic.carts-2026-11-20-03-00'),
      source,
    ),
  ];
}

/** A missing object is told as missing only to whoever may list the bucket (S3 API reference, GetObject, HeadObject). */
function missing(): Need[] {
  const source = 'S3 API reference, GetObject and HeadObject, Permissions: 404 with s3:ListBucket, else 403';
  const readers = [
    'create-snapshot',
    'check-status',
    'verify-object',
    'record-backup',
    'prune',
    'notify',
    'watch',
  ];
  return readers.map((role) => need(role, 's3:ListBucket', BUCKET, source));
}

/** Every need of every role of the deployment `prod`. */
export function needs(): Need[] {
  return [
    ...FUNCTIONS.flatMap(everyFunction),
    ...schedules(),
    ...stateMachine(),
    ...telling(),
    ...exporting(),
    ...unversioned(),
    ...serverlessWithoutFolder(),
    ...lookedUpAgain(),
    ...missing(),
  ];
}
