/** The state machine with its functions, and the rule that tells of its failures. */

import { createHash } from 'node:crypto';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { BackupFunction } from './backup-function.ts';
import { FUNCTIONS, type FunctionName, type FunctionSettings, type Plan } from './config/deployment.ts';
import { ALIAS, functionName, named, pascal, regional, stateMachineLogGroup } from './names.ts';
import { ServiceRole } from './policies.ts';
import { type Place, rightsOf, type Statement } from './rights.ts';

/** Properties of {@link BackupWorkflow}. */
export interface BackupWorkflowProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** The plans, whose caches the roles are scoped to. */
  readonly plans: readonly Plan[];
  /** The state machine file as it stands, placeholders and all. */
  readonly definition: string;
  /** What each function runs. */
  readonly code: (name: FunctionName) => lambda.Code;
  /** What the code was built for. */
  readonly architecture: lambda.Architecture;
  /** Memory and concurrency of each function. */
  readonly functions: Readonly<Record<FunctionName, FunctionSettings>>;
  /** Where backups go. */
  readonly bucket: s3.IBucket;
  /** Whom to tell. */
  readonly topic: sns.ITopic;
  /** The key of the topic's messages. */
  readonly topicKey: kms.IKey;
  /** Takes what could not be delivered. */
  readonly undelivered: sqs.IQueue;
  /** Encrypts logs, variables, the definition and the history. */
  readonly key: kms.IKey;
  /** How long logs are kept. */
  readonly logRetention: logs.RetentionDays;
  /**
   * Lets only signed code run.
   * @default - code is not signed
   */
  readonly codeSigning?: lambda.ICodeSigningConfig;
}

/** How long each function may take; the Task's time-out in the state machine is 5 s or more above. */
export const TIMEOUTS: Readonly<Record<FunctionName, Duration>> = {
  'create-snapshot': Duration.seconds(60),
  'check-status': Duration.seconds(60),
  'copy-to-s3': Duration.seconds(60),
  'verify-object': Duration.minutes(15),
  'record-backup': Duration.seconds(60),
  prune: Duration.minutes(5),
  notify: Duration.seconds(60),
  watch: Duration.minutes(5),
};

/** Functions that the state machine calls; `watch` has a schedule of its own. */
export const CALLED: readonly FunctionName[] = FUNCTIONS.filter((name) => name !== 'watch');
/** Functions that are called asynchronously as well: by the rule, and by the schedule. */
const ASYNCHRONOUS: readonly FunctionName[] = ['notify', 'watch'];

/** The backup workflow: functions, state machine with version and alias, and the rule on failed executions. */
export class BackupWorkflow extends Construct {
  /** The functions by name. */
  public readonly functions: Readonly<Record<FunctionName, BackupFunction>>;
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** Its role. */
  public readonly serviceRole: ServiceRole;
  /** What schedules and people start: `live`, on the version that was deployed last. */
  public readonly alias: sfn.CfnStateMachineAlias;
  /** Its log. */
  public readonly logGroup: logs.LogGroup;
  /** Calls `notify` when an execution ends without success. */
  public readonly rule: events.CfnRule;

  constructor(scope: Construct, id: string, props: BackupWorkflowProps) {
    super(scope, id);
    const functions = FUNCTIONS.map((name) => [name, this.backupFunction(name, props)] as const);
    this.functions = Object.fromEntries(functions) as Record<FunctionName, BackupFunction>;
    this.logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: stateMachineLogGroup(props.deployment),
      retention: props.logRetention,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.serviceRole = new ServiceRole(this, 'StateMachineRole', {
      roleName: regional(props.deployment, 'state-machine', Stack.of(this).region),
      description: `snapkeep ${props.deployment}: the state machine`,
      service: 'states.amazonaws.com',
      tellsSourceAccount: true,
      statements: this.stateMachineStatements(props),
    });
    this.stateMachine = this.machine(props);
    this.alias = this.publish(props.definition);
    this.rule = this.tellFailures(props);
  }

  private backupFunction(name: FunctionName, props: BackupWorkflowProps): BackupFunction {
    const { deployment, key } = props;
    const settings = props.functions[name];
    return new BackupFunction(this, pascal(name), {
      deployment,
      name,
      code: props.code(name),
      architecture: props.architecture,
      memoryMb: settings.memoryMb,
      reservedConcurrency: settings.reservedConcurrency,
      timeout: TIMEOUTS[name],
      environment: this.environment(name, props),
      statements: [...rightsOf(name, this.place(props), props.plans), ...this.keyStatements(name, props)],
      key,
      logRetention: props.logRetention,
      onFailure: ASYNCHRONOUS.includes(name) ? props.undelivered : undefined,
      codeSigning: props.codeSigning,
    });
  }

  /** The variables of the table in `ARCHITECTURE.md` that Lambda does not set by itself. */
  private environment(name: FunctionName, props: BackupWorkflowProps): Record<string, string> {
    const common = { SNAPKEEP_BUCKET: props.bucket.bucketName, SNAPKEEP_DEPLOYMENT: props.deployment };
    return name === 'notify' ? { ...common, SNAPKEEP_TOPIC_ARN: props.topic.topicArn } : common;
  }

  private place(props: BackupWorkflowProps): Place {
    const { partition, region, account } = Stack.of(this);
    return {
      deployment: props.deployment,
      partition,
      region,
      account,
      bucketArn: props.bucket.bucketArn,
      topicArn: props.topic.topicArn,
      stateMachineName: named(props.deployment, 'backup'),
    };
  }

  /** `notify` publishes to an encrypted topic and reads encrypted histories. */
  private keyStatements(name: FunctionName, props: BackupWorkflowProps): Statement[] {
    if (name !== 'notify') return [];
    const { region } = Stack.of(this);
    return [
      {
        sid: 'EncryptAlerts',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [props.topicKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` } },
        reason:
          'SNS developer guide, *Configuring AWS KMS permissions for Amazon SNS*: what a publisher needs',
      },
      {
        sid: 'DecryptExecutions',
        actions: ['kms:Decrypt'],
        resources: [props.key.keyArn],
        conditions: {
          StringEquals: {
            'kms:EncryptionContext:aws:states:stateMachineArn': this.stateMachineArn(props.deployment),
          },
        },
        reason:
          'Step Functions developer guide, *Data at rest encryption*: callers of DescribeExecution and GetExecutionHistory',
      },
    ];
  }

  /** Spelled out and not taken from the resource, which needs this role first. */
  private stateMachineArn(deployment: string): string {
    return Stack.of(this).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: named(deployment, 'backup'),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  private stateMachineStatements(props: BackupWorkflowProps): Statement[] {
    const stack = Stack.of(this);
    const keyArn = props.key.keyArn;
    const guide = 'Step Functions developer guide, *Data at rest encryption*: what the execution role needs';
    return [
      {
        sid: 'InvokeFunctions',
        actions: ['lambda:InvokeFunction'],
        // The functions themselves and none of their versions: the state machine names them without a qualifier.
        resources: CALLED.map((name) => this.functions[name].function.functionArn),
        reason: 'Step Functions developer guide, *Lambda*; these are the Tasks of the state machine file',
      },
      {
        sid: 'EncryptExecutions',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [keyArn],
        conditions: {
          StringEquals: {
            'kms:EncryptionContext:aws:states:stateMachineArn': this.stateMachineArn(props.deployment),
          },
        },
        reason: guide,
      },
      {
        sid: 'EncryptLog',
        actions: ['kms:GenerateDataKey'],
        resources: [keyArn],
        conditions: {
          StringEquals: {
            'kms:EncryptionContext:SourceArn': stack.formatArn({
              service: 'logs',
              resource: '*',
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
        reason: guide,
      },
      {
        sid: 'DeliverLog',
        actions: [
          'logs:CreateLogDelivery',
          'logs:DeleteLogDelivery',
          'logs:DescribeLogGroups',
          'logs:DescribeResourcePolicies',
          'logs:GetLogDelivery',
          'logs:ListLogDeliveries',
          'logs:PutResourcePolicy',
          'logs:UpdateLogDelivery',
        ],
        resources: ['*'],
        pattern: 'the actions have no resource level',
        reason:
          'Step Functions developer guide, *Logging using CloudWatch Logs*; log deliveries have no resource level',
      },
      {
        sid: 'WriteTraces',
        actions: [
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
          'xray:PutTelemetryRecords',
          'xray:PutTraceSegments',
        ],
        resources: ['*'],
        pattern: 'the actions have no resource level',
        reason: 'Step Functions developer guide, *AWS X-Ray and Step Functions*; none has a resource level',
      },
    ];
  }

  private machine(props: BackupWorkflowProps): sfn.StateMachine {
    const arns = CALLED.map(
      (name) => [`${pascal(name)}Arn`, this.functions[name].function.functionArn] as const,
    );
    const machine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: named(props.deployment, 'backup'),
      stateMachineType: sfn.StateMachineType.STANDARD,
      definitionBody: sfn.DefinitionBody.fromString(props.definition),
      definitionSubstitutions: { Partition: Stack.of(this).partition, ...Object.fromEntries(arns) },
      role: this.serviceRole.role,
      // What is logged are names, counts and verdicts; no key and no value of a cache is ever in the data.
      logs: { destination: this.logGroup, level: sfn.LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
      encryptionConfiguration: new sfn.CustomerManagedEncryptionConfiguration(
        props.key,
        Duration.minutes(15),
      ),
    });
    machine.node.addDependency(...this.serviceRole.policies);
    return machine;
  }

  /** A version of each definition, kept for the executions that run on it, and the alias on the newest. */
  private publish(definition: string): sfn.CfnStateMachineAlias {
    // A version never changes, so a changed definition must be another resource.
    const digest = createHash('sha256').update(definition).digest('hex').slice(0, 12);
    const version = new sfn.CfnStateMachineVersion(this, `Version${digest}`, {
      stateMachineArn: this.stateMachine.stateMachineArn,
      stateMachineRevisionId: this.stateMachine.stateMachineRevisionId,
      description: `SHA-256 of the definition: ${digest}`,
    });
    version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return new sfn.CfnStateMachineAlias(this, 'Alias', {
      name: ALIAS,
      description: 'What schedules and people start',
      routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }],
    });
  }

  private tellFailures(props: BackupWorkflowProps): events.CfnRule {
    const machine = this.stateMachine.stateMachineArn;
    const notify = this.functions.notify.function;
    const rule = new events.CfnRule(this, 'Failures', {
      name: named(props.deployment, 'failures'),
      description: 'Executions that ended without success are told by notify',
      state: 'ENABLED',
      eventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          // Of an execution that was started by the alias as well, should the event name that.
          stateMachineArn: [machine, { prefix: `${machine}:` }],
        },
      },
      targets: [
        {
          id: 'notify',
          arn: notify.functionArn,
          retryPolicy: { maximumRetryAttempts: 20, maximumEventAgeInSeconds: Duration.hours(2).toSeconds() },
          deadLetterConfig: { arn: props.undelivered.queueArn },
        },
      ],
    });
    new lambda.CfnPermission(this, 'FailuresMayNotify', {
      action: 'lambda:InvokeFunction',
      functionName: functionName(props.deployment, 'notify'),
      principal: 'events.amazonaws.com',
      sourceAccount: Stack.of(this).account,
      sourceArn: rule.attrArn,
    }).node.addDependency(notify);
    return rule;
  }
}
