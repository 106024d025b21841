/** `make cost`: what a deployment costs, with the arithmetic of every line. It asks nobody. */
import { type Command, numberOf, UsageError } from '../common/command.ts';
import { DEFAULTS, type Usage } from './model.ts';
import { costTable } from './table.ts';

type Name = 'caches' | 'runs' | 'shards' | 'gb' | 'kept' | 'noncurrent-days' | 'snapshots' | 'transitions';

/** Caches of the two columns where nobody asks for others. */
const CACHES = '1,100';

/** The command. */
export function costCommand(): Command<Name> {
  const usual = (value: number): string => `[default: ${value}]`;
  return {
    name: 'cost',
    about: 'Prints what a deployment costs, a run and a month, with the arithmetic of every line.',
    options: {
      caches: { value: 'N,N', about: `numbers of caches, a column each [default: ${CACHES}]` },
      runs: { value: 'N', about: `runs of a cache in a month ${usual(DEFAULTS.runs)}` },
      shards: { value: 'N', about: `shards of a cache ${usual(DEFAULTS.shards)}` },
      gb: { value: 'N', about: `GB of a cache's RDB files together ${usual(DEFAULTS.gigabytes)}` },
      kept: { value: 'N', about: `backups of a cache that are kept ${usual(DEFAULTS.kept)}` },
      'noncurrent-days': {
        value: 'N',
        about: `days to have deleted backups back ${usual(DEFAULTS.noncurrentDays)}`,
      },
      snapshots: { value: 'N', about: `snapshots that stay in ElastiCache ${usual(DEFAULTS.snapshots)}` },
      transitions: { value: 'N', about: `transitions of a run of one shard ${usual(DEFAULTS.transitions)}` },
    },
    run: async (given, { print }) => {
      const usage: Usage = {
        runs: numberOf(given, 'runs', 0, DEFAULTS.runs),
        shards: numberOf(given, 'shards', 1, DEFAULTS.shards),
        gigabytes: numberOf(given, 'gb', 0, DEFAULTS.gigabytes),
        kept: numberOf(given, 'kept', 0, DEFAULTS.kept),
        noncurrentDays: numberOf(given, 'noncurrent-days', 0, DEFAULTS.noncurrentDays),
        snapshots: numberOf(given, 'snapshots', 0, DEFAULTS.snapshots),
        transitions: numberOf(given, 'transitions', 0, DEFAULTS.transitions),
      };
      const text = given.caches ?? CACHES;
      const caches = text.split(',').map(Number);
      if (caches.some((number) => !Number.isInteger(number) || number < 1)) {
        throw new UsageError(`--caches is \`${text}\`; allowed are whole numbers from 1 with commas between`);
      }
      print(costTable(usage, caches));
      return 0;
    },
  };
}
