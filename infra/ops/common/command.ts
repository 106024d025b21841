/** What every operator's command has in common: options from flags and variables, one line for an error, exit status. */
import { parseArgs } from 'node:util';
import { awsErrorText } from './failure.ts';
import { oneLine, PLAIN_WIDTH } from './text.ts';

/** 0 it is done; 1 it failed, or a check does not hold; 2 it was asked wrongly; 130 Ctrl-C, as shells count it. */
export type ExitStatus = 0 | 1 | 2 | 130;

/** It was asked wrongly: the text says what, which value, and what is allowed. */
export class UsageError extends Error {}

/** It cannot be done: the text says what, which value, and what to do. */
export class CommandError extends Error {}

/** An option: a flag of its name, or a variable. */
export interface Option {
  /** The variable that is read where the flag is not given; `make` passes its own this way. */
  readonly variable?: string;
  /** What stands for the value in the help. */
  readonly value: string;
  /** What it says. */
  readonly about: string;
}

/** The options that were given. */
export type Given<N extends string> = { readonly [K in N]?: string };

/** Where a command's text goes, and how it hears of Ctrl-C. */
export interface Terminal {
  /** Prints lines to standard output. */
  readonly print: (text: string) => void;
  /** Prints a line to standard error. */
  readonly fail: (text: string) => void;
  /** Columns. */
  readonly width: number;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** A command. */
export interface Command<N extends string> {
  /** Its file in `ops`, without `.ts`. */
  readonly name: string;
  readonly about: string;
  readonly options: Readonly<Record<N, Option>>;
  readonly run: (given: Given<N>, terminal: Terminal) => Promise<ExitStatus>;
}

/** Runs a command; whatever goes wrong is one line and a status. */
export async function execute<N extends string>(
  command: Command<N>,
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<ExitStatus> {
  try {
    if (argv.includes('--help')) {
      terminal.print(help(command));
      return 0;
    }
    return await command.run(read(command, argv, variables), terminal);
  } catch (error) {
    const text =
      error instanceof UsageError || error instanceof CommandError ? error.message : awsErrorText(error);
    // A config file may have several things wrong, each a line of its own.
    for (const line of text.split('\n')) terminal.fail(`error: ${oneLine(line)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Runs a command for this process. */
export async function main<N extends string>(command: Command<N>): Promise<void> {
  const interrupt = new AbortController();
  // The SDK warns of Node.js releases that it will drop some day, which is nothing that an operator can act on here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  process.once('SIGINT', () => interrupt.abort());
  // A reader that went away, such as `head`, is no failure.
  process.stdout.on('error', () => undefined);
  const colours = process.stdout.isTTY && !process.env.NO_COLOR && !process.env.CI;
  process.exitCode = await execute(command, process.argv.slice(2), process.env, {
    print: (text) => process.stdout.write(`${colours ? painted(text) : text}\n`),
    fail: (text) => process.stderr.write(`${text}\n`),
    width: Math.min(120, Math.max(40, process.stdout.columns ?? PLAIN_WIDTH)),
    interrupted: interrupt.signal,
  });
}

/** An option that must be given. */
export function required<N extends string>(command: Command<N>, given: Given<N>, name: N): string {
  const value = given[name];
  if (value !== undefined) return value;
  const { variable, value: form, about } = command.options[name];
  const how = variable ? `${variable}=${form} or --${name} ${form}` : `--${name} ${form}`;
  throw new UsageError(`${name} is missing (${about}); give ${how}`);
}

/** A number of at least `least` that an option gives, or its default. */
export function numberOf<N extends string>(
  given: Given<N>,
  name: N,
  least: number,
  fallback: number,
): number {
  const text = given[name];
  if (text === undefined) return fallback;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < least) {
    throw new UsageError(`--${name} is \`${text}\`; allowed is a number of at least ${least}`);
  }
  return number;
}

function read<N extends string>(
  { name: command, options }: Command<N>,
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): Given<N> {
  const names = Object.keys(options) as N[];
  const flags = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  let values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: false }));
  } catch (error) {
    // Node's text goes on with advice about values that begin with a dash.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/\. |\.?\n/);
    throw new UsageError(`${reason}; \`node --import tsx ops/${command}.ts --help\` lists what there is`);
  }
  const given: { [K in N]?: string } = {};
  for (const name of names) {
    const { variable } = options[name];
    // A variable that is empty is one that was not given: make passes them so.
    const value = values[name] ?? (variable && variables[variable] ? variables[variable] : undefined);
    if (typeof value === 'string') given[name] = value;
  }
  return given;
}

function help<N extends string>({ name, about, options }: Command<N>): string {
  const rows = Object.entries<Option>(options).map(([flag, option]) => {
    const variable = option.variable ? ` (or ${option.variable}=${option.value})` : '';
    return [`--${flag} ${option.value}`, `${option.about}${variable}`] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  const lines = rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`);
  return [about, '', `node --import tsx ops/${name}.ts [options]`, '', ...lines].join('\n');
}

/** Marks in their colours. */
function painted(text: string): string {
  const colours: Readonly<Record<string, number>> = { '✔': 32, '✘': 31, '!': 33, '–': 36, '…': 36 };
  const paint = (line: string): string => {
    const colour = colours[line.charAt(0)];
    return colour ? `\u001b[${colour}m${line.charAt(0)}\u001b[0m${line.slice(1)}` : line;
  };
  return text.split('\n').map(paint).join('\n');
}
