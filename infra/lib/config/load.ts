/** Reads a config file: the one way to a `Deployment`. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDeployment } from './checks.ts';
import type { Deployment } from './deployment.ts';
import { problemsOf, valueAt } from './issues.ts';
import { normalize } from './normalize.ts';
import { ConfigError, type Problem, problem, problemText } from './problem.ts';
import { type ConfigFile, fileSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';

export { ConfigError } from './problem.ts';

/** What a file is read against. */
export interface LoadOptions {
  /** The present, which tells what is past; the deployment does not depend on it. */
  readonly now: Date;
  /**
   * How many objects of a run are verified at a time.
   * @default `MaxConcurrency` of `statemachine/backup.asl.json`
   */
  readonly verifyConcurrency?: number;
}

/** Reads the file at `path`, or throws a `ConfigError` with everything that is wrong with it. */
export function loadDeployment(path: string, options: LoadOptions): Deployment {
  return parseDeployment(readFileSync(path, 'utf8'), basename(path), options);
}

/** Reads a file's text; `fileName` is for errors only. */
export function parseDeployment(text: string, fileName: string, options: LoadOptions): Deployment {
  const source = readSource(text);
  if (source.problems.length > 0) throw new ConfigError(fileName, source.problems);
  const { deployment, problems } = judge(source.data, options);
  if (deployment === undefined || problems.length > 0) {
    throw new ConfigError(
      fileName,
      problems.map((found) => located(found, source)),
    );
  }
  return deployment;
}

function located(found: Problem, source: Source) {
  return { ...source.locate(found), text: problemText(found, valueAt(source.data, found.path)) };
}

function judge(
  data: unknown,
  options: LoadOptions,
): { deployment?: Deployment; problems: readonly Problem[] } {
  if (data === null) return { problems: [problem([], 'begin with a copy of config/minimal.yaml')] };
  const parsed = fileSchema.safeParse(data);
  const problems = problemsOf(parsed.error?.issues ?? [], data);
  if (parsed.success && problems.length === 0) return judgeFile(parsed.data, options);
  const rest = withoutBroken(data, problems);
  // What is sound is judged all the same, so that one run tells everything.
  const judged = rest === undefined ? [] : judgeFile(rest, options).problems;
  return { problems: [...problems, ...judged.filter((found) => !isAbout(found, problems))] };
}

/** Whether a problem is of a value that something was taken out of: it may be no more than that. */
function isAbout({ path }: Problem, broken: readonly Problem[]): boolean {
  return broken.some(
    (other) => path.length < other.path.length && path.every((part, nr) => part === other.path[nr]),
  );
}

function judgeFile(file: ConfigFile, { now, verifyConcurrency }: LoadOptions) {
  const { deployment, problems } = normalize(file, now);
  const concurrency = verifyConcurrency ?? stateMachineConcurrency();
  return {
    deployment,
    problems: [...problems, ...checkDeployment(deployment, { now, verifyConcurrency: concurrency })],
  };
}

/**
 * The file without its broken plans and broken optional fields, or undefined where nothing is left to judge.
 */
function withoutBroken(data: unknown, problems: readonly Problem[]): ConfigFile | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const rest: Record<string, unknown> = { ...data };
  for (const { path } of problems) {
    const [field, plan] = path;
    if (field === undefined) return undefined;
    if (field !== 'plans' || plan === undefined) {
      delete rest[field];
    } else {
      const { [plan]: _, ...others } = rest.plans as Record<string, unknown>;
      rest.plans = others;
    }
  }
  return fileSchema.safeParse(rest).data;
}

/** Where the state machine is written, beside `infra/`. */
const STATE_MACHINE = new URL('../../../statemachine/backup.asl.json', import.meta.url);

function stateMachineConcurrency(): number {
  return mapConcurrency(readFileSync(fileURLToPath(STATE_MACHINE), 'utf8'));
}

/** `MaxConcurrency` of the state `VerifyObjects` in the text of a state machine. */
export function mapConcurrency(asl: string): number {
  const found = valueAt(JSON.parse(asl), ['States', 'VerifyObjects', 'MaxConcurrency']);
  if (typeof found === 'number') return found;
  throw new TypeError(
    `VerifyObjects.MaxConcurrency of the state machine is ${String(found)}, allowed is a number`,
  );
}
