//! Buckets and their policies.

use crate::wire::s3::convert::time;
use jiff::Timestamp;
use s3s::dto::{
    Bucket, BucketLocationConstraint, GetBucketLocationOutput, GetBucketPolicyOutput, HeadBucketOutput,
    ListBucketsOutput, Owner,
};
use sim::world::s3::policy::Policy;
use sim::world::{ACCOUNT, AwsError, CallError, World};

/// `ListBuckets`.
pub(crate) fn list(world: &mut World, now: Timestamp) -> Result<ListBucketsOutput, CallError> {
    // The world does not keep when a bucket was made, and the AWS CLI cannot do without a date.
    let bucket = |name| Bucket {
        name: Some(name),
        creation_date: Some(time(Timestamp::UNIX_EPOCH)),
        ..Bucket::default()
    };
    let buckets = world.list_buckets(now)?.into_iter().map(bucket).collect();
    let owner = Owner {
        id: Some(ACCOUNT.to_owned()),
        display_name: Some("local".to_owned()),
    };
    Ok(ListBucketsOutput {
        buckets: Some(buckets),
        owner: Some(owner),
        ..ListBucketsOutput::default()
    })
}

/// `HeadBucket`.
pub(crate) fn head(world: &mut World, bucket: &str, now: Timestamp) -> Result<HeadBucketOutput, CallError> {
    let region = world.head_bucket(bucket, now)?;
    Ok(HeadBucketOutput {
        bucket_region: Some(region),
        ..HeadBucketOutput::default()
    })
}

/// `GetBucketLocation`: `us-east-1` is an empty constraint.
pub(crate) fn location(
    world: &mut World,
    bucket: &str,
    now: Timestamp,
) -> Result<GetBucketLocationOutput, CallError> {
    let region = world.get_bucket_location(bucket, now)?;
    let constraint = (region != "us-east-1").then(|| BucketLocationConstraint::from(region));
    Ok(GetBucketLocationOutput {
        location_constraint: constraint,
    })
}

/// `GetBucketPolicy`.
pub(crate) fn policy(world: &mut World, name: &str) -> Result<GetBucketPolicyOutput, CallError> {
    let bucket = world.bucket_mut(name).ok_or_else(|| no_such_bucket(name))?;
    let missing = || AwsError::not_found("NoSuchBucketPolicy", "The bucket policy does not exist");
    let policy = bucket.policy.as_ref().ok_or_else(missing)?;
    let text = serde_json::to_string(policy)
        .map_err(|error| AwsError::new(500, "InternalError", error.to_string()))?;
    Ok(GetBucketPolicyOutput { policy: Some(text) })
}

/// `PutBucketPolicy` and `DeleteBucketPolicy`.
pub(crate) fn set_policy(world: &mut World, name: &str, policy: Option<&str>) -> Result<(), AwsError> {
    let policy = policy.map(Policy::parse).transpose()?;
    world.bucket_mut(name).ok_or_else(|| no_such_bucket(name))?.policy = policy;
    Ok(())
}

fn no_such_bucket(name: &str) -> AwsError {
    AwsError::not_found(
        "NoSuchBucket",
        format!("The specified bucket does not exist: {name}"),
    )
}
