/** The app of one deployment: both stacks, checked by cdk-nag while they are synthesized. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Deployment } from './config/deployment.ts';
import { named } from './names.ts';
import { StorageStack } from './storage-stack.ts';
import { WorkflowStack } from './workflow-stack.ts';

/** Where things of the repository lie. */
const REPOSITORY = join(import.meta.dirname, '..', '..');
/** The state machine file. */
export const DEFINITION = join(REPOSITORY, 'statemachine', 'backup.asl.json');

/** What an app is made of. */
export interface DeploymentApp {
  /** The app. */
  readonly app: App;
  /** What stays. */
  readonly storage: StorageStack;
  /** What can be made anew. */
  readonly workflow: WorkflowStack;
}

/** How an app is made. */
export interface DeploymentAppProps extends AppProps {
  /** What the config says. */
  readonly deployment: Deployment;
  /**
   * Folder that has a folder with a `bootstrap` for each function.
   * @default - `target/deploy/<architecture>`, which `make deploy` fills
   */
  readonly codeRoot?: string;
}

/** The app of a deployment. */
export function deploymentApp(props: DeploymentAppProps): DeploymentApp {
  const { deployment } = props;
  const app = new App({ analyticsReporting: false, treeMetadata: false, ...props });
  // Access logs reach a bucket without ACLs by its policy alone.
  app.node.setContext('@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy', true);
  // What CloudFormation would refuse is an error here already.
  app.node.setContext('@aws-cdk/core:validateAgainstDefaultRules', true);
  const env = { account: deployment.account, region: deployment.region };
  const storage = new StorageStack(app, 'Storage', {
    deployment,
    env,
    stackName: named(deployment.name, 'storage'),
    description: `snapkeep ${deployment.name}: the backup bucket and the key`,
    terminationProtection: true,
  });
  const workflow = new WorkflowStack(app, 'Workflow', {
    deployment,
    env,
    stackName: named(deployment.name, 'workflow'),
    description: `snapkeep ${deployment.name}: the backup workflow`,
    storage,
    definition: readFileSync(DEFINITION, 'utf8'),
    codeRoot: props.codeRoot ?? join(REPOSITORY, 'target', 'deploy', deployment.architecture),
  });
  for (const [key, value] of Object.entries({ 'snapkeep:deployment': deployment.name, ...deployment.tags })) {
    Tags.of(app).add(key, value);
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, storage, workflow };
}
