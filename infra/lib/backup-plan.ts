/** The schedules of a plan: one per cache, in a group of their own. */
import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Cache, Deployment, Plan, Schedule } from './config/deployment.ts';
import { executionInput, SCHEDULED_TIME } from './execution-input.ts';
import { cacheName, cacheSlug, groupName, scheduleName } from './names.ts';

/** Properties of {@link BackupPlan}. */
export interface BackupPlanProps {
  /** The deployment that the plan is of. */
  readonly deployment: Deployment;
  /** The plan itself. */
  readonly plan: Plan;
  /** ARN of what is started: the state machine's alias. */
  readonly stateMachineArn: string;
  /** Starts it. */
  readonly role: iam.IRole;
  /** Takes starts that could not be delivered. */
  readonly undelivered: sqs.IQueue;
  /** Encrypts the schedules' inputs. */
  readonly key: kms.IKey;
}

/** Attempts of EventBridge Scheduler to start a run, after the first. */
export const START_RETRIES = 20;
/**
 * How late a run may start. Far below a day: a start 23 hours late would meet the next one. Where a plan runs more
 * often than hourly it is half the interval.
 */
export const START_MAX_AGE = Duration.hours(1);
/** Characters of the cache's id in an execution's name, which has 80 with a hyphen and Scheduler's id of 36. */
export const NAME_ID_MAX = 43;

/** A plan's schedules. Without one in the plan it makes nothing: such a plan is started by hand. */
export class BackupPlan extends Construct {
  /** One per cache. */
  public readonly schedules: readonly scheduler.CfnSchedule[];

  constructor(scope: Construct, id: string, props: BackupPlanProps) {
    super(scope, id);
    const { deployment, plan } = props;
    const { schedule } = plan;
    if (!schedule) {
      this.schedules = [];
      return;
    }
    const group = new scheduler.CfnScheduleGroup(this, 'Group', {
      name: groupName(deployment.name, plan.name),
    });
    this.schedules = plan.caches.map((cache) => {
      const made = this.schedule(props, schedule, cache);
      made.node.addDependency(group);
      return made;
    });
  }

  private schedule(props: BackupPlanProps, schedule: Schedule, cache: Cache): scheduler.CfnSchedule {
    const { deployment, plan } = props;
    const maxAge = Math.min(START_MAX_AGE.toSeconds(), Math.floor(schedule.intervalSeconds / 2));
    return new scheduler.CfnSchedule(this, cacheSlug(cache), {
      name: scheduleName(deployment.name, plan.name, cacheSlug(cache)),
      groupName: groupName(deployment.name, plan.name),
      description: `Backs up ${cacheName(cache)} by plan ${plan.name}`,
      scheduleExpression: `cron(${schedule.cron})`,
      scheduleExpressionTimezone: schedule.timeZone,
      startDate: schedule.start,
      endDate: schedule.end,
      flexibleTimeWindow:
        schedule.flexibleMinutes > 0
          ? { mode: 'FLEXIBLE', maximumWindowInMinutes: schedule.flexibleMinutes }
          : { mode: 'OFF' },
      state: plan.paused ? 'DISABLED' : 'ENABLED',
      kmsKeyArn: props.key.keyArn,
      target: {
        arn: `arn:${Stack.of(this).partition}:scheduler:::aws-sdk:sfn:startExecution`,
        roleArn: props.role.roleArn,
        input: startExecution(props, cache),
        retryPolicy: { maximumEventAgeInSeconds: Math.max(60, maxAge), maximumRetryAttempts: START_RETRIES },
        deadLetterConfig: { arn: props.undelivered.queueArn },
      },
    });
  }
}

/**
 * The request of `StartExecution`. Its `Input` has nothing that differs between two attempts of one firing, so that a
 * start that is delivered twice is the same run: the run's identity is the scheduled time. The name differs, because
 * Step Functions allows no `:` in one, so a duplicate is an execution of its own that finds the first one's snapshot.
 */
function startExecution(props: BackupPlanProps, cache: Cache): string {
  const input = executionInput(props.deployment, props.plan, cache, SCHEDULED_TIME);
  const id = cache.id.slice(0, NAME_ID_MAX);
  return Stack.of(props.role).toJsonString({
    StateMachineArn: props.stateMachineArn,
    Name: `${id}-<aws.scheduler.execution-id>`,
    Input: JSON.stringify(input),
  });
}
