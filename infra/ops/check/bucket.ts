/** Whether the bucket is one that ElastiCache can write to and from which nothing is lost. */
import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3';
import type { Asked } from '../common/failure.ts';
import { type Finding, fails, holds, judge, type Section, unchecked, warns } from './finding.ts';
import { judgePolicy, type PolicyQuestion } from './policy.ts';

/** Where a bucket is and whose. */
export type Place = { readonly region: string } | 'absent' | 'foreign' | 'hidden';

/** A bucket as S3 describes it; the rest is asked only where the bucket is ours. */
export interface BucketFacts {
  readonly place: Asked<Place>;
  readonly rest?: {
    /** The policy's text; absent where there is none. */
    readonly policy: Asked<string | undefined>;
    /** `Enabled`, `Suspended`, or absent for a bucket that never had versions. */
    readonly versioning: Asked<string | undefined>;
    /** `AES256`, `aws:kms`, …; absent where S3 tells none. */
    readonly encryption: Asked<string | undefined>;
    readonly publicAccess: Asked<PublicAccessBlockConfiguration | undefined>;
  };
}

/** Judges the bucket. */
export function judgeBucket(facts: BucketFacts, question: PolicyQuestion, env: string): Section {
  const { rest } = facts;
  const place = judge('place of the bucket', facts.place, (found) => judgePlace(found, question, env));
  const findings = rest
    ? [
        ...judge('bucket policy', rest.policy, (policy) => judgePolicy(policy, question)),
        ...judge('versioning', rest.versioning, judgeVersioning),
        ...judge('encryption', rest.encryption, judgeEncryption),
        ...judge('public access', rest.publicAccess, judgePublicAccess),
      ]
    : [];
  return { title: `Bucket ${question.bucket}`, findings: [...place, ...findings] };
}

function judgePlace(place: Place, { region, account, bucket }: PolicyQuestion, env: string): Finding {
  if (place === 'absent')
    return fails(`there is no bucket \`${bucket}\``, `create it, or run \`make deploy ENV=${env}\``);
  if (place === 'foreign') {
    const why = 'ElastiCache exports only to a bucket of the account that it runs in';
    return fails(
      `\`${bucket}\` does not belong to account ${account}: ${why}`,
      'name a bucket of this account',
    );
  }
  if (place === 'hidden') {
    return unchecked(
      `\`${bucket}\` is another account's, or the caller may not \`s3:GetBucketLocation\``,
      'attach the operator policy',
    );
  }
  if (place.region !== region) {
    const text = `it is in ${place.region}, and ElastiCache exports only within a Region, here ${region}`;
    return fails(text, `name a bucket in ${region}`);
  }
  return holds(`it is in ${region} and belongs to account ${account}`);
}

function judgeVersioning(status: string | undefined): Finding {
  if (status === 'Enabled') return holds('versioning is on: what is deleted by mistake can be had back');
  return warns('versioning is off: what pruning or a mistake deletes is gone at once', 'turn versioning on');
}

/** A bucket says nothing only where it was never asked: S3 encrypts every new object with SSE-S3 since 2023. */
function judgeEncryption(algorithm = 'AES256'): Finding {
  if (algorithm === 'AES256') return holds('default encryption is SSE-S3');
  return fails(
    `default encryption is \`${algorithm}\`: the functions have no right to such a key, and nobody has confirmed that ElastiCache can write under one [U]`,
    'use SSE-S3 (AES256) in the backup bucket',
  );
}

function judgePublicAccess(block: PublicAccessBlockConfiguration = {}): Finding {
  const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = block;
  const flags = { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets };
  const off = Object.entries(flags).flatMap(([flag, on]) => (on ? [] : [flag]));
  if (off.length === 0) return holds('public access is blocked');
  return warns(
    `public access is not blocked by the bucket itself: ${off.join(', ')}`,
    'turn on all four flags: a backup is the whole data set',
  );
}
