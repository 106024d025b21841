/**
 * What each function may do: statements as plain data, one list a function, so that a test can hold them against the
 * calls that the functions were seen to make (`tests/fixtures/rights/calls.json`).
 *
 * Resource types and condition keys are those of the Service Authorization Reference. ElastiCache stores names in lower
 * case and matches ARNs by them, so everything here is lower case.
 */
import type { Cache, FunctionName, Plan } from './config/deployment.ts';
import { automaticPattern, cacheName, isServerless, serverlessKeys, snapshotPattern } from './names.ts';

/** One statement of a role. */
export interface Statement {
  /** Unique within a role; says what the statement is for. */
  readonly sid: string;
  /** Such as `s3:GetObject`; without wildcards. */
  readonly actions: readonly string[];
  /** ARNs, maybe with tokens. */
  readonly resources: readonly string[];
  /** By operator and key. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Set where no call of a function shows the need for it: why it is granted, with its source. */
  readonly reason?: string;
  /** Set where a resource has a wildcard: why it is not one name. */
  readonly pattern?: string;
}

/** Where everything lies. Values may be tokens. */
export interface Place {
  /** Name of the deployment, which our tags begin with. */
  readonly deployment: string;
  /** `aws`, `aws-cn`, … */
  readonly partition: string;
  /** Where caches and functions are. */
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  /** The backup bucket. */
  readonly bucketArn: string;
  /** The alert topic. */
  readonly topicArn: string;
  /** Whose executions `notify` reads. */
  readonly stateMachineName: string;
}

/** The tag on our snapshots that names their owner (`names.rs`, `TAG_OWNER`). */
export const TAG_OWNER = 'snapkeep:owner';

/** Why resources are patterns and no names. */
const PATTERN = {
  keys: 'keys hold the cache and the instant of each run',
  snapshots: 'the names of snapshots end with the instant of each run',
  nodes: 'ElastiCache names the nodes of a group by the group’s id and a number',
  list: 'a list by cache is authorized against every snapshot, whatever it is narrowed to',
  service: 'the action has no resource level',
  probe: 'which object ElastiCache probes the bucket with is not documented',
} as const;

/** Every cache of the plans once. */
export function cachesOf(plans: readonly Plan[]): Cache[] {
  const byName = new Map<string, Cache>();
  for (const cache of plans.flatMap((plan) => plan.caches)) {
    const key = cacheName(cache);
    const nodes = [...new Set([...(byName.get(key)?.nodes ?? []), ...cache.nodes])];
    byName.set(key, { ...cache, nodes });
  }
  return [...byName.values()];
}

/** The statements of a function's role, apart from those that every function has. */
export function rightsOf(name: FunctionName, place: Place, plans: readonly Plan[]): Statement[] {
  const rights = new Rights(place, plans);
  const of: Record<FunctionName, () => Statement[]> = {
    'create-snapshot': () => rights.createSnapshot(),
    'check-status': () => rights.checkStatus(),
    'copy-to-s3': () => rights.copyToS3(),
    'verify-object': () => rights.verifyObject(),
    'record-backup': () => rights.recordBackup(),
    prune: () => rights.prune(),
    notify: () => rights.notify(),
    watch: () => rights.watch(),
  };
  return of[name]().filter((statement) => statement.resources.length > 0);
}

class Rights {
  private readonly place: Place;
  private readonly caches: Cache[];
  private readonly automatic: Cache[];
  private readonly fresh: Cache[];

  constructor(place: Place, plans: readonly Plan[]) {
    this.place = place;
    this.caches = cachesOf(plans);
    this.automatic = cachesOf(plans.filter((plan) => plan.source === 'latestAutomatic'));
    this.fresh = cachesOf(plans.filter((plan) => plan.source === 'newSnapshot'));
  }

  /**
   * Actions on one resource share a statement: with a hundred caches each list of them fills a policy, and a role has ten.
   */
  createSnapshot(): Statement[] {
    const ours = { StringLike: { [`aws:RequestTag/${TAG_OWNER}`]: `${this.place.deployment}/*` } };
    const describeGroup = 'elasticache:DescribeReplicationGroups';
    const describeNode = 'elasticache:DescribeCacheClusters';
    const describeServerless = 'elasticache:DescribeServerlessCaches';
    const tags = 'elasticache:ListTagsForResource';
    const create = 'elasticache:CreateSnapshot';
    const createServerless = 'elasticache:CreateServerlessCacheSnapshot';
    const imported = this.automatic.filter(
      (cache) => !this.fresh.some((other) => other.id === cache.id && other.kind === cache.kind),
    );
    return [
      this.bucketLocation(),
      this.listBucket(),
      this.readManifests(),
      { sid: 'SnapshotGroups', actions: [create, describeGroup, tags], resources: this.groups(this.fresh) },
      { sid: 'SnapshotNodes', actions: [create, describeNode, tags], resources: this.standAlone(this.fresh) },
      {
        sid: 'SnapshotMembers',
        actions: [create, describeNode],
        resources: this.members(this.fresh),
        pattern: PATTERN.nodes,
      },
      {
        sid: 'SnapshotServerless',
        actions: [createServerless, describeServerless, tags],
        resources: this.serverlessCaches(this.fresh),
      },
      {
        sid: 'MakeSnapshots',
        actions: [create, 'elasticache:AddTagsToResource'],
        resources: this.snapshots(nodeBased(this.fresh)),
        conditions: ours,
        pattern: PATTERN.snapshots,
      },
      {
        sid: 'MakeServerlessSnapshots',
        actions: [createServerless, 'elasticache:AddTagsToResource'],
        resources: this.snapshots(serverless(this.fresh)),
        conditions: ours,
        pattern: PATTERN.snapshots,
      },
      ...this.describeByName('own').filter(({ sid }) => !this.isListed(sid)),
      ...this.listSnapshots(this.automatic),
      { sid: 'DescribeGroups', actions: [describeGroup], resources: this.groups(imported) },
      { sid: 'DescribeNodes', actions: [describeNode], resources: this.standAlone(imported) },
      {
        sid: 'DescribeServerless',
        actions: [describeServerless],
        resources: this.serverlessCaches(imported),
      },
    ];
  }

  checkStatus(): Statement[] {
    return [
      this.listBucket(),
      this.readObjects(),
      ...this.describeByName('every'),
      ...this.readTags(this.fresh),
    ];
  }

  copyToS3(): Statement[] {
    const { bucketArn } = this.place;
    const guide =
      'ElastiCache user guide, *Exporting a backup*: what the caller of CopySnapshot must hold on the bucket';
    const targets = nodeBased(this.caches).map((cache) => `backups/${cache.kind}/${cache.id}/*`);
    return [
      this.listBucket(),
      ...this.describeByName('every'),
      {
        sid: 'ExportSnapshots',
        actions: ['elasticache:CopySnapshot'],
        resources: [
          ...this.snapshots(nodeBased(this.fresh)),
          ...this.automaticSnapshots(nodeBased(this.automatic)),
          // The target of an export is no snapshot, but it is checked under this type: with its slashes. [U]
          ...targets.map((target) => this.elasticache('snapshot', target)),
        ],
        pattern: PATTERN.snapshots,
      },
      {
        sid: 'ExportServerlessSnapshots',
        actions: ['elasticache:ExportServerlessCacheSnapshot'],
        resources: [
          ...this.snapshots(serverless(this.fresh)),
          ...this.automaticSnapshots(serverless(this.automatic)),
        ],
        pattern: PATTERN.snapshots,
      },
      {
        sid: 'ShowBucketToElastiCache',
        actions: ['s3:GetBucketLocation'],
        resources: [bucketArn],
        reason: guide,
      },
      {
        sid: 'ShowObjectsToElastiCache',
        // ElastiCache proves with the caller's rights that an object can be written, read and removed again. [U]
        actions: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
        resources: [`${bucketArn}/*`],
        pattern: PATTERN.probe,
        reason: guide,
      },
      {
        sid: 'ListBucketsForElastiCache',
        actions: ['s3:ListAllMyBuckets'],
        // It has no resource level; scoped to one bucket, CopySnapshot answers that access cannot be validated.
        resources: ['*'],
        pattern: PATTERN.service,
        reason: guide,
      },
    ];
  }

  verifyObject(): Statement[] {
    return [
      {
        sid: 'ReadExports',
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: this.exports(),
        pattern: PATTERN.keys,
      },
      {
        sid: 'ListBucket',
        actions: ['s3:ListBucket'],
        resources: [this.place.bucketArn],
        reason:
          'without it S3 answers a missing object with 403, and a lost object would be told as a missing right',
      },
      this.write('WriteVerdicts', 'backups/*/verdicts/*.json'),
    ];
  }

  recordBackup(): Statement[] {
    return [
      this.listBucket(),
      this.readManifests(),
      this.readManifestTags(),
      this.write('WriteManifests', 'backups/*/manifest.json'),
    ];
  }

  prune(): Statement[] {
    const ours = { StringLike: { [`aws:ResourceTag/${TAG_OWNER}`]: `${this.place.deployment}/*` } };
    return [
      this.listBucket(),
      this.readRunDocuments(),
      this.readManifestTags(),
      {
        sid: 'DeleteObjects',
        // Never `s3:DeleteObjectVersion`: a delete marker can be taken back, a deleted version cannot.
        actions: ['s3:DeleteObject'],
        resources: [this.object('backups/*'), ...this.serverlessExports()],
        pattern: PATTERN.keys,
      },
      {
        sid: 'DescribeReplicationGroups',
        actions: ['elasticache:DescribeReplicationGroups'],
        resources: this.groups(this.caches),
      },
      ...this.listSnapshots(this.caches),
      ...this.readTags(this.caches),
      {
        sid: 'DeleteOwnSnapshots',
        actions: ['elasticache:DeleteSnapshot'],
        resources: this.snapshots(nodeBased(this.caches)),
        conditions: ours,
        pattern: PATTERN.snapshots,
      },
      {
        sid: 'DeleteOwnServerlessSnapshots',
        actions: ['elasticache:DeleteServerlessCacheSnapshot'],
        resources: this.snapshots(serverless(this.caches)),
        conditions: ours,
        pattern: PATTERN.snapshots,
      },
    ];
  }

  notify(): Statement[] {
    const { partition, region, account, stateMachineName, topicArn } = this.place;
    return [
      this.listBucket(),
      {
        sid: 'ReadManifestsAndMarkers',
        actions: ['s3:GetObject'],
        resources: ['backups/*/manifest.json', 'backups/*/alert-*.json', 'alerts/*'].map((key) =>
          this.object(key),
        ),
        pattern: PATTERN.keys,
      },
      this.readManifestTags(),
      this.write('WriteMarkers', 'backups/*/alert-*.json', 'alerts/*'),
      { sid: 'Publish', actions: ['sns:Publish'], resources: [topicArn] },
      {
        sid: 'ReadExecutions',
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory'],
        resources: [`arn:${partition}:states:${region}:${account}:execution:${stateMachineName}:*`],
        pattern: 'each run is an execution of its own name',
      },
    ];
  }

  watch(): Statement[] {
    return [
      this.listBucket(),
      {
        sid: 'ReadManifestsAndMarkers',
        actions: ['s3:GetObject'],
        resources: [this.object('backups/*/manifest.json'), this.object('watch/*')],
        pattern: PATTERN.keys,
      },
      this.readManifestTags(),
      this.write('WriteMarkers', 'watch/*'),
    ];
  }

  private object(key: string): string {
    return `${this.place.bucketArn}/${key}`;
  }

  private write(sid: string, ...keys: string[]): Statement {
    const resources = keys.map((key) => this.object(key));
    return { sid, actions: ['s3:PutObject'], resources, pattern: PATTERN.keys };
  }

  private bucketLocation(): Statement {
    return { sid: 'LocateBucket', actions: ['s3:GetBucketLocation'], resources: [this.place.bucketArn] };
  }

  /**
   * Without a condition on the prefix: S3 answers a missing object with 404 only where the caller may list the bucket,
   * and a condition on `s3:prefix` never holds in that check.
   */
  private listBucket(): Statement {
    return { sid: 'ListBucket', actions: ['s3:ListBucket'], resources: [this.place.bucketArn] };
  }

  private readManifests(): Statement {
    return {
      sid: 'ReadManifests',
      actions: ['s3:GetObject'],
      resources: [this.object('backups/*/manifest.json')],
      pattern: PATTERN.keys,
    };
  }

  private readManifestTags(): Statement {
    return {
      sid: 'ReadManifestTags',
      actions: ['s3:GetObjectTagging'],
      resources: [this.object('backups/*/manifest.json')],
      pattern: PATTERN.keys,
    };
  }

  /** Manifests, and the small documents by which leftovers of a run are told to be this owner's. */
  private readRunDocuments(): Statement {
    const resources = [this.object('backups/*.json')];
    return { sid: 'ReadRunDocuments', actions: ['s3:GetObject'], resources, pattern: PATTERN.keys };
  }

  private readObjects(): Statement {
    return {
      sid: 'ReadExports',
      actions: ['s3:GetObject'],
      resources: this.exports(),
      pattern: PATTERN.keys,
    };
  }

  private exports(): string[] {
    const node = nodeBased(this.caches).length > 0 ? [this.object('backups/*.rdb')] : [];
    return [...node, ...this.serverlessExports()];
  }

  private serverlessExports(): string[] {
    const own = serverless(this.fresh).map((cache) => snapshotPattern(cache.id));
    const automatic = serverless(this.automatic).map((cache) => automaticPattern(cache.id));
    return [...own, ...automatic].flatMap(serverlessKeys).map((key) => this.object(key));
  }

  private elasticache(type: string, name: string): string {
    const { partition, region, account } = this.place;
    return `arn:${partition}:elasticache:${region}:${account}:${type}:${name}`;
  }

  private snapshots(caches: readonly Cache[]): string[] {
    return caches.map((cache) => this.elasticache(snapshotType(cache), snapshotPattern(cache.id)));
  }

  /** `automatic.<id>-<time>` of the cache itself, and of its nodes with cluster mode disabled. */
  private automaticSnapshots(caches: readonly Cache[]): string[] {
    return caches.flatMap((cache) =>
      [cache.id, ...cache.nodes].map((id) => this.elasticache(snapshotType(cache), automaticPattern(id))),
    );
  }

  /** Whether a list of automatic snapshots, which is authorized against all, makes a look by name no right of its own. */
  private isListed(sid: string): boolean {
    const listed = sid === 'DescribeSnapshots' ? nodeBased(this.automatic) : serverless(this.automatic);
    return listed.length > 0;
  }

  /** Of one's own snapshots, or of the automatic ones that are exported as well. */
  private describeByName(which: 'own' | 'every'): Statement[] {
    const automatic = which === 'every' ? this.automatic : [];
    return [
      {
        sid: 'DescribeSnapshots',
        actions: ['elasticache:DescribeSnapshots'],
        resources: [
          ...this.snapshots(nodeBased(this.fresh)),
          ...this.automaticSnapshots(nodeBased(automatic)),
        ],
        pattern: PATTERN.snapshots,
      },
      {
        sid: 'DescribeServerlessSnapshots',
        actions: ['elasticache:DescribeServerlessCacheSnapshots'],
        resources: [
          ...this.snapshots(serverless(this.fresh)),
          ...this.automaticSnapshots(serverless(automatic)),
        ],
        pattern: PATTERN.snapshots,
      },
    ];
  }

  /** A list by cache is authorized against every snapshot, whatever it is narrowed to. */
  private listSnapshots(caches: readonly Cache[]): Statement[] {
    const any = (type: string, of: readonly Cache[]) => (of.length > 0 ? [this.elasticache(type, '*')] : []);
    return [
      {
        sid: 'ListSnapshots',
        actions: ['elasticache:DescribeSnapshots'],
        resources: any('snapshot', nodeBased(caches)),
        pattern: PATTERN.list,
      },
      {
        sid: 'ListServerlessSnapshots',
        actions: ['elasticache:DescribeServerlessCacheSnapshots'],
        resources: any('serverlesscachesnapshot', serverless(caches)),
        pattern: PATTERN.list,
      },
    ];
  }

  private readTags(caches: readonly Cache[]): Statement[] {
    return [
      {
        sid: 'ReadTags',
        actions: ['elasticache:ListTagsForResource'],
        resources: this.snapshots(caches),
        pattern: PATTERN.snapshots,
      },
    ];
  }

  private groups(caches: readonly Cache[]): string[] {
    const groups = caches.filter((cache) => cache.kind === 'replication-group');
    return groups.map((cache) => this.elasticache('replicationgroup', cache.id));
  }

  private standAlone(caches: readonly Cache[]): string[] {
    const nodes = caches.filter((cache) => cache.kind === 'cache-cluster');
    return nodes.map((cache) => this.elasticache('cluster', cache.id));
  }

  /** Members of groups, whose names begin with the group's unless the config says more. */
  private members(caches: readonly Cache[]): string[] {
    const groups = caches.filter((cache) => cache.kind === 'replication-group');
    const names = groups.flatMap((cache) => [`${cache.id}-*`, ...cache.nodes]);
    return names.map((name) => this.elasticache('cluster', name));
  }

  private serverlessCaches(caches: readonly Cache[]): string[] {
    return serverless(caches).map((cache) => this.elasticache('serverlesscache', cache.id));
  }
}

function nodeBased(caches: readonly Cache[]): Cache[] {
  return caches.filter((cache) => !isServerless(cache));
}

function serverless(caches: readonly Cache[]): Cache[] {
  return caches.filter(isServerless);
}

function snapshotType(cache: Cache): string {
  return isServerless(cache) ? 'serverlesscachesnapshot' : 'snapshot';
}
