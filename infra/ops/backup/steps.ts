/**
 * A run as its steps: one per task, with the waits before it and every turn of its loop. The same rules as
 * `tests/local/src/view/steps.rs`, so that a run reads alike here and there.
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { plural, span } from '../common/text.ts';

/** A task state, or a Map with all that is in it. */
export interface Step {
  readonly state: string;
  /** When it, or the first wait before it, was entered; milliseconds since 1970. */
  readonly began: number;
  /** How often it was entered: more than once in a loop. */
  visits: number;
  /** How often a function was called. */
  calls: number;
  /** Shards done and in all, for a Map. */
  shards?: { done: number; readonly all: number };
  /** Names of errors that were retried, with their numbers. */
  readonly retried: Map<string, number>;
  /** When it was left; absent while it is under way. */
  ended?: number;
  /** The name it failed by, and the run with it. */
  failed?: string;
}

const ENDS: Readonly<Record<string, string>> = {
  ExecutionFailed: 'failed',
  ExecutionTimedOut: 'States.Timeout',
  ExecutionAborted: 'aborted',
};

/** The steps of a run so far; events go in one by one, in their order, and each only once. */
export class Steps {
  private current: Step | undefined;
  private last: Step | undefined;
  /** The wait that belongs to the next task. */
  private wait: { readonly state: string; readonly since: number } | undefined;
  /** The error of the last failed call, until something shows that it was retried. */
  private failedCall: string | undefined;
  /** Id of the last event that was taken in. */
  private seen = 0;

  /** Takes the next event; gives the steps that ended with it. */
  observe(event: HistoryEvent): Step[] {
    const { id = 0, type = '' } = event;
    if (id <= this.seen) return [];
    this.seen = id;
    const at = event.timestamp?.getTime() ?? 0;
    const entered = event.stateEnteredEventDetails?.name;
    if (type === 'WaitStateEntered' && entered) {
      this.wait ??= { state: entered, since: at };
      return [];
    }
    if ((type === 'TaskStateEntered' || type === 'MapStateEntered') && entered)
      return this.enter(entered, at);
    if (type === 'ExecutionRedriven') this.redriven(at);
    else if (type === 'ExecutionSucceeded') return this.finish(at);
    else if (type in ENDS) return this.fail(event, type, at);
    else this.detail(event, type);
    return [];
  }

  /** The state that is under way, or the one that a stopped run was in. */
  get state(): string | undefined {
    return (this.current ?? this.last)?.state;
  }

  /** A task of another name ends the step before; one of the same name is another turn of its loop. Tasks in a Map belong to it. */
  private enter(state: string, at: number): Step[] {
    const { current } = this;
    const began = this.wait?.since ?? at;
    this.wait = undefined;
    if (current?.shards && current.shards.done < current.shards.all) return [];
    if (current?.state === state) {
      current.visits += 1;
      return [];
    }
    const ended = this.finish(began);
    this.current = { state, began, visits: 1, calls: 0, retried: new Map() };
    return ended;
  }

  /** A re-drive goes on in the state that failed without entering it again. */
  private redriven(at: number): void {
    const { last } = this;
    if (last)
      this.current = {
        state: last.state,
        began: at,
        visits: 1,
        calls: 0,
        shards: last.shards,
        retried: new Map(),
      };
  }

  private finish(at: number): Step[] {
    const { current } = this;
    this.current = undefined;
    this.failedCall = undefined;
    this.wait = undefined;
    if (!current) return [];
    current.ended = at;
    this.last = current;
    return [current];
  }

  /** A run that was stopped while it waited failed in that wait, and not in the task before it. */
  private fail(event: HistoryEvent, type: string, at: number): Step[] {
    const { wait } = this;
    const before = wait ? this.finish(wait.since) : [];
    if (wait)
      this.current = { state: wait.state, began: wait.since, visits: 1, calls: 0, retried: new Map() };
    const details =
      event.executionFailedEventDetails ??
      event.executionTimedOutEventDetails ??
      event.executionAbortedEventDetails;
    if (this.current) this.current.failed = details?.error ?? ENDS[type];
    return [...before, ...this.finish(at)];
  }

  private detail(event: HistoryEvent, type: string): void {
    const { current } = this;
    if (!current) return;
    if (type === 'TaskScheduled') {
      current.calls += 1;
      const { failedCall } = this;
      if (failedCall) current.retried.set(failedCall, (current.retried.get(failedCall) ?? 0) + 1);
      this.failedCall = undefined;
    } else if (type === 'TaskFailed' || type === 'TaskTimedOut') {
      this.failedCall = (event.taskFailedEventDetails ?? event.taskTimedOutEventDetails)?.error;
    } else if (type === 'MapStateStarted') {
      current.shards = { done: 0, all: event.mapStateStartedEventDetails?.length ?? 0 };
    } else if (type === 'MapIterationSucceeded' && current.shards) {
      current.shards.done += 1;
    }
  }
}

/** Columns for the longest state name. */
const STATE = 14;

/** A step that ended: `✔ orders  CheckSnapshot    3 min 26 s  looked 11 times`. */
export function stepLine(label: string, step: Step): string {
  const took = span((step.ended ?? step.began) - step.began);
  const mark = step.failed ? '✘' : '✔';
  return `${mark} ${label}  ${step.state.padEnd(STATE)}  ${took.padStart(11)}  ${remarks(step)}`.trimEnd();
}

function remarks({ shards, calls, visits, retried, failed }: Step): string {
  return [
    ...(shards ? [`${shards.done} of ${plural(shards.all, 'shard')} verified`] : []),
    ...(shards && calls > shards.all ? [`${calls} calls`] : []),
    ...(visits > 1 ? [`looked ${visits} times`] : []),
    ...[...retried].sort().map(([error, times]) => `retried ${error} ×${times}`),
    ...(failed ? [failed] : []),
  ].join(', ');
}
