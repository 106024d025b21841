/** What the tests of config files share. */

import type { Deployment } from '../../lib/config/deployment.ts';
import { ConfigError, parseDeployment } from '../../lib/config/load.ts';
import { firings, minuteText, type Timing } from '../../lib/config/schedule.ts';

/** The present of all tests, a Saturday. */
export const NOW = new Date('2026-08-01T12:00:00Z');

/** Reads a text as the file `prod.yaml`; one that tells nobody tells the SRE, which is no test's subject but one. */
export function parse(text: string, now = NOW): Deployment {
  const told = /alerts|^[^a-z]|^$/.test(text)
    ? text
    : `${text.replace(/\n?$/, '\n')}alerts: { email: [sre@example.com] }\n`;
  return parseDeployment(told, 'prod.yaml', { now, verifyConcurrency: 10 });
}

/** The lines in which a text is refused, without the file's name; none where it is accepted. */
export function refusals(text: string, now = NOW): string[] {
  try {
    parse(text, now);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^prod\.yaml:/, ''));
  }
}

/** A file with one plan, whose fields begin in line 6 and column 5. */
export function withPlan(...fields: string[]): string {
  return `${HEAD}    caches: [replication-group/orders]\n${fields.map((field) => `    ${field}\n`).join('')}`;
}

/** A file with one plan, whose caches begin in line 5 and column 13. */
export function withCaches(caches: string): string {
  return `${HEAD}    caches: ${caches}\n`;
}

/** A file with one sound plan and more fields beside `plans`, the first of them in line 6 and column 1. */
export function withField(...fields: string[]): string {
  return `${withCaches('[replication-group/orders]')}${fields.map((field) => `${field}\n`).join('')}`;
}

/**
 * A file with plans `a`, `b`, … of a schedule and caches each, the first in line 4, its schedule in column
 * 15.
 */
export function withPlans(...plans: [string, string][]): string {
  const texts = plans.map(([schedule, caches], nr) => {
    return `  ${'abcdefghij'[nr]}:\n    schedule: ${schedule}\n    caches: ${caches}\n`;
  });
  return `deployment: prod\nregion: eu-west-1\nplans:\n${texts.join('')}`;
}

const HEAD = 'deployment: prod\nregion: eu-west-1\nplans:\n  nightly:\n';

/** A generator of numbers from 0 to 1 that a seed determines (mulberry32, Tommy Ettinger, public domain). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The seed of this test run: `SEED=… npx vitest` repeats one. */
export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** The first firings from a moment on, as `2026-11-20T03:04Z`. */
export function firstFirings(count: number, timing: Timing, from: string): string[] {
  const found: string[] = [];
  for (const at of firings(timing, Date.parse(from) / 1000)) {
    if (found.length === count) break;
    found.push(minuteText(at));
  }
  return found;
}
