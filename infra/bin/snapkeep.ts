/** The CDK app: `ENV` names a file of `config/`, without its ending; else it is the minimal example. */
import { join } from 'node:path';
import { deploymentApp } from '../lib/app.ts';
import { ConfigError, loadDeployment } from '../lib/config/load.ts';

const environment = process.env.ENV || 'minimal';
const file = join(import.meta.dirname, '..', 'config', `${environment}.yaml`);
try {
  const deployment = loadDeployment(file, { now: new Date() });
  deploymentApp({ deployment, codeRoot: process.env.CODE_ROOT || undefined }).app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  // A stack trace says nothing about a config file.
  console.error(error.message);
  process.exit(1);
}
