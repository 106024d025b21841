/**
 * The grammar of EventBridge Scheduler's cron expressions.
 *
 * Facts are from the Scheduler user guide, "Schedule types", and the EventBridge user guide, "Cron
 * expressions reference" (which has the table of wildcards). What the guides leave open is read as Quartz
 * reads it, whose expressions they are, where people report that AWS takes it: `LW`, `6L`, names in any case.
 * [U] All else is refused, since AWS would refuse it only when the stack is half deployed.
 */

/** An expression that was read to the end. */
export interface CronExpression {
  /** The six fields in upper case with one space between, as Scheduler gets them. */
  readonly text: string;
  /** Minutes of the hour, ascending. */
  readonly minutes: readonly number[];
  /** Hours of the day, ascending. */
  readonly hours: readonly number[];
  /** Years, ascending, 1970 to 2199. */
  readonly years: readonly number[];
  /**
   * Day of month, month and day of week in croner's grammar with `alternativeWeekdays`: lists of numbers, `*`
   * for any day, and `L`, `15W`, `LW`, `6L`, `6#2` as they stand.
   */
  readonly days: string;
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names of the values, the first one that of `from`. */
  readonly names: readonly string[];
  /** Whether `/` is one of its wildcards. */
  readonly steps: boolean;
  /** What stands alone in it, beside lists of numbers. */
  readonly alone?: RegExp;
  /** What is allowed, for error texts. */
  readonly allowed: string;
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

const MINUTE: Field = {
  name: 'minute',
  from: 0,
  to: 59,
  names: [],
  steps: true,
  allowed: '0-59 with , - * /',
};
const HOUR: Field = { name: 'hour', from: 0, to: 23, names: [], steps: true, allowed: '0-23 with , - * /' };
const DAY_OF_MONTH: Field = {
  name: 'day-of-month',
  from: 1,
  to: 31,
  names: [],
  steps: true,
  alone: /^(\?|L|LW|(0?[1-9]|[12]\d|3[01])W)$/,
  allowed: '1-31 with , - * /, or one of ? L LW 15W alone',
};
const MONTH: Field = {
  name: 'month',
  from: 1,
  to: 12,
  names: MONTHS,
  steps: true,
  allowed: '1-12 or JAN-DEC with , - * /',
};
const DAY_OF_WEEK: Field = {
  name: 'day-of-week',
  from: 1,
  to: 7,
  names: WEEKDAYS,
  steps: false,
  alone: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
  allowed: '1-7 (1 is Sunday) or SUN-SAT with , - *, or one of ? L 6L 6#2 alone',
};
const YEAR: Field = {
  name: 'year',
  from: 1970,
  to: 2199,
  names: [],
  steps: true,
  allowed: '1970-2199 with , - * /',
};

/** Reads an expression, or says what is allowed in its place. */
export function readCron(given: string): CronExpression | { remedy: string } {
  const text = given.trim().replace(/\s+/g, ' ').toUpperCase();
  const parts = text.split(' ');
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...more] = parts;
  const whole =
    minute !== undefined &&
    hour !== undefined &&
    dayOfMonth !== undefined &&
    month !== undefined &&
    dayOfWeek !== undefined &&
    year !== undefined &&
    more.length === 0;
  if (!whole || text.includes('(')) return { remedy: notSixFields(text, parts.length) };
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return {
      remedy:
        'exactly one of day-of-month (third) and day-of-week (fifth) must be "?", such as "0 3 * * ? *" for every ' +
        'day or "0 3 ? * MON *" for Mondays',
    };
  }
  const minutes = readField(MINUTE, minute);
  const hours = readField(HOUR, hour);
  const days = readField(DAY_OF_MONTH, dayOfMonth);
  const months = readField(MONTH, month);
  const weekdays = readField(DAY_OF_WEEK, dayOfWeek);
  const years = readField(YEAR, year);
  if ('remedy' in minutes) return minutes;
  if ('remedy' in hours) return hours;
  if ('remedy' in days) return days;
  if ('remedy' in months) return months;
  if ('remedy' in weekdays) return weekdays;
  if ('remedy' in years) return years;
  return {
    text,
    minutes: minutes.numbers,
    hours: hours.numbers,
    years: years.numbers,
    days: `${days.croner} ${months.croner} ${weekdays.croner}`,
  };
}

function notSixFields(text: string, count: number): string {
  if (text.startsWith('RATE(')) {
    return (
      'a rate counts from the moment of deployment, so nobody knows when it fires: say it as cron, such as ' +
      '"0 * * * ? *" for every hour or "0 3 * * ? *" for every day at 3'
    );
  }
  if (text.startsWith('AT(')) return 'a plan recurs: start a single backup by hand';
  if (text.startsWith('CRON(')) return 'write the six fields alone, without "cron(" and ")"';
  const six = 'minute, hour, day-of-month, month, day-of-week and year, such as "0 3 * * ? *"';
  return count === 5
    ? `five fields are the grammar of crontab; EventBridge takes six: ${six}`
    : `allowed are six fields: ${six}`;
}

interface ReadField {
  /** Its values, ascending; empty where croner alone understands it. */
  readonly numbers: readonly number[];
  /** The same for croner. */
  readonly croner: string;
}

function readField(field: Field, text: string): ReadField | { remedy: string } {
  if (text === '*') return { numbers: range(field.from, field.to, 1), croner: '*' };
  if (field.alone?.test(text)) return { numbers: [], croner: alone(field, text) };
  const numbers = new Set<number>();
  for (const item of text.split(',')) {
    const values = readItem(field, item);
    if (values === undefined) {
      return { remedy: `"${text}" is no ${field.name}; allowed is ${field.allowed}` };
    }
    for (const value of values) numbers.add(value);
  }
  const ascending = [...numbers].sort((a, b) => a - b);
  return { numbers: ascending, croner: ascending.join(',') };
}

/** What stands alone, for croner: `?` is any day, `L` in days of the week is the week's last, Saturday. */
function alone(field: Field, text: string): string {
  if (text === '?') return '*';
  if (field !== DAY_OF_WEEK) return text;
  if (text === 'L') return String(field.to);
  return text.replace(/^[A-Z]{3}/, (name) => String(field.names.indexOf(name) + field.from));
}

/**
 * `7`, `1-5`, `0/15`, a star with a step, `1-30/2`; undefined for all else, such as a range that runs
 * backwards.
 */
function readItem(field: Field, item: string): readonly number[] | undefined {
  const [, span, step] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
  if (span === undefined || (step !== undefined && !field.steps)) return undefined;
  const by = Number(step ?? 1);
  if (by < 1 || by > field.to - field.from) return undefined;
  if (span === '*') return step === undefined ? undefined : range(field.from, field.to, by);
  const [first, last, ...more] = span.split('-').map((word) => readValue(field, word));
  if (first === undefined || more.length > 0) return undefined;
  if (!span.includes('-')) return step === undefined ? [first] : range(first, field.to, by);
  return last === undefined || last < first ? undefined : range(first, last, by);
}

function readValue(field: Field, word: string): number | undefined {
  const named = field.names.indexOf(word);
  const value = named >= 0 ? named + field.from : /^\d{1,4}$/.test(word) ? Number(word) : undefined;
  return value !== undefined && value >= field.from && value <= field.to ? value : undefined;
}

function range(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, nr) => from + nr * by);
}
