/** The bucket that backups lie in. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Properties of {@link BackupVault}. */
export interface BackupVaultProps {
  /**
   * Name of the bucket.
   * @default - CloudFormation gives one
   */
  readonly bucketName?: string;
  /**
   * Days for which an overwritten or deleted object can be had back. This is what pruning leaves time for: it makes
   * delete markers and never deletes a version.
   * @default 30
   */
  readonly noncurrentDays?: number;
  /**
   * Where access logs go. An existing bucket must let `logging.s3.amazonaws.com` write.
   * @default - a bucket of its own, whose logs expire after 400 days
   */
  readonly accessLogsBucket?: s3.IBucket;
  /**
   * Whether the grant to ElastiCache asks for `aws:SourceAccount`. Nobody has confirmed that ElastiCache sends it. [U]
   * @default false
   */
  readonly sourceAccountCondition?: boolean;
}

/**
 * What ElastiCache needs to write exports (user guide, *Exporting a backup*, *Grant ElastiCache access to your Amazon S3
 * bucket*).
 */
export const EXPORT_ACTIONS = [
  's3:PutObject',
  's3:GetObject',
  's3:ListBucket',
  's3:GetBucketAcl',
  's3:ListMultipartUploadParts',
  's3:ListBucketMultipartUploads',
] as const;

/**
 * A private, versioned bucket that ElastiCache of its own Region may export to.
 *
 * Nothing in it expires by age: that would delete the last good backup after enough failed days. Objects are encrypted
 * with S3's own keys, because whether ElastiCache can write under a customer's key is not documented. [U] A second
 * Region and an immutable vault are built on this bucket's versions.
 */
export class BackupVault extends Construct {
  /** The bucket. */
  public readonly bucket: s3.Bucket;
  /** The bucket of its access logs, where it is our own. */
  public readonly accessLogs?: s3.Bucket;

  constructor(scope: Construct, id: string, props: BackupVaultProps = {}) {
    super(scope, id);
    if (!props.accessLogsBucket) this.accessLogs = this.logBucket();
    this.bucket = new s3.Bucket(this, 'Bucket', {
      ...PRIVATE,
      bucketName: props.bucketName,
      versioned: true,
      serverAccessLogsBucket: props.accessLogsBucket ?? this.accessLogs,
      serverAccessLogsPrefix: 'backups/',
      lifecycleRules: [
        {
          id: 'abort-incomplete-uploads',
          // ElastiCache may not abort an upload of its own, so what a failed export began is cleared here.
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
        {
          id: 'expire-noncurrent-versions',
          noncurrentVersionExpiration: Duration.days(props.noncurrentDays ?? 30),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
    this.bucket.addToResourcePolicy(exportGrant(this.bucket, props.sourceAccountCondition ?? false));
  }

  private logBucket(): s3.Bucket {
    return new s3.Bucket(this, 'AccessLogs', {
      ...PRIVATE,
      versioned: true,
      lifecycleRules: [
        {
          id: 'expire-logs',
          expiration: Duration.days(400),
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
  }
}

const PRIVATE = {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  encryption: s3.BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN,
} as const;

/** The statement by which ElastiCache may export into a bucket. */
export function exportGrant(bucket: s3.IBucket, sourceAccountCondition: boolean): iam.PolicyStatement {
  const stack = Stack.of(bucket);
  return new iam.PolicyStatement({
    sid: 'ElastiCacheSnapshotExport',
    principals: [new iam.ServicePrincipal(`${stack.region}.elasticache-snapshot.amazonaws.com`)],
    actions: [...EXPORT_ACTIONS],
    resources: [bucket.bucketArn, bucket.arnForObjects('*')],
    conditions: sourceAccountCondition ? { StringEquals: { 'aws:SourceAccount': stack.account } } : undefined,
  });
}
