/** Asks S3 about the bucket. */
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type Asked, ask, askUnless, isDenied } from '../common/failure.ts';
import type { BucketFacts, Place } from './bucket.ts';

/** All that is asked of a bucket, if it is there and of `account`. */
export async function bucketFacts(client: S3Client, bucket: string, account: string): Promise<BucketFacts> {
  const place = await whereabouts(client, bucket, account);
  if (!('answer' in place) || typeof place.answer === 'string') return { place };
  const of = { Bucket: bucket, ExpectedBucketOwner: account };
  const rest = {
    policy: await askUnless('s3:GetBucketPolicy', ['NoSuchBucketPolicy'], undefined, async () => {
      const { Policy } = await client.send(new GetBucketPolicyCommand(of));
      return Policy;
    }),
    versioning: await ask('s3:GetBucketVersioning', async () => {
      const { Status } = await client.send(new GetBucketVersioningCommand(of));
      return Status;
    }),
    encryption: await askUnless(
      's3:GetEncryptionConfiguration',
      ['ServerSideEncryptionConfigurationNotFoundError'],
      undefined,
      async () => {
        const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand(of));
        const [rule] = ServerSideEncryptionConfiguration?.Rules ?? [];
        return rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
      },
    ),
    publicAccess: await askUnless(
      's3:GetBucketPublicAccessBlock',
      ['NoSuchPublicAccessBlockConfiguration'],
      undefined,
      async () => {
        const { PublicAccessBlockConfiguration } = await client.send(new GetPublicAccessBlockCommand(of));
        return PublicAccessBlockConfiguration;
      },
    ),
  };
  return { place, rest };
}

/** S3 refuses alike who asks for another's bucket and who lacks the right; without an expected owner it tells them apart. */
function whereabouts(client: S3Client, bucket: string, account: string): Promise<Asked<Place>> {
  return askUnless<Place>('s3:GetBucketLocation', ['NoSuchBucket', 'NotFound'], 'absent', async () => {
    try {
      return { region: await location(client, bucket, account) };
    } catch (error) {
      if (!isDenied(error)) throw error;
    }
    try {
      await location(client, bucket);
      return 'foreign';
    } catch (error) {
      if (!isDenied(error)) throw error;
      return 'hidden';
    }
  });
}

/** The oldest Region is told by an empty answer, and Ireland may be told by its first name. */
async function location(client: S3Client, bucket: string, account?: string): Promise<string> {
  const request = { Bucket: bucket, ...(account && { ExpectedBucketOwner: account }) };
  const { LocationConstraint } = await client.send(new GetBucketLocationCommand(request));
  if (!LocationConstraint) return 'us-east-1';
  return LocationConstraint === 'EU' ? 'eu-west-1' : LocationConstraint;
}
