/** What must outlive everything else: the bucket and the key. */
import { CfnOutput, CfnResource, CfnWaitConditionHandle, Stack, type StackProps } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { BackupVault } from './backup-vault.ts';
import type { Deployment } from './config/deployment.ts';
import { DeploymentKey } from './deployment-key.ts';

/** Properties of {@link StorageStack}. */
export interface StorageStackProps extends StackProps {
  /** What the config says. */
  readonly deployment: Deployment;
}

/**
 * Logical ids of what is kept when the stack goes. Another id is another resource: CloudFormation would make an empty
 * bucket and let go of the one with the backups. So they are pinned here, whatever constructs around them are called.
 */
export const STATEFUL_IDS = {
  bucket: 'BackupBucket',
  bucketPolicy: 'BackupBucketPolicy',
  accessLogs: 'AccessLogBucket',
  accessLogsPolicy: 'AccessLogBucketPolicy',
  key: 'DeploymentKey',
} as const;

/** Bucket and key, all of them retained. */
export class StorageStack extends Stack {
  /** The backup bucket. */
  public readonly bucket: s3.IBucket;
  /** The key of everything that is no backup. */
  public readonly key: kms.IKey;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    super(scope, id, props);
    const { deployment } = props;
    this.key = this.deploymentKey(deployment);
    this.bucket = this.backupBucket(deployment);
    if (this.node.findAll().every((construct) => !CfnResource.isCfnResource(construct))) {
      // A stack must have a resource, and this one costs nothing: bucket and key are both brought along.
      new CfnWaitConditionHandle(this, 'Nothing');
    }
    new CfnOutput(this, 'BucketName', {
      value: this.bucket.bucketName,
      description: 'Where the backups lie',
    });
    new CfnOutput(this, 'KeyArn', {
      value: this.key.keyArn,
      description: 'Encrypts everything that is no backup',
    });
  }

  private deploymentKey(deployment: Deployment): kms.IKey {
    if (deployment.keyArn) return kms.Key.fromKeyArn(this, 'Key', deployment.keyArn);
    const { key } = new DeploymentKey(this, 'Key', {
      deployment: deployment.name,
      topicArn: deployment.alerts.topicArn,
    });
    pin(key, STATEFUL_IDS.key);
    return key;
  }

  private backupBucket(deployment: Deployment): s3.IBucket {
    const { name, existing, noncurrentDays, accessLogsBucket, sourceAccountCondition } = deployment.bucket;
    if (existing && name) return s3.Bucket.fromBucketName(this, 'Bucket', name);
    const vault = new BackupVault(this, 'Vault', {
      bucketName: name,
      noncurrentDays,
      sourceAccountCondition,
      accessLogsBucket: accessLogsBucket
        ? s3.Bucket.fromBucketName(this, 'AccessLogs', accessLogsBucket)
        : undefined,
    });
    pin(vault.bucket, STATEFUL_IDS.bucket);
    pin(vault.bucket.policy, STATEFUL_IDS.bucketPolicy);
    pin(vault.accessLogs, STATEFUL_IDS.accessLogs);
    pin(vault.accessLogs?.policy, STATEFUL_IDS.accessLogsPolicy);
    return vault.bucket;
  }
}

function pin(construct: IConstruct | undefined, logicalId: string): void {
  const resource = construct?.node.defaultChild as CfnResource | undefined;
  resource?.overrideLogicalId(logicalId);
}
