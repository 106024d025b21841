/** Prints what the functions of `ENV` have to be built for, for `make deploy`. */
import { loadDeployment } from '../lib/config/load.ts';
import { main } from './common/command.ts';
import { architectureCommand } from './synth/command.ts';

await main(architectureCommand({ load: loadDeployment, now: () => new Date() }));
