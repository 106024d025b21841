/** One Lambda function of a deployment. */

import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from './config/deployment.ts';
import { functionLogGroup, functionName, regional } from './names.ts';
import { ServiceRole } from './policies.ts';
import type { Statement } from './rights.ts';

/** Properties of {@link BackupFunction}. */
export interface BackupFunctionProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** Which function; also the folder of its code. */
  readonly name: FunctionName;
  /** What it runs. */
  readonly code: lambda.Code;
  /** What the code was built for. */
  readonly architecture: lambda.Architecture;
  /** Memory in MB; CPU follows it. */
  readonly memoryMb: number;
  /** When Lambda kills an invocation; 5 s or more below the Task's own time-out. */
  readonly timeout: Duration;
  /** Variables beside those that Lambda sets. */
  readonly environment: Record<string, string>;
  /** What it may do, beside writing its own log and traces. */
  readonly statements: readonly Statement[];
  /** Encrypts its log and its variables. */
  readonly key: kms.IKey;
  /** How long its log is kept. */
  readonly logRetention: logs.RetentionDays;
  /**
   * Invocations at a time that are kept for it, and that it may not exceed.
   * @default - the account's common pool
   */
  readonly reservedConcurrency?: number;
  /**
   * Where events of asynchronous calls go that failed to the end.
   * @default - it is only called synchronously
   */
  readonly onFailure?: sqs.IQueue;
  /**
   * Lets only signed code run.
   * @default - code is not signed
   */
  readonly codeSigning?: lambda.ICodeSigningConfig;
}

/** Attempts that Lambda makes after the first failure of an asynchronous call (Lambda guide: 0 to 2). */
export const ASYNC_RETRIES = 2;
/** How long an asynchronous event may wait for its attempts. */
export const ASYNC_MAX_AGE = Duration.hours(1);

/** A function with its log group and a role of its own. */
export class BackupFunction extends Construct {
  /** The function. */
  public readonly function: lambda.Function;
  /** Its role, with every statement. */
  public readonly serviceRole: ServiceRole;
  /** Its log. */
  public readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: BackupFunctionProps) {
    super(scope, id);
    const { deployment, name } = props;
    this.logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: functionLogGroup(deployment, name),
      retention: props.logRetention,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.serviceRole = new ServiceRole(this, 'Role', {
      roleName: regional(deployment, name, Stack.of(this).region),
      description: `snapkeep ${deployment}: ${name}`,
      service: 'lambda.amazonaws.com',
      tellsSourceAccount: false,
      statements: [...props.statements, ...this.ownStatements(props)],
    });
    this.function = new lambda.Function(this, 'Resource', {
      functionName: functionName(deployment, name),
      description: DESCRIPTIONS[name],
      code: props.code,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      architecture: props.architecture,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: props.environment,
      environmentEncryption: props.key,
      role: this.serviceRole.role,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      systemLogLevelV2: lambda.SystemLogLevel.INFO,
      tracing: lambda.Tracing.ACTIVE,
      reservedConcurrentExecutions: props.reservedConcurrency,
      codeSigningConfig: props.codeSigning,
    });
    this.function.node.addDependency(...this.serviceRole.policies);
    if (props.onFailure) this.keepFailedEvents(props.onFailure);
  }

  /** What every function needs to be seen. */
  private ownStatements(props: BackupFunctionProps): Statement[] {
    const stack = Stack.of(this);
    const log = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${functionLogGroup(props.deployment, props.name)}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const failed: Statement[] = props.onFailure ? queueStatements(props.onFailure, props.key, stack) : [];
    return [
      {
        sid: 'WriteLog',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [log],
        pattern: 'Lambda names the streams of a log',
        reason: 'Lambda guide, *Execution role*: Lambda writes the log with the function’s own rights',
      },
      {
        sid: 'WriteTraces',
        actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
        resources: ['*'],
        pattern: 'the actions have no resource level',
        reason:
          'Lambda guide, *Visualize Lambda function invocations using AWS X-Ray*; neither has a resource level',
      },
      ...failed,
    ];
  }

  private keepFailedEvents(queue: sqs.IQueue): void {
    new lambda.CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: this.function.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: ASYNC_RETRIES,
      maximumEventAgeInSeconds: ASYNC_MAX_AGE.toSeconds(),
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    });
  }
}

/** What it takes to send to an encrypted queue. */
export function queueStatements(queue: sqs.IQueue, key: kms.IKey, stack: Stack): Statement[] {
  return [
    {
      sid: 'KeepUndelivered',
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      reason:
        'Lambda guide, *Capturing records of asynchronous invocations*; EventBridge Scheduler guide, *Dead-letter queues*: the role of the sender sends',
    },
    {
      sid: 'EncryptUndelivered',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `sqs.${stack.region}.amazonaws.com` } },
      reason:
        'SQS developer guide, *Key management*: what a producer to a queue under a customer managed key needs',
    },
  ];
}

const DESCRIPTIONS: Record<FunctionName, string> = {
  'create-snapshot': 'Starts a run: makes or adopts the snapshot',
  'check-status': 'Judges whether the snapshot or the export is ready',
  'copy-to-s3': 'Starts the export of a snapshot to the backup bucket',
  'verify-object': 'Reads an exported object back and proves its structure sound',
  'record-backup': 'Writes the manifest: the commit point of a backup',
  prune: 'Deletes what the plan’s retention no longer keeps',
  notify: 'Tells people how a run ended',
  watch: 'Measures the age of every cache’s newest verified backup',
};
