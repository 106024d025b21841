/** One look: is every cache backed up, when last, how large, how long, what failed. */
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { BackupAlarms } from './backup-alarms.ts';
import type { BackupFunction } from './backup-function.ts';
import { FUNCTIONS, type FunctionName } from './config/deployment.ts';
import { DIMENSIONS, METRICS, NAMESPACE } from './metrics.ts';
import { named } from './names.ts';

/** Properties of {@link BackupDashboard}. */
export interface BackupDashboardProps {
  /** Name of the deployment. */
  readonly deployment: string;
  /** Shown first: the ages, then the others. */
  readonly alarms: BackupAlarms;
  /** Whose runs are counted. */
  readonly stateMachine: sfn.IStateMachine;
  /** In whose logs failures are looked for. */
  readonly functions: Readonly<Record<FunctionName, BackupFunction>>;
}

/** Widgets are laid out on a grid of 24 columns. */
const WIDE = 24;
/** Alarms that one widget shows (CloudWatch user guide, *alarm widgets*). */
const ALARMS_MAX = 100;

/** The dashboard of a deployment. */
export class BackupDashboard extends Construct {
  /** The dashboard. */
  public readonly dashboard: cloudwatch.Dashboard;
  private readonly props: BackupDashboardProps;

  constructor(scope: Construct, id: string, props: BackupDashboardProps) {
    super(scope, id);
    this.props = props;
    this.dashboard = new cloudwatch.Dashboard(this, 'Resource', {
      dashboardName: named(props.deployment, 'backups'),
      defaultInterval: Duration.days(14),
    });
    this.dashboard.addWidgets(...this.isEveryCacheBackedUp());
    this.dashboard.addWidgets(this.whenLast(), this.executions());
    this.dashboard.addWidgets(this.howLarge(), this.howLong());
    this.dashboard.addWidgets(this.howMany(), this.howFast());
    this.dashboard.addWidgets(this.whatFailed());
  }

  private isEveryCacheBackedUp(): cloudwatch.IWidget[] {
    const { ages, others } = this.props.alarms;
    const pages = [];
    for (let from = 0; from < ages.length; from += ALARMS_MAX)
      pages.push(ages.slice(from, from + ALARMS_MAX));
    const status = (title: string, alarms: readonly cloudwatch.IAlarm[]) =>
      new cloudwatch.AlarmStatusWidget({
        title,
        alarms: [...alarms],
        width: WIDE,
        height: Math.min(12, 2 + Math.ceil(alarms.length / 4)),
      });
    return [
      ...pages.map((page) => status('Is every cache backed up? (age of the newest verified backup)', page)),
      status('Everything else that alarms', others),
    ];
  }

  private whenLast(): cloudwatch.IWidget {
    return this.graph(
      'Age of the newest verified backup, in parts of what its plan allows',
      METRICS.BackupAgeRatio,
      {
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.hours(1),
        leftAnnotations: [{ value: 1, color: cloudwatch.Color.RED, label: 'overdue' }],
      },
    );
  }

  private howLarge(): cloudwatch.IWidget {
    return this.graph('Bytes of each backup', METRICS.BackupBytes, BY_RUN);
  }

  private howLong(): cloudwatch.IWidget {
    return this.graph('Seconds from start to record', METRICS.BackupDuration, BY_RUN);
  }

  private howMany(): cloudwatch.IWidget {
    return this.graph('Backups kept', METRICS.KeptBackups, BY_RUN);
  }

  private howFast(): cloudwatch.IWidget {
    return this.graph('Megabytes verified a second', METRICS.VerifyThroughput, BY_RUN);
  }

  private executions(): cloudwatch.IWidget {
    const { stateMachine } = this.props;
    const options = { statistic: cloudwatch.Stats.SUM, period: Duration.days(1) } as const;
    return new cloudwatch.GraphWidget({
      title: 'Runs a day',
      width: WIDE / 2,
      stacked: true,
      left: [
        stateMachine.metricSucceeded({ ...options, label: 'succeeded', color: cloudwatch.Color.GREEN }),
        stateMachine.metricFailed({ ...options, label: 'failed', color: cloudwatch.Color.RED }),
        stateMachine.metricTimedOut({ ...options, label: 'timed out', color: cloudwatch.Color.ORANGE }),
        stateMachine.metricAborted({ ...options, label: 'aborted', color: cloudwatch.Color.GREY }),
      ],
    });
  }

  private whatFailed(): cloudwatch.IWidget {
    return new cloudwatch.LogQueryWidget({
      title: 'What failed',
      width: WIDE,
      height: 8,
      logGroupNames: FUNCTIONS.map((name) => this.props.functions[name].logGroup.logGroupName),
      view: cloudwatch.LogQueryVisualizationType.TABLE,
      queryLines: [
        'fields @timestamp, error_name, message, operation, code, @log',
        'filter ispresent(error_name)',
        'sort @timestamp desc',
        'limit 50',
      ],
    });
  }

  /** A line for each cache, whichever there are: a search finds those of this deployment by their dimensions. */
  private graph(title: string, metric: string, options: GraphOptions): cloudwatch.IWidget {
    const { Deployment, Plan, Kind, Cache } = DIMENSIONS;
    const schema = [NAMESPACE, Deployment, Plan, Kind, Cache].join(',');
    const filter = `MetricName="${metric}" ${Deployment}="${this.props.deployment}"`;
    const { statistic, period, leftAnnotations } = options;
    return new cloudwatch.GraphWidget({
      title,
      width: WIDE / 2,
      leftYAxis: { min: 0, showUnits: false },
      leftAnnotations,
      left: [
        new cloudwatch.SearchExpression({
          expression: `SEARCH('{${schema}} ${filter}', '${statistic}', ${period.toSeconds()})`,
          label: `\${PROP('Dim.${Plan}')} \${PROP('Dim.${Cache}')}`,
          period,
        }),
      ],
    });
  }

  /** Where people find it. */
  public get url(): string {
    const { region, partition } = Stack.of(this);
    const domain =
      { 'aws-cn': 'amazonaws.cn', 'aws-us-gov': 'amazonaws-us-gov.com' }[partition] ?? 'aws.amazon.com';
    return `https://${region}.console.${domain}/cloudwatch/home?region=${region}#dashboards/dashboard/${named(this.props.deployment, 'backups')}`;
  }
}

interface GraphOptions {
  readonly statistic: string;
  readonly period: Duration;
  readonly leftAnnotations?: cloudwatch.HorizontalAnnotation[];
}

const BY_RUN: GraphOptions = { statistic: cloudwatch.Stats.MAXIMUM, period: Duration.hours(6) };
