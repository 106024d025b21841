/** What was found out about a deployment, and how it is shown. */
import type { ExitStatus } from '../common/command.ts';
import type { Asked } from '../common/failure.ts';
import { plural, wrap } from '../common/text.ts';

/** How a statement stands: it holds, it does not, a person should know, nobody could look. */
export type Level = 'holds' | 'fails' | 'warns' | 'unchecked';

/** One statement about a deployment. */
export interface Finding {
  readonly level: Level;
  readonly text: string;
  /** What to do. */
  readonly remedy?: string;
}

/** Statements about one thing. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** It is as it has to be. */
export function holds(text: string): Finding {
  return { level: 'holds', text };
}

/** A backup would fail, or nobody would hear of it. */
export function fails(text: string, remedy: string): Finding {
  return { level: 'fails', text, remedy };
}

/** A backup can be made, but a person should know. */
export function warns(text: string, remedy: string): Finding {
  return { level: 'warns', text, remedy };
}

/** Nobody could look. */
export function unchecked(text: string, remedy?: string): Finding {
  return { level: 'unchecked', text, remedy };
}

/** Judges an answer; where there is none, says why: a right that the caller lacks is no fault of the deployment. */
export function judge<T>(
  what: string,
  asked: Asked<T>,
  of: (answer: T) => Finding | readonly Finding[],
): Finding[] {
  if ('answer' in asked) return [of(asked.answer)].flat();
  if ('denied' in asked) {
    return [
      unchecked(`${what}: not checked, the caller may not \`${asked.denied}\``, 'attach the operator policy'),
    ];
  }
  return [fails(`${what}: ${asked.failed}`, 'run this again, and see the AWS Health Dashboard if it stays')];
}

const MARKS: Readonly<Record<Level, string>> = { holds: '✔', fails: '✘', warns: '!', unchecked: '–' };

/** A line per statement, and one below it for what to do. */
export function renderSection({ title, findings }: Section, width: number): string {
  const lines = findings.flatMap(({ level, text, remedy }) => [
    wrap(text, width, `${MARKS[level]} `, '  '),
    ...(remedy ? [wrap(remedy, width, '  → ', '    ')] : []),
  ]);
  return [title, ...lines].join('\n');
}

/** How many statements stand how. */
export function summary(sections: readonly Section[]): string {
  const all = sections.flatMap(({ findings }) => findings);
  const number = (level: Level): number => all.filter((finding) => finding.level === level).length;
  const [failing, warnings, open] = [number('fails'), number('warns'), number('unchecked')];
  const parts = [
    ...(failing > 0 ? [`${failing} ${failing === 1 ? 'does' : 'do'} not hold`] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
    ...(open > 0 ? [`${open} not checked`] : []),
  ];
  const counted = [plural(all.length, 'check'), ...parts].join(', ');
  if (failing > 0) return `${counted}. A backup would fail, or nobody would hear of it.`;
  return open > 0 ? `${counted}. What was checked is ready.` : `${counted}. Ready for a first backup.`;
}

/** 1 where a statement does not hold. */
export function exitStatus(sections: readonly Section[]): ExitStatus {
  return sections.some(({ findings }) => findings.some(({ level }) => level === 'fails')) ? 1 : 0;
}
