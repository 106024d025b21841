/** The costs as a Markdown table, which reads as well on a screen. */
import { count, plural } from '../common/text.ts';
import { type CostLine, costLines, monthly, type Usage, VERIFY_MB_A_SECOND, work } from './model.ts';
import { PRICED } from './prices.ts';

/** The table of all lines with their sums, and what it rests on. */
export function costTable(usage: Usage, caches: readonly number[]): string {
  const lines = costLines(usage);
  const row = (line: CostLine): string[] => [
    line.part,
    line.reckoning,
    line.run === undefined ? '' : dollars(line.run, 6),
    ...caches.map((number) => dollars(monthly(line, usage, number), 2)),
  ];
  const sum = (of: (line: CostLine) => number): number => lines.reduce((total, line) => total + of(line), 0);
  const total = [
    '**together**',
    '',
    `**${dollars(
      sum(({ run = 0 }) => run),
      6,
    )}**`,
    ...caches.map(
      (number) =>
        `**${dollars(
          sum((line) => monthly(line, usage, number)),
          2,
        )}**`,
    ),
  ];
  const head = [
    'part',
    'reckoning',
    'a run',
    ...caches.map((number) => `${plural(number, 'cache')}, a month`),
  ];
  return [...markdown(head, [...lines.map(row), total]), '', ...notes(usage)].join('\n');
}

function notes(usage: Usage): string[] {
  const { looks } = work(usage);
  return [
    `For each cache ${plural(usage.runs, 'run')} a month of ${plural(usage.shards, 'shard')}, ${usage.gigabytes} GB of RDB, ` +
      `${count(usage.kept)} backups kept, ${count(usage.noncurrentDays)} days to have deleted ones back; one plan.`,
    `Public on-demand prices of ${PRICED.region}, ${PRICED.month}, without free tiers (each service's pricing page on`,
    'aws.amazon.com, named in `ops/cost/prices.ts`): check them before relying on a sum.',
    `Measured: transitions (\`make demo\`, snapshot 22 min, export 8 min, so ${count(looks)} looks), 1.8 CPU s to verify a GB.`,
    `Assumed: ${VERIFY_MB_A_SECOND} MB/s from S3 at 1,024 MB (580 MB/s over loopback), 0.3 s a call, 0.5 MB of logs a run,`,
    'parts of 8 MiB. Not reckoned: traces, queues, failed runs. Traffic within a Region is free.',
  ];
}

/** Columns as wide as their cells; numbers stand to the right. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = (column: number): boolean => column >= 2;
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(head), line(rule), ...rows.map(line)];
}

function dollars(amount: number, digits: number): string {
  const least = 10 ** -digits;
  if (amount > 0 && amount < least / 2) return `<$${least.toFixed(digits)}`;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
