//! The operations as `s3s` calls them, one line each.

use crate::home::SharedWorld;
use crate::wire::s3::convert::{call_error, done, s3_error};
use crate::wire::s3::{buckets, listing, objects};
use async_trait::async_trait;
use jiff::Timestamp;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};
use sim::world::{AwsError, CallError, World};
use std::sync::Arc;

/// The world as an S3.
pub(crate) struct Adapter(Arc<SharedWorld>);

type Answered<T> = S3Result<S3Response<T>>;

impl Adapter {
    pub(crate) fn new(world: Arc<SharedWorld>) -> Self {
        Self(world)
    }

    fn call<T>(&self, run: impl FnOnce(&mut World, Timestamp) -> Result<T, CallError>) -> S3Result<T> {
        let kept = self
            .0
            .call(run)
            .map_err(|error| s3_error(&AwsError::new(500, "InternalError", error.to_string())));
        kept?.map_err(call_error)
    }
}

#[async_trait]
impl S3 for Adapter {
    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> Answered<ListBucketsOutput> {
        done(self.call(buckets::list)?)
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answered<HeadBucketOutput> {
        done(self.call(|world, now| buckets::head(world, &request.input.bucket, now))?)
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Answered<GetBucketLocationOutput> {
        done(self.call(|world, now| buckets::location(world, &request.input.bucket, now))?)
    }

    async fn get_bucket_policy(
        &self,
        request: S3Request<GetBucketPolicyInput>,
    ) -> Answered<GetBucketPolicyOutput> {
        done(self.call(|world, _| buckets::policy(world, &request.input.bucket))?)
    }

    async fn put_bucket_policy(
        &self,
        request: S3Request<PutBucketPolicyInput>,
    ) -> Answered<PutBucketPolicyOutput> {
        let PutBucketPolicyInput { bucket, policy, .. } = request.input;
        self.edit(|world| buckets::set_policy(world, &bucket, Some(&policy)))?;
        done(PutBucketPolicyOutput {})
    }

    async fn delete_bucket_policy(
        &self,
        request: S3Request<DeleteBucketPolicyInput>,
    ) -> Answered<DeleteBucketPolicyOutput> {
        self.edit(|world| buckets::set_policy(world, &request.input.bucket, None))?;
        done(DeleteBucketPolicyOutput {})
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Answered<ListObjectsV2Output> {
        done(self.call_s3(|world, now| listing::v2(world, request.input, now))?)
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> Answered<ListObjectsOutput> {
        done(self.call_s3(|world, now| listing::v1(world, request.input, now))?)
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> Answered<ListObjectVersionsOutput> {
        done(self.call_s3(|world, now| listing::versions(world, request.input, now))?)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answered<GetObjectOutput> {
        done(self.call(|world, now| objects::get(world, request.input, now))?)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answered<HeadObjectOutput> {
        done(self.call(|world, now| objects::head(world, request.input, now))?)
    }

    async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> Answered<PutObjectOutput> {
        let body = objects::read_body(request.input.body.take()).await?;
        let trailers = request
            .trailing_headers
            .as_ref()
            .and_then(s3s::TrailingHeaders::take);
        let put = objects::put_request(request.input, body, trailers);
        done(self.call(|world, now| objects::put(world, &put, now))?)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> Answered<DeleteObjectOutput> {
        done(self.call(|world, now| objects::delete(world, request.input, now))?)
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> Answered<DeleteObjectsOutput> {
        done(self.call(|world, now| objects::delete_many(world, request.input, now))?)
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> Answered<GetObjectTaggingOutput> {
        done(self.call(|world, now| objects::tagging(world, request.input, now))?)
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> Answered<PutObjectTaggingOutput> {
        done(self.call(|world, now| objects::set_tagging(world, request.input, now))?)
    }

    async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> Answered<DeleteObjectTaggingOutput> {
        done(self.call(|world, now| objects::clear_tagging(world, request.input, now))?)
    }
}

impl Adapter {
    /// A call whose request may be refused before the world sees it.
    fn call_s3<T>(&self, run: impl FnOnce(&mut World, Timestamp) -> S3Result<T>) -> S3Result<T> {
        self.call(|world, now| Ok(run(world, now)))?
    }

    /// A change that is no operation of the world and must be saved all the same.
    fn edit<T>(&self, change: impl FnOnce(&mut World) -> Result<T, AwsError>) -> S3Result<T> {
        let kept = self.0.edit(|world, _| change(world));
        let kept = kept.map_err(|error| s3_error(&AwsError::new(500, "InternalError", error.to_string())));
        kept?.map_err(|error| s3_error(&error))
    }
}
