/**
 * `make check ENV=prod`: is everything ready for a first backup?
 *
 * It only looks. 0: ready, maybe with warnings; 1: something does not hold; 2: asked wrongly.
 */
import { loadDeployment } from '../lib/config/load.ts';
import { checkCommand } from './check/command.ts';
import { main } from './common/command.ts';

const shellRegion = process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || undefined;

await main(checkCommand({ load: loadDeployment, now: () => new Date(), shellRegion }));
