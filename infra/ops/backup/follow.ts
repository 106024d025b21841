/** Follows a run to its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { CommandError, type Terminal } from '../common/command.ts';
import { awsErrorText, codeOf, isDenied, isHopeless } from '../common/failure.ts';
import { Steps, stepLine } from './steps.ts';

/** Seconds of the first wait; each is a quarter longer than the one before. */
const FIRST_WAIT = 5;
/** Seconds of the longest wait. */
const LONGEST_WAIT = 30;
/** So many looks in a row may fail before it is given up: throttling and a lost network pass. */
const MOST_FAILURES = 5;

/** The wait before a look, in seconds; the first look is number 0. */
export function waitSeconds(look: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 1.25 ** look);
}

/** A run to be followed. */
export interface Followed {
  readonly executionArn: string;
  /** The word that its lines begin with. */
  readonly label: string;
  /** Seconds between looks; absent for waits that grow. */
  readonly interval?: number;
}

/** Prints a line for each step that ends; gives the run's end, or nothing where Ctrl-C came first. */
export async function follow(
  client: SFNClient,
  { executionArn, label, interval }: Followed,
  { print, interrupted }: Terminal,
): Promise<DescribeExecutionCommandOutput | undefined> {
  const steps = new Steps();
  let failures = 0;
  for (let look = 0; !interrupted.aborted; look += 1) {
    try {
      // The status first: what happened before it was read is then in the history that is read after it.
      const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
      const request = { executionArn, maxResults: 1000, includeExecutionData: false };
      for await (const { events = [] } of paginateGetExecutionHistory({ client }, request)) {
        for (const step of events.flatMap((event) => steps.observe(event))) print(stepLine(label, step));
      }
      if (execution.status !== 'RUNNING' && execution.status !== 'PENDING_REDRIVE') return execution;
      failures = 0;
    } catch (error) {
      failures += 1;
      const final = isHopeless(error) && codeOf(error) !== 'TimeoutError';
      if (
        final ||
        isDenied(error) ||
        codeOf(error) === 'ExecutionDoesNotExist' ||
        failures >= MOST_FAILURES
      ) {
        throw new CommandError(`following ${executionArn}: ${awsErrorText(error)}`);
      }
    }
    // An aborted wait is Ctrl-C, which the loop sees.
    await sleep((interval ?? waitSeconds(look)) * 1000, undefined, { signal: interrupted }).catch(
      () => undefined,
    );
  }
  return undefined;
}
