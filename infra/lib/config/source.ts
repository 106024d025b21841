/** A YAML text: its data, what is wrong with it as YAML, and where each value stands. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { LocatedProblem, Path, Problem } from './problem.ts';

/** A YAML text that was read. */
export interface Source {
  /** What it holds, or undefined where it cannot be read. */
  readonly data: unknown;
  /** What is wrong with it as YAML. */
  readonly problems: readonly LocatedProblem[];
  /** Line and column, from 1, of a value or key; of what is nearest above it where it is missing. */
  locate(problem: Pick<Problem, 'path' | 'of'>): { line: number; column: number };
}

/** Reads YAML 1.2 (so `yes` is a text). Anchors are allowed; keys that come twice are not. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', prettyErrors: false, lineCounter: lines });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const problems: LocatedProblem[] = [...document.errors, ...document.warnings].map(
    ({ code, message, pos }) => ({
      ...place(pos[0]),
      text:
        code === 'DUPLICATE_KEY'
          ? 'this key comes twice in its map; keep one'
          : `this is not YAML; ${message}`,
    }),
  );
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const text = `the alias *${alias.source} has no anchor; allowed are those of anchors before it`;
      problems.push({ ...place(startOf(alias) ?? 0), text });
    },
  });
  const read = problems.length === 0 ? dataOf(() => document.toJS()) : { data: undefined };
  if ('problem' in read) problems.push({ line: 1, column: 1, text: `this is not YAML; ${read.problem}` });
  return {
    data: 'data' in read ? read.data : undefined,
    problems,
    locate: ({ path, of }) => place(offsetOf(document.contents, path, of === 'key', resolve)),
  };
}

/** The data, or what the library says, which gives up on aliases that multiply. */
function dataOf(read: () => unknown): { data: unknown } | { problem: string } {
  try {
    return { data: read() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function offsetOf(
  contents: Node | null,
  path: Path,
  ofKey: boolean,
  resolve: (node: unknown) => unknown,
): number {
  let node: unknown = contents;
  let offset = startOf(node) ?? 0;
  for (const [nr, part] of path.entries()) {
    const inside = resolve(node);
    const last = nr === path.length - 1;
    if (isMap(inside)) {
      const pair = inside.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return offset;
      const [key, value] = [startOf(pair.key), startOf(pair.value)];
      // What is missing below a value is told at its key, which is where a person looks for it.
      offset = (last && !ofKey ? (value ?? key) : key) ?? offset;
      node = pair.value;
    } else if (isSeq(inside) && typeof part === 'number') {
      node = inside.items[part];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  const { range } = (node ?? {}) as { range?: readonly number[] | null };
  return range?.[0];
}
