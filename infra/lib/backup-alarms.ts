/** The alarms of a deployment. */
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { BackupFunction } from './backup-function.ts';
import { WATCH_PERIOD } from './backup-watch.ts';
import { type Cache, FUNCTIONS, type FunctionName, type Plan } from './config/deployment.ts';
import { DIMENSIONS, METRICS, NAMESPACE } from './metrics.ts';
import { cacheName, cacheSlug, named, pascal } from './names.ts';

/** Properties of {@link BackupAlarms}. */
export interface BackupAlarmsProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** The plans; a cache of each that has a schedule has an alarm. */
  readonly plans: readonly Plan[];
  /** Whose failed executions alarm. */
  readonly stateMachine: sfn.IStateMachine;
  /** Whose errors and throttles alarm. */
  readonly functions: Readonly<Record<FunctionName, BackupFunction>>;
  /** Whose messages alarm. */
  readonly undelivered: sqs.IQueue;
  /** What every alarm does. */
  readonly actions: readonly cloudwatch.IAlarmAction[];
}

/** Part of a plan's deadline above which a run is told to be slow. */
export const SLOW_PART = 0.8;
/** Failed calls of the pipeline's functions in an hour that are no more the ordinary retrying of a busy cache. */
export const MANY_ERRORS = 100;
/** Throttled calls in an hour above which concurrency is too small. */
export const MANY_THROTTLES = 50;

/** Every alarm, each with the deployment's actions. */
export class BackupAlarms extends Construct {
  /** The age of each cache's newest verified backup: silence is an alarm. */
  public readonly ages: readonly cloudwatch.Alarm[];
  /** Everything else. */
  public readonly others: readonly cloudwatch.Alarm[];
  private readonly props: BackupAlarmsProps;

  constructor(scope: Construct, id: string, props: BackupAlarmsProps) {
    super(scope, id);
    this.props = props;
    this.ages = props.plans.flatMap((plan) =>
      plan.schedule ? plan.caches.map((cache) => this.age(plan, cache)) : [],
    );
    this.others = [
      ...this.executions(),
      ...props.plans.map((plan) => this.slow(plan)),
      this.undelivered(),
      this.pruneRefused(),
      this.suspicious(),
      this.functionErrors(),
      ...(['notify', 'watch'] as const).map((name) => this.ownErrors(name)),
      this.throttles(),
    ];
  }

  /**
   * The dead man's switch. Two hours in a row, so that a measurement that comes a moment late is no alarm; missing data
   * count as overdue, because then `watch` itself is dead.
   */
  private age(plan: Plan, cache: Cache): cloudwatch.Alarm {
    return this.alarm(`age-${plan.name}-${cacheSlug(cache)}`, {
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: METRICS.BackupAgeRatio,
        dimensionsMap: dimensionsOf(this.props.deployment, plan, cache),
        statistic: cloudwatch.Stats.MAXIMUM,
        period: WATCH_PERIOD,
      }),
      description: `No verified backup of ${cacheName(cache)} within what plan ${plan.name} allows (${hours(plan.maxAgeSeconds)}), or nothing was measured.`,
      threshold: 1,
      evaluationPeriods: 2,
      missing: cloudwatch.TreatMissingData.BREACHING,
      tellRecovery: true,
    });
  }

  private executions(): cloudwatch.Alarm[] {
    const { stateMachine } = this.props;
    const metrics: [string, cloudwatch.Metric, string][] = [
      ['failed', stateMachine.metricFailed(FIVE_MINUTES), 'A backup run failed'],
      ['timed-out', stateMachine.metricTimedOut(FIVE_MINUTES), 'A backup run was still going after 24 hours'],
      ['aborted', stateMachine.metricAborted(FIVE_MINUTES), 'A backup run was stopped by hand'],
    ];
    return metrics.map(([name, metric, description]) =>
      this.alarm(name, {
        metric,
        description: `${description}; notify tells which, and what to do.`,
        threshold: 0,
      }),
    );
  }

  private slow(plan: Plan): cloudwatch.Alarm {
    const seconds = Math.floor(plan.deadlineSeconds * SLOW_PART);
    return this.alarm(`slow-${plan.name}`, {
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: METRICS.BackupDuration,
        dimensionsMap: { [DIMENSIONS.Deployment]: this.props.deployment, [DIMENSIONS.Plan]: plan.name },
        statistic: cloudwatch.Stats.MAXIMUM,
        period: WATCH_PERIOD,
      }),
      description: `A run of plan ${plan.name} took more than ${SLOW_PART * 100} % of its deadline (${hours(plan.deadlineSeconds)}); raise the deadline or look for what slows it down.`,
      threshold: seconds,
    });
  }

  private undelivered(): cloudwatch.Alarm {
    return this.alarm('undelivered', {
      metric: this.props.undelivered.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.minutes(5),
      }),
      description:
        'A start of a run, an event for notify or watch, or a message to a subscriber could not be delivered; it lies in the queue.',
      threshold: 0,
      tellRecovery: true,
    });
  }

  private pruneRefused(): cloudwatch.Alarm {
    return this.alarm('prune-refused', {
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: METRICS.Failures,
        dimensionsMap: {
          [DIMENSIONS.Deployment]: this.props.deployment,
          [DIMENSIONS.ErrorName]: 'Backup.PruneRefused',
        },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(5),
      }),
      description: 'Pruning would have broken a rule that protects backups; nothing was deleted.',
      threshold: 0,
    });
  }

  private suspicious(): cloudwatch.Alarm {
    return this.alarm('suspicious', {
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: METRICS.SuspiciousBackups,
        dimensionsMap: { [DIMENSIONS.Deployment]: this.props.deployment },
        statistic: cloudwatch.Stats.SUM,
        period: Duration.minutes(5),
      }),
      description:
        'A backup is empty or shrank beyond its plan’s limit; it licenses no pruning until a person accepts it.',
      threshold: 0,
    });
  }

  /** Functions fail by design while a cache is busy, and are retried; only a flood of it is news. */
  private functionErrors(): cloudwatch.Alarm {
    const retried = FUNCTIONS.filter((name) => name !== 'notify' && name !== 'watch');
    return this.alarm('function-errors', {
      metric: this.sum(retried, 'Errors'),
      description: `The functions of the state machine failed more than ${MANY_ERRORS} times in an hour.`,
      threshold: MANY_ERRORS,
    });
  }

  /** What tells of failures must not fail unseen. */
  private ownErrors(name: FunctionName): cloudwatch.Alarm {
    return this.alarm(`${name}-errors`, {
      metric: this.props.functions[name].function.metricErrors({ period: Duration.minutes(15) }),
      description: `The function ${name} failed; its log says why.`,
      threshold: 0,
    });
  }

  private throttles(): cloudwatch.Alarm {
    return this.alarm('function-throttles', {
      metric: this.sum(FUNCTIONS, 'Throttles'),
      description: `Calls of the functions were throttled more than ${MANY_THROTTLES} times in an hour; the account’s or a function’s concurrency is too small.`,
      threshold: MANY_THROTTLES,
    });
  }

  private sum(names: readonly FunctionName[], metricName: 'Errors' | 'Throttles'): cloudwatch.MathExpression {
    const metrics = names.map((name) => {
      const metric = this.props.functions[name].function.metric(metricName, {
        statistic: cloudwatch.Stats.SUM,
      });
      return [`m${pascal(name)}`, metric] as const;
    });
    return new cloudwatch.MathExpression({
      expression: metrics.map(([id]) => `FILL(${id}, 0)`).join(' + '),
      usingMetrics: Object.fromEntries(metrics),
      label: metricName,
      period: Duration.hours(1),
    });
  }

  private alarm(name: string, props: AlarmProps): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, name, {
      alarmName: named(this.props.deployment, name),
      alarmDescription: props.description,
      metric: props.metric,
      threshold: props.threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: props.evaluationPeriods ?? 1,
      datapointsToAlarm: props.evaluationPeriods ?? 1,
      treatMissingData: props.missing ?? cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(...this.props.actions);
    if (props.tellRecovery) alarm.addOkAction(...this.props.actions);
    return alarm;
  }
}

interface AlarmProps {
  readonly metric: cloudwatch.IMetric;
  readonly description: string;
  readonly threshold: number;
  readonly evaluationPeriods?: number;
  readonly missing?: cloudwatch.TreatMissingData;
  /** Whether the end of the alarm is told as well: where it means that something works again. */
  readonly tellRecovery?: boolean;
}

const FIVE_MINUTES = { statistic: cloudwatch.Stats.SUM, period: Duration.minutes(5) } as const;

/** The dimensions of a metric that is of one cache in one plan. */
export function dimensionsOf(deployment: string, plan: Plan, cache: Cache): Record<string, string> {
  return {
    [DIMENSIONS.Deployment]: deployment,
    [DIMENSIONS.Plan]: plan.name,
    [DIMENSIONS.Kind]: cache.kind,
    [DIMENSIONS.Cache]: cache.id,
  };
}

function hours(seconds = 0): string {
  return `${Math.round((seconds / 3600) * 10) / 10} h`;
}
