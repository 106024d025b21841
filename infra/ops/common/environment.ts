/** Which deployment a command is about: the file behind `ENV`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment } from '../../lib/config/deployment.ts';
import { ConfigError } from '../../lib/config/problem.ts';
import { CommandError, UsageError } from './command.ts';

/** Reads and checks a config file; `loadDeployment` of `lib/config/load.ts`. */
export type LoadDeployment = (path: string, options: { now: Date }) => Deployment;

/** Where config files lie: `prod` is `infra/config/prod.yaml`. */
export const CONFIG_FOLDER = fileURLToPath(new URL('../../config/', import.meta.url));

/** The environment of a name, from a folder of config files. */
export function readEnvironment(
  name: string,
  load: LoadDeployment,
  { now, folder = CONFIG_FOLDER }: { now: Date; folder?: string },
): Deployment {
  const path = join(folder, `${name}.yaml`);
  if (!/^[\w-]+$/.test(name) || !existsSync(path)) {
    const there = environments(folder);
    const list = there.length === 0 ? 'there is none yet, write one' : `there are ${there.join(', ')}`;
    throw new UsageError(`no environment \`${name}\` (infra/config/${name}.yaml): ${list}`);
  }
  try {
    return load(path, { now });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error.message);
  }
}

function environments(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
}
