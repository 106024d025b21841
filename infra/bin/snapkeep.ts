/** The CDK app of the environment in `ENV`, which names a file of `config/`; none is assumed. */
import { deploymentApp } from '../lib/app.ts';
import { loadDeployment } from '../lib/config/load.ts';
import { CommandError, UsageError } from '../ops/common/command.ts';
import { readEnvironment } from '../ops/common/environment.ts';

try {
  const environment = process.env.ENV;
  if (!environment)
    throw new UsageError('ENV is missing: ENV=prod is the deployment of infra/config/prod.yaml');
  const deployment = readEnvironment(environment, loadDeployment, { now: new Date() });
  deploymentApp({ deployment, codeRoot: process.env.CODE_ROOT || undefined }).app.synth();
} catch (error) {
  if (!(error instanceof CommandError || error instanceof UsageError)) throw error;
  // A stack trace says nothing about a config file.
  console.error(error.message);
  process.exitCode = 1;
}
