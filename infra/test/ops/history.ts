/** Histories of runs as Step Functions gives them, cut to what the commands read. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { NOW } from './support.ts';

/** Events by type, seconds after the start, and what more they say. */
export function history(
  ...events: [type: string, seconds: number, more?: string | object][]
): HistoryEvent[] {
  return events.map(([type, seconds, more = {}], index) => ({
    id: index + 1,
    type: type as HistoryEvent['type'],
    timestamp: new Date(NOW.getTime() + seconds * 1000),
    ...(typeof more === 'string' ? { stateEnteredEventDetails: { name: more } } : more),
  }));
}

const failedCall = (error: string) => ({
  taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error },
});

/** A run until CopyToS3 is entered. */
export const BEGINNING = history(
  ['ExecutionStarted', 0],
  ['TaskStateEntered', 0, 'CreateSnapshot'],
  ['TaskScheduled', 0],
  ['TaskFailed', 1, failedCall('Backup.Throttled')],
  ['TaskScheduled', 3],
  ['WaitStateEntered', 4, 'WaitForSnapshot'],
  ['TaskStateEntered', 19, 'CheckSnapshot'],
  ['TaskScheduled', 19],
  ['WaitStateEntered', 20, 'WaitForSnapshot'],
  ['TaskStateEntered', 205, 'CheckSnapshot'],
  ['TaskScheduled', 205],
  ['TaskStateEntered', 206, 'CopyToS3'],
);

/** Events and then more of them, their ids going on. */
export const after = (events: readonly HistoryEvent[], more: readonly HistoryEvent[]): HistoryEvent[] => [
  ...events,
  ...more.map((event) => ({ ...event, id: (event.id ?? 0) + events.length })),
];

/** A run that succeeds. */
export const SUCCESS = after(
  BEGINNING,
  history(
    ['MapStateEntered', 400, 'VerifyObjects'],
    ['MapStateStarted', 400, { mapStateStartedEventDetails: { length: 1 } }],
    ['TaskStateEntered', 400, 'VerifyObject'],
    ['TaskScheduled', 400],
    ['TaskStateEntered', 450, 'VerifyObject'],
    ['TaskScheduled', 450],
    ['MapIterationSucceeded', 460],
    ['TaskStateEntered', 461, 'RecordBackup'],
    ['ExecutionSucceeded', 462],
  ),
);

/** Why a run failed. */
export const why = { error: 'Backup.BucketNotGranted', cause: '{}' };
/** A run that fails. */
export const FAILURE = after(
  BEGINNING,
  history(['ExecutionFailed', 207, { executionFailedEventDetails: why }]),
);
