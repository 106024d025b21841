/** What is wrong with a config file, and how it is told. */

/** The way to a value in the file: keys of maps and positions in lists. */
export type Path = readonly (string | number)[];

/** One thing that is wrong. */
export interface Problem {
  /** What it is about; the last part is the offending key where `of` is `key`. */
  readonly path: Path;
  /** Whether the value is wrong or the key itself. */
  readonly of: 'value' | 'key';
  /** What is allowed or what to do, told after the path and the value that was given. */
  readonly remedy: string;
}

/** A problem at its place in the file. */
export interface LocatedProblem {
  /** Line and column of the YAML node, counted from 1. */
  readonly line: number;
  readonly column: number;
  /** What was given and what is allowed, on one line. */
  readonly text: string;
}

/** Why a config file is refused: every problem that was found, in the file's order, one a line. */
export class ConfigError extends Error {
  readonly fileName: string;
  readonly problems: readonly LocatedProblem[];

  constructor(fileName: string, problems: readonly LocatedProblem[]) {
    const ordered = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    super(ordered.map(({ line, column, text }) => `${fileName}:${line}:${column} ${text}`).join('\n'));
    this.name = 'ConfigError';
    this.fileName = fileName;
    this.problems = ordered;
  }
}

/** A value that is wrong. */
export function problem(path: Path, remedy: string): Problem {
  return { path, of: 'value', remedy };
}

/** `plans.nightly.caches[0]`, as a person would write it. */
export function pathText(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/** Longest value that an error shows whole, in characters. */
const SHOWN_MAX = 100;

/** A value as the file's author wrote it, or nearly so; of long ones the beginning or the size. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (text.length <= SHOWN_MAX) return text;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `a map of ${Object.keys(value).length}`;
  return `${text.slice(0, SHOWN_MAX)}…`;
}

/** A problem in words: what was given, then what is allowed. */
export function problemText({ path, of, remedy }: Problem, given: unknown): string {
  if (of === 'key') {
    return `${pathText(path.slice(0, -1))} has ${shown(String(path.at(-1)))}; ${remedy}`;
  }
  if (path.length === 0) return `the file is ${given === null ? 'empty' : shown(given)}; ${remedy}`;
  return given === undefined
    ? `${pathText(path)} is missing; ${remedy}`
    : `${pathText(path)} is ${shown(given)}; ${remedy}`;
}
