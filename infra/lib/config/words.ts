/**
 * The grammars of single values. Each `…Remedy` tells what is allowed where a text is not, and nothing where
 * it is.
 */

import type { Cache, CacheKind } from './deployment.ts';
import { type Bounds, CACHE_ID, DAY, DEPLOYMENT_NAME, HOUR, MINUTE, PLAN_NAME } from './limits.ts';
import { listed, nearest } from './suggest.ts';

/** Why a text cannot stand, or undefined. */
export type Remedy = string | undefined;

/** All kinds of caches, as the execution input spells them. */
export const CACHE_KINDS = ['replication-group', 'cache-cluster', 'serverless-cache'] as const;

/** A deployment's name: a word, short, and fit to end a bucket's name. */
export function deploymentNameRemedy(text: string): Remedy {
  return wordRemedy(text, DEPLOYMENT_NAME) ?? bucketNameRemedy(`snapkeep-${text}`);
}

/** A plan's name: a word, short. */
export function planNameRemedy(text: string): Remedy {
  return wordRemedy(text, PLAN_NAME);
}

/** The rule of `check_word` in `backup-core/src/input.rs`, with bounds of its own. */
function wordRemedy(text: string, { from, to }: Bounds): Remedy {
  if (text.length >= from && text.length <= to && /^[a-z0-9][a-z0-9-]*$/.test(text)) return undefined;
  return `allowed are ${from} to ${to} lower-case letters, digits and hyphens, not starting with a hyphen`;
}

/** Bucket names that S3 keeps to itself (S3 user guide, "General purpose bucket naming rules"). */
const RESERVED_PREFIXES = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const RESERVED_SUFFIXES = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** A bucket's name under S3's rules. */
export function bucketNameRemedy(name: string): Remedy {
  const looksLikeAddress = /^\d+(\.\d+){3}$/.test(name);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..') || looksLikeAddress) {
    return (
      `"${name}" is no bucket name: allowed are 3 to 63 lower-case letters, digits, hyphens and single dots, ` +
      'beginning and ending with a letter or digit, and no IP address'
    );
  }
  const reserved =
    RESERVED_PREFIXES.find((prefix) => name.startsWith(prefix)) ??
    RESERVED_SUFFIXES.find((suffix) => name.endsWith(suffix));
  return reserved && `"${name}" is no bucket name: S3 keeps names with "${reserved}" to itself`;
}

/** Reads `kind/id`, or says what is allowed. */
export function readCache(text: string): Cache | { remedy: string } {
  const [kind = '', id, ...more] = text.split('/');
  if (id === undefined || more.length > 0) {
    return { remedy: `allowed is a kind and an id such as "replication-group/orders", the kind ${kinds()}` };
  }
  const known = CACHE_KINDS.find((word) => word === kind);
  if (known === undefined) return { remedy: kindRemedy(kind) };
  const remedy = cacheIdRemedy(id, known);
  return remedy === undefined ? { kind: known, id: id.toLowerCase(), nodes: [] } : { remedy };
}

/** What to write in place of an unknown kind. */
export function kindRemedy(kind: string): string {
  const near = nearest(kind, CACHE_KINDS);
  return `${near === undefined ? '' : `did you mean "${near}"? `}allowed as kind is ${kinds()}`;
}

function kinds(): string {
  return listed(CACHE_KINDS, 'or');
}

/**
 * ElastiCache's naming rules, as in `backup-core/src/cache.rs`; case does not matter, it stores lower case.
 */
export function cacheIdRemedy(id: string, kind: CacheKind): Remedy {
  const most = CACHE_ID[kind];
  if (id.length <= most && /^[a-z](-?[a-z0-9])*$/i.test(id)) return undefined;
  return (
    `allowed as the id of a ${kind} are 1 to ${most} letters, digits and single hyphens, starting with a letter and ` +
    'not ending with a hyphen'
  );
}

/** Seconds of a duration such as `6h`, `90m` or `1d`; undefined for all else. */
export function readDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const seconds = { m: MINUTE, h: HOUR, d: DAY }[unit ?? ''];
  return seconds === undefined ? undefined : Number(number) * seconds;
}

/** A duration as it is written, in the largest unit that fits. */
export function durationText(seconds: number): string {
  if (seconds % DAY === 0) return `${seconds / DAY}d`;
  return seconds % HOUR === 0 ? `${seconds / HOUR}h` : `${Math.floor(seconds / MINUTE)}m`;
}

/** A duration within bounds in seconds. */
export function durationRemedy(text: string, bounds?: Bounds): Remedy {
  const seconds = readDuration(text);
  const within = seconds !== undefined && seconds > 0 && (bounds === undefined || isWithin(seconds, bounds));
  if (within) return undefined;
  const range =
    bounds === undefined ? '' : `, from ${durationText(bounds.from)} to ${durationText(bounds.to)}`;
  return `allowed are minutes, hours or days such as "90m", "6h" or "1d"${range}`;
}

function isWithin(value: number, { from, to }: Bounds): boolean {
  return value >= from && value <= to;
}

/**
 * Longest time in seconds that a `keepWithin` can reach back: restic's years, months, days and hours, as in
 * `backup-core/src/retention/span.rs`; years and months are taken as long as they get. Undefined for all
 * else.
 */
export function readKeepWithin(text: string): number | undefined {
  const longest = { y: 366 * DAY, m: 31 * DAY, d: DAY, h: HOUR };
  const parts = [...text.matchAll(/(\d+)([ymdh])/g)];
  const units = new Set(parts.map(([, , unit]) => unit));
  const whole = parts.map(([part]) => part).join('') === text && units.size === parts.length;
  if (!whole || parts.some(([, number]) => Number(number) > 9999)) return undefined;
  const seconds = parts.reduce((sum, [, number, unit]) => {
    return sum + Number(number) * (longest[unit as keyof typeof longest] ?? 0);
  }, 0);
  return seconds > 0 ? seconds : undefined;
}

/** `keepWithin` in restic's grammar. */
export function keepWithinRemedy(text: string): Remedy {
  if (readKeepWithin(text) !== undefined) return undefined;
  return (
    'allowed are years, months, days and hours such as "1y5m7d2h", each at most once and at most 9999, not all 0 ' +
    '(m is months)'
  );
}

/** A Region's name, such as `eu-west-1` or `us-gov-east-1`. */
export function regionRemedy(text: string): Remedy {
  return matches(/^[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}$/, text, 'allowed is a Region such as "eu-west-1"');
}

/**
 * What is allowed as an account: without quotes YAML makes a number of it, and its leading zeros are lost.
 */
export const ACCOUNT = 'allowed are 12 digits in quotes such as "123456789012"';

/** An e-mail address, as far as one can tell. */
export function emailRemedy(text: string): Remedy {
  return matches(/^[^\s@]+@[^\s@]+$/, text, 'allowed is an e-mail address such as "sre@example.com"');
}

/** A Slack workspace (CloudFormation: `AWS::Chatbot::SlackChannelConfiguration`, `SlackWorkspaceId`). */
export function slackWorkspaceRemedy(text: string): Remedy {
  const where = 'the T… of the workspace as AWS Chatbot shows it, such as "T01ABCDEFGH"';
  return matches(/^T[0-9A-Z]{6,30}$/, text, `allowed is ${where}`);
}

/**
 * A Slack channel (CloudFormation as above, `SlackChannelId`): public ones begin with C, private ones also
 * with G.
 */
export function slackChannelRemedy(text: string): Remedy {
  const where = 'the C… or G… at the end of the channel\'s link, such as "C01ABCDEFGH"';
  return matches(/^[CG][0-9A-Z]{6,30}$/, text, `allowed is ${where}`);
}

const PARTITION = 'arn:aws[a-z-]*';

/** A KMS key; an alias is none, since it may be pointed at another key. */
export function keyArnRemedy(text: string): Remedy {
  const like = '"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"';
  return matches(
    arn('kms', '\\d{12}', 'key/[\\w-]+'),
    text,
    `allowed is the ARN of a KMS key (not of an alias) such as ${like}`,
  );
}

/** An SNS topic; a FIFO topic sends no e-mail. */
export function topicArnRemedy(text: string): Remedy {
  const like = '"arn:aws:sns:eu-west-1:123456789012:alerts"';
  return matches(
    arn('sns', '\\d{12}', '[\\w-]{1,256}'),
    text,
    `allowed is the ARN of a standard SNS topic such as ${like}`,
  );
}

/** A version of an AWS Signer profile. */
export function signingProfileRemedy(text: string): Remedy {
  const like = '"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/snapkeep/abcdefghij"';
  return matches(
    arn('signer', '\\d{12}', '/signing-profiles/\\w{2,64}/\\w{10}'),
    text,
    `allowed is the ARN of a signing profile's version such as ${like}`,
  );
}

/** What stands before the names of signed zip files in their keys. */
export function codePrefixRemedy(text: string): Remedy {
  return matches(
    /^[\w.-][\w./-]{0,200}\/$/,
    text,
    'allowed are up to 200 letters, digits, dots, hyphens and slashes, with a slash at the end, such as "snapkeep/0.1.0/"',
  );
}

/** Any ARN that an alarm may act on (CloudWatch API: `PutMetricAlarm`, `AlarmActions`). */
export function alarmActionRemedy(text: string): Remedy {
  const like = '"arn:aws:sns:eu-west-1:123456789012:pager"';
  return matches(
    arn('[a-z0-9-]+', '(\\d{12})?', '\\S+'),
    text,
    `allowed is the ARN of an alarm's action such as ${like}`,
  );
}

function arn(service: string, account: string, resource: string): RegExp {
  return new RegExp(`^${PARTITION}:${service}:[a-z0-9-]*:${account}:${resource}$`);
}

/**
 * Key of a tag (Resource Groups Tagging API): no `aws:`, which is Amazon's, no `snapkeep:`, which is ours.
 */
export function tagKeyRemedy(key: string): Remedy {
  const remedy =
    'allowed as a tag\'s key are 1 to 128 letters, digits, spaces and _ . : / = + - @, not starting with "aws:" or ' +
    '"snapkeep:"';
  return /^(aws|snapkeep):/i.test(key) ? remedy : matches(/^[\p{L}\p{N} _.:/=+@-]{1,128}$/u, key, remedy);
}

/** Value of a tag. */
export function tagValueRemedy(value: string): Remedy {
  return matches(
    /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u,
    value,
    "allowed as a tag's value are up to 256 letters, digits, spaces and _ . : / = + - @",
  );
}

function matches(grammar: RegExp, text: string, remedy: string): Remedy {
  return grammar.test(text) ? undefined : remedy;
}
