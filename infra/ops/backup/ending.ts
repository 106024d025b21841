/** What came of a run, and what to do next. */
import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { parseArn, redriveCommand, showObjectCommand } from '../common/arn.ts';
import { oneLine, wrap } from '../common/text.ts';
import { manifestKey } from './choose.ts';

/** Errors that lose a run, so that only a new one helps; the rows `new run` of `statemachine/README.md`. */
export const NEW_RUN: readonly string[] = [
  'Backup.InvalidInput',
  'Backup.CacheNotFound',
  'Backup.CacheUnavailable',
  'Backup.Unsupported',
  'Backup.SnapshotFailed',
  'Backup.SnapshotVanished',
  'Backup.SnapshotForeign',
  'Backup.NoRecentAutomaticSnapshot',
  'Backup.BucketWrongRegion',
  'Backup.BucketNotOwned',
  'Backup.Corrupt',
  'Backup.NotVerifiable',
  'Backup.ObjectChanged',
  'Backup.ManifestConflict',
];

/** Errors that pass by themselves; the rows `wait` of `statemachine/README.md`. */
export const WAIT: readonly string[] = [
  'Backup.ServiceUnavailable',
  'Backup.Throttled',
  'Backup.CacheBusy',
  'Backup.SnapshotBusy',
  'Backup.SnapshotQuotaExceeded',
];

/** What is said of an end that Step Functions gives no name. */
const NAMELESS: Readonly<Record<string, string>> = { TIMED_OUT: 'States.Timeout', ABORTED: 'aborted' };

/** How a run ended, in lines. */
export function ending(
  run: DescribeExecutionCommandOutput,
  bucket: string | undefined,
  width: number,
): string {
  if (run.status === 'SUCCEEDED') return success(run, bucket);
  const error = run.error ?? NAMELESS[run.status ?? ''] ?? 'failed';
  const { executionArn = '' } = run;
  const text = cause(run.cause);
  const lines = [wrap(`${error}${text ? `: ${text}` : ''}`, width, '✘ ', '  '), ''];
  if (NEW_RUN.includes(error)) {
    return [
      ...lines,
      'This run is lost. Remove the cause, then start a new one: run the same command again.',
    ].join('\n');
  }
  if (run.redriveStatus === 'NOT_REDRIVABLE') {
    const reason = run.redriveStatusReason ? ` (${oneLine(run.redriveStatusReason)})` : '';
    return [...lines, `It cannot be re-driven${reason}. Start a new run: run the same command again.`].join(
      '\n',
    );
  }
  const first = WAIT.includes(error) ? 'Wait until the cause has passed' : 'Remove the cause';
  return [
    ...lines,
    `${first}, then let the run go on from where it failed:`,
    '',
    `  ${redriveCommand(executionArn)}`,
  ].join('\n');
}

function success(run: DescribeExecutionCommandOutput, bucket: string | undefined): string {
  const key = keyIn(run.output) ?? manifestKey(run.input);
  if (!key) return 'It is backed up.';
  const region = parseArn(run.executionArn ?? '')?.region ?? '';
  if (!bucket) return `It is backed up: ${key}`;
  return [`It is backed up: s3://${bucket}/${key}`, '', `  ${showObjectCommand(bucket, key, region)}`].join(
    '\n',
  );
}

/** A run whose backup another one had recorded gives no key. */
function keyIn(output: string | undefined): string | undefined {
  const key = fieldOf(output, 'manifestKey');
  return key === '' ? undefined : key;
}

/** Lambda wraps a function's message in JSON; people need the message. */
function cause(text = ''): string {
  return oneLine(fieldOf(text, 'errorMessage') ?? text);
}

function fieldOf(json: string | undefined, field: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json ?? '')?.[field];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
