/** The schedule of `watch`, which does not depend on any run. */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { queueStatements } from './backup-function.ts';
import type { Plan } from './config/deployment.ts';
import { SCHEDULED_TIME } from './execution-input.ts';
import { groupName, regional, scheduleName } from './names.ts';
import { ServiceRole } from './policies.ts';
import type { Statement } from './rights.ts';

/** Properties of {@link BackupWatch}. */
export interface BackupWatchProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** The plans; those without a schedule have no age to keep. */
  readonly plans: readonly Plan[];
  /** The function. */
  readonly watch: lambda.IFunction;
  /** Takes calls that failed to the end. */
  readonly undelivered: sqs.IQueue;
  /** Encrypts the schedule’s input. */
  readonly key: kms.IKey;
}

/** How often the ages are measured, and the period of their alarms. */
export const WATCH_PERIOD = Duration.hours(1);

/** One cache of one plan whose age is measured. */
export interface Watched {
  /** What is backed up. */
  readonly cache: { readonly kind: string; readonly id: string };
  /** Name of its plan. */
  readonly plan: string;
  /** Age in seconds above which its newest verified backup is too old. */
  readonly maxAgeSeconds: number;
  /** Whether its plan is paused: then no age is too high. */
  readonly paused: boolean;
}

/** What `watch` is asked to measure: every cache of every plan that has a schedule. */
export function watched(plans: readonly Plan[]): Watched[] {
  return plans.flatMap((plan) => {
    const { maxAgeSeconds } = plan;
    if (maxAgeSeconds === undefined) return [];
    return plan.caches.map(({ kind, id }) => ({
      cache: { kind, id },
      plan: plan.name,
      maxAgeSeconds,
      paused: plan.paused,
    }));
  });
}

/** Calls `watch` every hour with the list of caches and ages. */
export class BackupWatch extends Construct {
  /** The role that calls it. */
  public readonly serviceRole: ServiceRole;

  constructor(scope: Construct, id: string, props: BackupWatchProps) {
    super(scope, id);
    const { deployment, key, undelivered } = props;
    this.serviceRole = new ServiceRole(this, 'Role', {
      roleName: regional(deployment, 'watch-schedule', Stack.of(this).region),
      description: `snapkeep ${deployment}: calls watch`,
      service: 'scheduler.amazonaws.com',
      tellsSourceAccount: true,
      statements: [
        {
          sid: 'InvokeWatch',
          actions: ['lambda:InvokeFunction'],
          resources: [props.watch.functionArn],
          reason: 'EventBridge Scheduler guide, *Setting up the execution role*',
        },
        decryptSchedules(key),
        ...queueStatements(undelivered, key, Stack.of(this)),
      ],
    });
    const group = new scheduler.CfnScheduleGroup(this, 'Group', { name: groupName(deployment, 'watch') });
    const schedule = new scheduler.CfnSchedule(this, 'Schedule', {
      name: scheduleName(deployment, 'watch', 'hourly'),
      groupName: groupName(deployment, 'watch'),
      description: 'Measures the age of every cache’s newest verified backup',
      // Amid the hour, so that each period of the alarms has one measurement, however late it comes.
      scheduleExpression: 'cron(30 * * * ? *)',
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      state: 'ENABLED',
      kmsKeyArn: key.keyArn,
      target: {
        arn: props.watch.functionArn,
        roleArn: this.serviceRole.role.roleArn,
        input: JSON.stringify({ now: SCHEDULED_TIME, watched: watched(props.plans) }),
        // A measurement that comes later than this would be in another period, with a wrong time.
        retryPolicy: { maximumEventAgeInSeconds: 900, maximumRetryAttempts: 5 },
        deadLetterConfig: { arn: undelivered.queueArn },
      },
    });
    schedule.node.addDependency(group, ...this.serviceRole.policies);
  }
}

/** Schedules under a customer managed key are decrypted with the rights of the role that carries them out. */
export function decryptSchedules(key: kms.IKey): Statement {
  return {
    sid: 'DecryptSchedules',
    actions: ['kms:Decrypt'],
    resources: [key.keyArn],
    reason: 'EventBridge Scheduler guide, *Encryption at rest*: the execution role decrypts the payload',
  };
}
