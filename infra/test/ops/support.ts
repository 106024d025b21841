/** What the tests of the operator's commands share. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Cache, Deployment, Plan } from '../../lib/config/deployment.ts';
import { loadDeployment } from '../../lib/config/load.ts';
import { type Command, execute } from '../../ops/common/command.ts';

/** The present of all tests. */
export const NOW = new Date('2026-11-20T10:15:42Z');

/** The account of all tests. */
export const ACCOUNT = '123456789012';

/** Folder of the config file `prod`. */
export const FOLDER = fileURLToPath(new URL('./config/', import.meta.url));

// The SDK would tell each test file which releases of Node.js it will drop some day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const loaded = loadDeployment(`${FOLDER}prod.yaml`, { now: NOW });

/** What every command takes from outside; the file is read once, because going through its schedules takes a while. */
export const PARTS = { load: () => loaded, folder: FOLDER, now: () => NOW };

/** The deployment of `config/prod.yaml`. */
export function deployment(): Deployment {
  return loaded;
}

/** A plan with one cache. */
export function plan(cache: Cache, more: Partial<Plan> = {}): Plan {
  return {
    name: 'nightly',
    caches: [cache],
    paused: false,
    source: 'newSnapshot',
    deadlineSeconds: 21600,
    notify: 'recovery',
    ...more,
  };
}

/** A cache by kind and id. */
export function cache(kind: Cache['kind'], id: string, nodes: readonly string[] = []): Cache {
  return { kind, id, nodes };
}

/** What a command printed, and its status: what went to standard error is marked. */
export async function run<N extends string>(
  command: Command<N>,
  argv: readonly string[],
  { interrupted = new AbortController().signal, variables = {} }: Partial<Surroundings> = {},
): Promise<{ status: number; text: string }> {
  const lines: string[] = [];
  const status = await execute(command, argv, variables, {
    print: (text) => lines.push(text),
    fail: (text) => lines.push(`(stderr) ${text}`),
    width: 100,
    interrupted,
  });
  return { status, text: `${lines.join('\n')}\n` };
}

interface Surroundings {
  readonly interrupted: AbortSignal;
  readonly variables: Readonly<Record<string, string>>;
}

/** Compares with `golden/<name>.txt`; `UPDATE_GOLDEN=1` writes it anew. */
export function expectGolden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`./golden/${name}.txt`, import.meta.url));
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** An error as the SDK throws it. */
export function awsError(name: string, message: string = name): Error {
  return Object.assign(new Error(message), { name });
}
