/** Everything that can be made anew: functions, state machine, schedules, alerts, alarms. */
import { join } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { AlertTopic } from './alert-topic.ts';
import { BackupAlarms } from './backup-alarms.ts';
import { BackupDashboard } from './backup-dashboard.ts';
import { queueStatements } from './backup-function.ts';
import { BackupPlan } from './backup-plan.ts';
import { BackupWatch, decryptSchedules } from './backup-watch.ts';
import { BackupWorkflow } from './backup-workflow.ts';
import { type Deployment, FUNCTIONS, type FunctionName } from './config/deployment.ts';
import { regional } from './names.ts';
import { OperatorPolicy } from './operator-policy.ts';
import { ServiceRole } from './policies.ts';
import type { StorageStack } from './storage-stack.ts';

/** Properties of {@link WorkflowStack}. */
export interface WorkflowStackProps extends StackProps {
  /** What the config says. */
  readonly deployment: Deployment;
  /** Has the bucket and the key. */
  readonly storage: StorageStack;
  /** The state machine file as it stands. */
  readonly definition: string;
  /** Folder that has a folder with a `bootstrap` for each function. */
  readonly codeRoot: string;
}

/** The workflow of a deployment. */
export class WorkflowStack extends Stack {
  /** The state machine and its functions. */
  public readonly workflow: BackupWorkflow;
  /** Topic and queue. */
  public readonly alerts: AlertTopic;
  /** The alarms. */
  public readonly alarms: BackupAlarms;
  /** The role that starts runs. */
  public readonly scheduleRole: ServiceRole;

  constructor(scope: Construct, id: string, props: WorkflowStackProps) {
    super(scope, id, props);
    const { deployment } = props;
    // By their ARNs, so that nothing here adds to policies of the other stack.
    const key = kms.Key.fromKeyArn(this, 'Key', imported(props.storage, props.storage.key.keyArn));
    const bucket = s3.Bucket.fromBucketAttributes(this, 'Bucket', {
      bucketArn: imported(props.storage, props.storage.bucket.bucketArn),
      bucketName: imported(props.storage, props.storage.bucket.bucketName),
    });
    this.addStackDependency(props.storage);
    this.alerts = new AlertTopic(this, 'Alerts', {
      deployment: deployment.name,
      alerts: deployment.alerts,
      key,
    });
    const { topic, undelivered } = this.alerts;
    const { topicKeyArn } = deployment.alerts;
    const topicKey = topicKeyArn ? kms.Key.fromKeyArn(this, 'TopicKey', topicKeyArn) : key;
    this.workflow = new BackupWorkflow(this, 'Workflow', {
      deployment: deployment.name,
      plans: deployment.plans,
      definition: props.definition,
      code: (name) => this.code(name, props),
      architecture: ARCHITECTURES[deployment.architecture],
      functions: deployment.functions,
      bucket,
      topic,
      topicKey,
      undelivered,
      key,
      logRetention: deployment.logRetentionDays,
      codeSigning: this.codeSigning(deployment),
    });
    this.scheduleRole = this.starter(deployment, key);
    for (const plan of deployment.plans) {
      const made = new BackupPlan(this, `Plan-${plan.name}`, {
        deployment,
        plan,
        stateMachineArn: this.workflow.alias.ref,
        role: this.scheduleRole.role,
        undelivered,
        key,
      });
      for (const schedule of made.schedules) schedule.node.addDependency(...this.scheduleRole.policies);
    }
    new BackupWatch(this, 'Watch', {
      deployment: deployment.name,
      plans: deployment.plans,
      watch: this.workflow.functions.watch.function,
      undelivered,
      key,
    });
    const { stateMachine, functions } = this.workflow;
    this.alarms = new BackupAlarms(this, 'Alarms', {
      deployment: deployment.name,
      plans: deployment.plans,
      stateMachine,
      functions,
      undelivered,
      actions: actions([topic.topicArn, ...deployment.alerts.alarmActions]),
    });
    const dashboard = new BackupDashboard(this, 'Dashboard', {
      deployment: deployment.name,
      alarms: this.alarms,
      stateMachine,
      functions,
    });
    const operator = new OperatorPolicy(this, 'Operator', {
      deployment: deployment.name,
      bucket,
      topic,
      topicKey,
      undelivered,
      key,
      stateMachineArn: stateMachine.stateMachineArn,
    });
    this.outputs({
      StateMachineArn: [this.workflow.alias.ref, 'What to start: the alias of the state machine'],
      BucketName: [bucket.bucketName, 'Where the backups lie'],
      TopicArn: [topic.topicArn, 'Where alerts go'],
      FunctionRoleArns: [
        FUNCTIONS.map((name) => `${name}=${functions[name].serviceRole.role.roleArn}`).join(','),
        'The roles of the functions, which make check judges',
      ],
      NotifyFunctionName: [functions.notify.function.functionName, 'Tells how runs ended'],
      OperatorPolicyArn: [operator.policy.managedPolicyArn, 'Attach it to the people who operate this'],
      DashboardUrl: [dashboard.url, 'Is every cache backed up?'],
    });
  }

  private starter(deployment: Deployment, key: kms.IKey): ServiceRole {
    return new ServiceRole(this, 'ScheduleRole', {
      roleName: regional(deployment.name, 'schedules', this.region),
      description: `snapkeep ${deployment.name}: starts runs`,
      service: 'scheduler.amazonaws.com',
      tellsSourceAccount: true,
      statements: [
        {
          sid: 'StartRuns',
          actions: ['states:StartExecution'],
          // An alias is authorized by the ARN of its state machine.
          resources: [this.workflow.stateMachine.stateMachineArn],
          reason:
            'Step Functions developer guide, *Authorization for versions and aliases*; EventBridge Scheduler guide, *universal targets*',
        },
        decryptSchedules(key),
        ...queueStatements(this.alerts.undelivered, key, this),
      ],
    });
  }

  private codeSigning(deployment: Deployment): lambda.ICodeSigningConfig | undefined {
    if (!deployment.codeSigning) return undefined;
    const config = new lambda.CfnCodeSigningConfig(this, 'CodeSigning', {
      description: `snapkeep ${deployment.name}: only signed code runs`,
      allowedPublishers: { signingProfileVersionArns: [deployment.codeSigning.profileVersionArn] },
      codeSigningPolicies: { untrustedArtifactOnDeployment: 'Enforce' },
    });
    return lambda.CodeSigningConfig.fromCodeSigningConfigArn(this, 'CodeSigningConfig', config.ref);
  }

  /** What was built here, or what a pipeline signed: CDK's own assets are not signed. */
  private code(name: FunctionName, { deployment, codeRoot }: WorkflowStackProps): lambda.Code {
    const { codeSigning } = deployment;
    if (!codeSigning) return lambda.Code.fromAsset(join(codeRoot, name));
    const bucket = s3.Bucket.fromBucketName(this, `CodeOf-${name}`, codeSigning.bucket);
    return lambda.Code.fromBucket(bucket, `${codeSigning.prefix}${name}.zip`);
  }

  private outputs(outputs: Record<string, [value: string, description: string]>): void {
    for (const [name, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value, description });
    }
  }
}

/**
 * A value of the other stack, as CloudFormation imports it; what exists outside of both is taken as it is. Spelled out,
 * because a reference that CDK resolves at its end has no name by which cdk-nag's findings could be told before.
 */
function imported(from: Stack, value: string): string {
  const resolved: unknown = from.resolve(value);
  const isOwn =
    typeof resolved === 'object' && resolved !== null && ('Ref' in resolved || 'Fn::GetAtt' in resolved);
  return isOwn ? from.exportValue(value) : value;
}

const ARCHITECTURES = { arm64: lambda.Architecture.ARM_64, x86_64: lambda.Architecture.X86_64 } as const;

/** Alarms name what they do by ARN alone, so topics of other accounts and OpsItems are as good as ours. */
function actions(arns: readonly string[]): cloudwatch.IAlarmAction[] {
  return arns.map((alarmActionArn) => ({ bind: () => ({ alarmActionArn }) }));
}
