/** `make synth`: what the stacks of an environment consist of. It asks no account and no network. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentApp } from '../../lib/app.ts';
import { FUNCTIONS } from '../../lib/config/deployment.ts';
import { type Command, required } from '../common/command.ts';
import { type LoadDeployment, readEnvironment } from '../common/environment.ts';
import { summaryText } from './summary.ts';

/** What the command takes from outside. */
export interface SynthParts {
  readonly load: LoadDeployment;
  /** Folder of the config files. */
  readonly folder?: string;
  readonly now: () => Date;
  /** Where templates go. */
  readonly outdir: string;
  /** Where the built functions of an architecture lie, if they were built. */
  readonly built: (architecture: string) => string;
}

/** Makes what stands for functions that were not built: a template names its code by a digest alone. */
function standIns(folder: string): string {
  for (const name of FUNCTIONS) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'bootstrap'), '#!/bin/sh\nexit 1\n');
  }
  return folder;
}

/** The command. */
export function synthCommand(parts: SynthParts): Command<'env'> {
  return {
    name: 'synth',
    about:
      'Prints what the stacks of an environment consist of, and writes their templates to infra/cdk.out.',
    options: {
      env: { variable: 'ENV', value: 'NAME', about: 'the environment, infra/config/NAME.yaml; else minimal' },
    },
    run: async (given, terminal) => {
      const env = given.env ?? 'minimal';
      const deployment = readEnvironment(env, parts.load, { now: parts.now(), folder: parts.folder });
      const built = parts.built(deployment.architecture);
      const isBuilt = existsSync(built);
      const codeRoot = isBuilt ? built : standIns(join(parts.outdir, 'stand-ins'));
      const { app } = deploymentApp({ deployment, codeRoot, outdir: parts.outdir });
      const stacks = app.synth().stacks.map(({ stackName, template }) => ({ name: stackName, template }));
      const acknowledged = app.node
        .findAll()
        .flatMap(({ node }) => node.metadata)
        .filter(({ type }) => type === 'aws:cdk:acknowledged-rules').length;
      // Synthesis sets it where a check found something, and has printed that by now.
      if (process.exitCode) return 1;
      terminal.print(summaryText(stacks, acknowledged));
      terminal.print('\nTemplates: infra/cdk.out/*.template.json');
      if (!isBuilt) {
        terminal.print('The functions are stand-ins here; make deploy builds the real ones.');
      }
      return 0;
    },
  };
}

/** The command that prints what the functions of an environment have to be built for. */
export function architectureCommand(parts: Pick<SynthParts, 'load' | 'folder' | 'now'>): Command<'env'> {
  const command: Command<'env'> = {
    name: 'architecture',
    about: 'Prints what the functions of an environment have to be built for.',
    options: {
      env: { variable: 'ENV', value: 'NAME', about: 'the environment, infra/config/NAME.yaml' },
    },
    run: async (given, terminal) => {
      const env = required(command, given, 'env');
      const { architecture } = readEnvironment(env, parts.load, { now: parts.now(), folder: parts.folder });
      terminal.print(architecture);
      return 0;
    },
  };
  return command;
}
