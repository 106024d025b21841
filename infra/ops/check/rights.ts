/** Whether the functions' roles may do what a first backup needs, with all policies that act on them. */
import type { Cache, Deployment, Plan } from '../../lib/config/deployment.ts';
import { named, snapshotStem } from '../../lib/names.ts';
import { quoted } from '../common/text.ts';
import type { Seen } from './cache.ts';
import { type Finding, fails, holds, unchecked } from './finding.ts';

/** Functions whose rights are asked for: those that make, export and delete. */
export const ASKED_ROLES = ['create-snapshot', 'copy-to-s3', 'prune'] as const;

/** A function whose rights are asked for. */
export type AskedRole = (typeof ASKED_ROLES)[number];

/** What is asked of one role at once: each action on each resource. */
export interface Question {
  readonly role: AskedRole;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Condition keys of the request with their values. */
  readonly context: Readonly<Record<string, string>>;
}

/** What IAM says of one action on one resource. */
export interface Verdict {
  readonly action: string;
  readonly resource: string;
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** Whether the organization's policies allow it; absent where there is no organization. */
  readonly byOrganization?: boolean;
  /** Whether the role's permissions boundary allows it; absent where it has none. */
  readonly byBoundary?: boolean;
  /** Statements that decided: the policy's name and IAM's word for its type. */
  readonly statements: readonly { readonly policy: string; readonly type: string }[];
  /** Condition keys that policies ask for and the question does not have. */
  readonly missing: readonly string[];
}

/** Where everything lies. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly bucket: string;
}

/** Any instant does: the roles know the shape of a name, not its time. */
const STAMP = '202611200304';
const INSTANT = '20261120t0304z';

/** The names and keys of a backup of a cache that are asked about. */
export function sample(cache: Pick<Cache, 'kind' | 'id'>): {
  snapshot: string;
  target: string;
  folder: string;
  keys: string[];
} {
  const snapshot = `${snapshotStem(cache.id)}-${STAMP}`;
  const folder = `backups/${cache.kind}/${cache.id}/${INSTANT}/`;
  const target = `${folder}${cache.id}`;
  const serverless = [`${snapshot}/${snapshot}-0001.rdb`, `${snapshot}-0001.rdb`];
  const keys = cache.kind === 'serverless-cache' ? serverless : [`${target}-0001.rdb`];
  return { snapshot, target, folder, keys };
}

/** Everything that is asked for one deployment; caches that are not there are left out. */
export function questions(deployment: Deployment, place: Place, seen: ReadonlyMap<string, Seen>): Question[] {
  return deployment.plans.flatMap((plan) => {
    const there = plan.caches.flatMap((cache) => {
      const found = seen.get(`${cache.kind}/${cache.id}`);
      return found && 'cache' in found ? [{ cache, source: sourceOf(cache, found) }] : [];
    });
    return there.length === 0 ? [] : ofPlan(deployment, plan, place, there);
  });
}

/** The resource type and id that a snapshot is taken of. */
function sourceOf(cache: Cache, { cache: facts }: Extract<Seen, { cache: unknown }>): readonly string[] {
  if (cache.kind === 'serverless-cache') return [`serverlesscache:${cache.id}`];
  if (cache.kind === 'cache-cluster') return [`cluster:${cache.id}`];
  if (facts.clusterMode) return [`replicationgroup:${cache.id}`];
  return facts.members.map(({ id }) => `cluster:${id}`);
}

function ofPlan(
  deployment: Deployment,
  plan: Plan,
  { partition, region, account, bucket }: Place,
  there: readonly { cache: Cache; source: readonly string[] }[],
): Question[] {
  const arn = (resource: string): string => `arn:${partition}:elasticache:${region}:${account}:${resource}`;
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  const owner = { 'snapkeep:owner': `${deployment.name}/${plan.name}` };
  const tags = (kind: string): Record<string, string> =>
    Object.fromEntries(Object.entries(owner).map(([tag, value]) => [`aws:${kind}/${tag}`, value]));
  const all = there.map(({ cache, source }) => ({ cache, source, names: sample(cache) }));
  const fresh = plan.source === 'newSnapshot';
  const families = [
    {
      serverless: false,
      type: 'snapshot',
      create: 'CreateSnapshot',
      copy: 'CopySnapshot',
      remove: 'DeleteSnapshot',
    },
    {
      serverless: true,
      type: 'serverlesscachesnapshot',
      create: 'CreateServerlessCacheSnapshot',
      copy: 'ExportServerlessCacheSnapshot',
      remove: 'DeleteServerlessCacheSnapshot',
    },
  ];
  const perFamily = families.flatMap(({ serverless, type, create, copy, remove }): Question[] => {
    const members = all.filter(({ cache }) => (cache.kind === 'serverless-cache') === serverless);
    const snapshots = members.map(({ names }) => arn(`${type}:${names.snapshot}`));
    const sources = members.flatMap(({ source }) => source.map(arn));
    const automatic = members.flatMap(({ source }) =>
      source.map((of) => arn(`${type}:automatic.${of.replace(/^[a-z]+:/, '')}-2026-11-20-03-04`)),
    );
    // The target of a node-based export is checked as a snapshot of that name, slashes and all. [U]
    const targets = serverless ? [] : members.map(({ names }) => arn(`${type}:${names.target}`));
    const asked: Question[] = [
      {
        role: 'copy-to-s3',
        actions: [`elasticache:${copy}`],
        resources: [...(fresh ? snapshots : automatic), ...targets],
        context: {},
      },
      {
        role: 'prune',
        actions: [`elasticache:${remove}`],
        resources: snapshots,
        context: tags('ResourceTag'),
      },
    ];
    if (!fresh) return asked;
    const context = tags('RequestTag');
    return [
      {
        role: 'create-snapshot',
        actions: [`elasticache:${create}`],
        resources: [...snapshots, ...sources],
        context,
      },
      { role: 'create-snapshot', actions: ['elasticache:AddTagsToResource'], resources: snapshots, context },
      ...asked,
    ];
  });
  const objects = all.flatMap(({ names }) => names.keys.map((key) => `${bucketArn}/${key}`));
  const manifests = all.map(({ names }) => `${bucketArn}/${names.folder}manifest.json`);
  const onBucket: Question[] = [
    { role: 'copy-to-s3', actions: ['s3:ListAllMyBuckets'], resources: ['*'], context: {} },
    {
      role: 'copy-to-s3',
      actions: ['s3:GetBucketLocation', 's3:ListBucket'],
      resources: [bucketArn],
      context: {},
    },
    {
      role: 'copy-to-s3',
      actions: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
      resources: objects,
      context: {},
    },
    { role: 'prune', actions: ['s3:ListBucket'], resources: [bucketArn], context: {} },
    { role: 'prune', actions: ['s3:GetObject', 's3:GetObjectTagging'], resources: manifests, context: {} },
    { role: 'prune', actions: ['s3:DeleteObject'], resources: [...manifests, ...objects], context: {} },
  ];
  return [...perFamily, ...onBucket].filter(({ resources }) => resources.length > 0);
}

/** The roles in the output `FunctionRoleArns`: `name=arn` pairs with commas between. */
export function roleArns(output: string): ReadonlyMap<string, string> {
  const pairs = output.split(',').map((pair) => pair.trim().split('='));
  return new Map(pairs.flatMap(([name, arn]) => (name && arn ? [[name, arn] as const] : [])));
}

/** Judges what IAM says of one role: one line where all is allowed, else one per action and reason. */
export function judgeRights(role: AskedRole, verdicts: readonly Verdict[], deployment: string): Finding[] {
  const refused = verdicts.filter(({ decision }) => decision !== 'allowed');
  if (refused.length === 0) {
    const actions = new Set(verdicts.map(({ action }) => action)).size;
    return [
      holds(`${role} may do all that it has to: ${actions} actions on ${verdicts.length} resources in all`),
    ];
  }
  const groups = new Map<string, Verdict[]>();
  for (const verdict of refused) {
    const key = `${verdict.action} ${reason(verdict)}`;
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return [...groups.values()].flatMap((group) => judgeRefusal(role, group, deployment));
}

function judgeRefusal(role: AskedRole, group: readonly Verdict[], deployment: string): Finding[] {
  const [first] = group;
  if (!first) return [];
  const more = group.length > 1 ? ` and ${group.length - 1} more` : '';
  const what = `${role}: \`${first.action}\` on \`${first.resource}\`${more}`;
  if (first.missing.length > 0 && first.decision === 'implicitDeny') {
    return [unchecked(`${what} depends on ${quoted(first.missing)}, which only a real call has`)];
  }
  return [fails(`${what}: ${reason(first)}`, remedy(first, deployment))];
}

function reason({ byOrganization, byBoundary, decision, statements }: Verdict): string {
  if (byOrganization === false) return "denied by the organization's service control policies";
  if (byBoundary === false) return "denied by the role's permissions boundary";
  if (decision === 'implicitDeny') return 'no statement of the role allows it';
  const names: Readonly<Record<string, string>> = {
    'aws-managed': 'AWS managed policy',
    'user-managed': 'managed policy',
    role: 'inline policy',
    resource: 'resource policy',
  };
  const policies = statements.map(({ policy, type }) => `${names[type] ?? `${type} policy`} \`${policy}\``);
  return `denied by ${policies.length > 0 ? policies.join(' and ') : 'a policy that IAM does not name'}`;
}

function remedy({ byOrganization, byBoundary, decision }: Verdict, deployment: string): string {
  if (byOrganization === false)
    return 'ask who keeps the organization to exempt the role or allow the action';
  if (byBoundary === false) return 'allow the action in the boundary';
  if (decision === 'explicitDeny') return 'take the denial out, or exempt the role';
  return `deploy again: stack \`${named(deployment, 'workflow')}\` may be older than the config`;
}
