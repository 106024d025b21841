/** Whether a bucket's policy lets ElastiCache write exports, no less and no more. */

import { quoted } from '../common/text.ts';
import { type Conditions, glob, met, openKeys } from './conditions.ts';
import { type Finding, fails, holds, warns } from './finding.ts';

/** What ElastiCache needs of the bucket (developer guide, *Exporting a backup*). */
export const BUCKET_ACTIONS = ['s3:ListBucket', 's3:GetBucketAcl', 's3:ListBucketMultipartUploads'] as const;

/** What ElastiCache needs of the objects (developer guide, *Exporting a backup*). */
export const OBJECT_ACTIONS = ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts'] as const;

/** Actions that no export needs and that a grant with a wildcard gives away. */
const TOO_MUCH = ['s3:DeleteObject', 's3:PutBucketPolicy', 's3:PutObjectAcl', 's3:DeleteBucket'];

/** What a policy is judged by. */
export interface PolicyQuestion {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly bucket: string;
  /** A key for every place below which exports are written. */
  readonly keys: readonly string[];
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Conditions;
}

/** The service principal that writes exports. */
export function exportPrincipal(region: string): string {
  return `${region}.elasticache-snapshot.amazonaws.com`;
}

/** Judges a bucket policy as S3 gives it; absent where the bucket has none. */
export function judgePolicy(policy: string | undefined, question: PolicyQuestion): Finding[] {
  const statements = policy === undefined ? [] : read(policy);
  if (!statements) return [fails('the bucket policy cannot be read', 'see `aws s3api get-bucket-policy`')];
  const denials = statements.flatMap((statement, index) => judgeDenial(statement, index, question));
  return [...judgeGrant(statements, question), ...denials];
}

function judgeGrant(statements: readonly Statement[], question: PolicyQuestion): Finding[] {
  const service = exportPrincipal(question.region);
  const grants = statements.filter(
    ({ Effect, Principal }) => Effect === 'Allow' && names(Principal, service),
  );
  const open = grants.filter(({ Condition = {} }) => unmet(Condition, question) === false);
  const missing = wanted(question)
    .filter(({ action, resource }) => !open.some((grant) => covers(grant, action, resource)))
    .map(({ action }) => action);
  if (missing.length > 0) {
    const generic = statements.some(({ Principal }) => names(Principal, 'elasticache.amazonaws.com'));
    const other = generic
      ? '; `elasticache.amazonaws.com` is granted, but it is another service that writes'
      : '';
    const blocked = grants.length > open.length ? '; a condition of its grant is never met' : '';
    return [
      fails(
        `the bucket policy does not give \`${service}\` ${quoted([...new Set(missing)])}${other}${blocked}`,
        `allow this principal ${[...BUCKET_ACTIONS, ...OBJECT_ACTIONS].join(', ')} on the bucket and its objects, ` +
          'without a condition',
      ),
    ];
  }
  return [holds(`the bucket policy lets \`${service}\` write exports`), ...judgeExcess(open, question)];
}

/** What is more than an export needs, or may turn out to be less. */
function judgeExcess(grants: readonly Statement[], question: PolicyQuestion): Finding[] {
  const { partition, bucket, region } = question;
  const service = exportPrincipal(region);
  const targets = [`arn:${partition}:s3:::${bucket}`, ...objects(question)];
  const excess = TOO_MUCH.filter((action) =>
    grants.some((each) => targets.some((to) => covers(each, action, to))),
  );
  const keys = new Set(grants.flatMap(({ Condition = {} }) => openKeys(Condition, service)));
  return [
    ...(excess.length > 0
      ? [
          warns(
            `the grant is wider than an export needs, it gives ${quoted(excess)} as well`,
            'name the six actions',
          ),
        ]
      : []),
    ...(keys.size > 0
      ? [
          warns(
            `the grant has a condition on ${quoted([...keys])}; nobody has confirmed that ElastiCache sends it [U]`,
            'make one backup to see; if it fails with Backup.BucketNotGranted, take the condition out',
          ),
        ]
      : []),
  ];
}

/** Whether conditions of a grant are certainly not met; another account's export is none of ours. */
function unmet(conditions: Conditions, { region, account }: PolicyQuestion): boolean {
  const foreign = Object.values(conditions)
    .flatMap((keys) => Object.entries(keys))
    .filter(([key]) => key.toLowerCase() === 'aws:sourceaccount')
    .some(([, values]) => ![values].flat().map(String).includes(account));
  return foreign || met(conditions, exportPrincipal(region)) === 'no';
}

function judgeDenial(statement: Statement, index: number, question: PolicyQuestion): Finding[] {
  const service = exportPrincipal(question.region);
  if (statement.Effect !== 'Deny' || !isHit(statement, service)) return [];
  const denied = wanted(question).filter(({ action, resource }) => covers(statement, action, resource));
  const result = met(statement.Condition ?? {}, service);
  if (denied.length === 0 || result === 'no') return [];
  const name = statement.Sid ? `\`${statement.Sid}\`` : `number ${index + 1}`;
  const actions = quoted([...new Set(denied.map(({ action }) => action))]);
  if (result === 'yes') {
    const exempt = '"Bool": {"aws:PrincipalIsAWSService": "false"}';
    return [fails(`statement ${name} denies ElastiCache ${actions}`, `add ${exempt} to its condition`)];
  }
  const keys = quoted(openKeys(statement.Condition ?? {}, service));
  return [
    warns(
      `statement ${name} may deny ElastiCache ${actions}: it depends on ${keys}, and nobody knows what it sends [U]`,
      'exempt the service principal, or make one backup to see',
    ),
  ];
}

/** Whether a statement's principals include the service: by name, as everybody, or as not left out. */
function isHit({ Principal, NotPrincipal }: Statement, service: string): boolean {
  if (NotPrincipal !== undefined) return !names(NotPrincipal, service);
  return names(Principal, service) || names(Principal, '*');
}

function names(principal: unknown, wanted: string): boolean {
  if (typeof principal !== 'object' || principal === null) return principal === wanted;
  return Object.values(principal).flat().includes(wanted);
}

function covers(statement: Statement, action: string, resource: string): boolean {
  const within = (patterns: string | readonly string[], text: string): boolean =>
    [patterns].flat().some((pattern) => glob(pattern, text));
  const lower = (patterns: string | readonly string[]): string[] =>
    [patterns].flat().map((pattern) => pattern.toLowerCase());
  const { Action, NotAction, Resource, NotResource } = statement;
  const acts = NotAction
    ? !within(lower(NotAction), action.toLowerCase())
    : within(lower(Action ?? []), action.toLowerCase());
  return acts && (NotResource ? !within(NotResource, resource) : within(Resource ?? [], resource));
}

function wanted(question: PolicyQuestion): { action: string; resource: string }[] {
  const bucket = `arn:${question.partition}:s3:::${question.bucket}`;
  return [
    ...BUCKET_ACTIONS.map((action) => ({ action, resource: bucket })),
    ...OBJECT_ACTIONS.flatMap((action) => objects(question).map((resource) => ({ action, resource }))),
  ];
}

function objects({ partition, bucket, keys }: PolicyQuestion): string[] {
  return keys.map((key) => `arn:${partition}:s3:::${bucket}/${key}`);
}

function read(policy: string): Statement[] | undefined {
  try {
    const document: unknown = JSON.parse(policy);
    if (typeof document !== 'object' || document === null || !('Statement' in document)) return undefined;
    return [document.Statement].flat() as Statement[];
  } catch {
    return undefined;
  }
}
