/**
 * `make test-alert ENV=prod`: a test message to everybody who would be told of a failure.
 *
 * 0: sent; 1: there is nobody to send it to, or it could not be sent; 2: asked wrongly.
 */
import { loadDeployment } from '../lib/config/load.ts';
import { testAlertCommand } from './alert/command.ts';
import { main } from './common/command.ts';

await main(testAlertCommand({ load: loadDeployment, now: () => new Date() }));
