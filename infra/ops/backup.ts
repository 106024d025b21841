/**
 * `make backup ENV=prod CACHE=replication-group/orders`: one run, followed to its end.
 *
 * 0: backed up; 1: it failed; 2: asked wrongly; 130: Ctrl-C, and the run goes on.
 */
import { loadDeployment } from '../lib/config/load.ts';
import { backupCommand } from './backup/command.ts';
import { main } from './common/command.ts';

await main(backupCommand({ load: loadDeployment, now: () => new Date() }));
