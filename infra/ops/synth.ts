/** `make synth ENV=prod`: what would be deployed. 0: printed; 1: a check found something; 2: asked wrongly. */
import { join } from 'node:path';
import { loadDeployment } from '../lib/config/load.ts';
import { main } from './common/command.ts';
import { synthCommand } from './synth/command.ts';

const INFRA = join(import.meta.dirname, '..');

await main(
  synthCommand({
    load: loadDeployment,
    now: () => new Date(),
    outdir: join(INFRA, 'cdk.out'),
    built: (architecture) => join(INFRA, '..', 'target', 'deploy', architecture),
  }),
);
