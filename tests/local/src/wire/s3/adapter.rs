//! The operations as `s3s` calls them, one line each.

use crate::home::{HomeError, SharedWorld};
use crate::wire::s3::convert::{call_error, s3_error};
use crate::wire::s3::{buckets, listing, objects};
use async_trait::async_trait;
use jiff::Timestamp;
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, DeleteObjectsInput, DeleteObjectsOutput,
    GetBucketLocationInput, GetBucketLocationOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetObjectInput, GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput,
    ListObjectsV2Input, ListObjectsV2Output, PutBucketPolicyInput, PutBucketPolicyOutput, PutObjectInput,
    PutObjectOutput, PutObjectTaggingInput, PutObjectTaggingOutput,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result};
use sim::world::{AwsError, CallError, World};
use std::sync::Arc;

/// The world as an S3.
pub(crate) struct Adapter(Arc<SharedWorld>);

type Answered<T> = S3Result<S3Response<T>>;

impl Adapter {
    pub(crate) fn new(world: Arc<SharedWorld>) -> Self {
        Self(world)
    }

    fn call<T>(&self, run: impl FnOnce(&mut World, Timestamp) -> Result<T, CallError>) -> Answered<T> {
        let kept = self.0.call(run).map_err(|error| not_kept(&error));
        kept?.map(S3Response::new).map_err(call_error)
    }
}

#[async_trait]
impl S3 for Adapter {
    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> Answered<ListBucketsOutput> {
        self.call(buckets::list)
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answered<HeadBucketOutput> {
        self.call(|world, now| buckets::head(world, &request.input.bucket, now))
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Answered<GetBucketLocationOutput> {
        self.call(|world, now| buckets::location(world, &request.input.bucket, now))
    }

    async fn get_bucket_policy(
        &self,
        request: S3Request<GetBucketPolicyInput>,
    ) -> Answered<GetBucketPolicyOutput> {
        self.call(|world, _| buckets::policy(world, &request.input.bucket))
    }

    async fn put_bucket_policy(
        &self,
        request: S3Request<PutBucketPolicyInput>,
    ) -> Answered<PutBucketPolicyOutput> {
        let PutBucketPolicyInput { bucket, policy, .. } = request.input;
        self.edit(|world| {
            buckets::set_policy(world, &bucket, Some(&policy))?;
            Ok(PutBucketPolicyOutput {})
        })
    }

    async fn delete_bucket_policy(
        &self,
        request: S3Request<DeleteBucketPolicyInput>,
    ) -> Answered<DeleteBucketPolicyOutput> {
        self.edit(|world| {
            buckets::set_policy(world, &request.input.bucket, None)?;
            Ok(DeleteBucketPolicyOutput {})
        })
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Answered<ListObjectsV2Output> {
        self.call_s3(|world, now| listing::v2(world, request.input, now))
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> Answered<ListObjectsOutput> {
        self.call_s3(|world, now| listing::v1(world, request.input, now))
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> Answered<ListObjectVersionsOutput> {
        self.call_s3(|world, now| listing::versions(world, request.input, now))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answered<GetObjectOutput> {
        self.call(|world, now| objects::get(world, request.input, now))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answered<HeadObjectOutput> {
        self.call(|world, now| objects::head(world, request.input, now))
    }

    async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> Answered<PutObjectOutput> {
        let body = objects::read_body(request.input.body.take()).await?;
        let trailers = request
            .trailing_headers
            .as_ref()
            .and_then(s3s::TrailingHeaders::take);
        let put = objects::put_request(request.input, body, &request.headers, trailers.as_ref())?;
        self.call(|world, now| objects::put(world, &put, now))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> Answered<DeleteObjectOutput> {
        self.call(|world, now| objects::delete(world, request.input, now))
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> Answered<DeleteObjectsOutput> {
        self.call(|world, now| objects::delete_many(world, request.input, now))
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> Answered<GetObjectTaggingOutput> {
        self.call(|world, now| objects::tagging(world, request.input, now))
    }

    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> Answered<PutObjectTaggingOutput> {
        self.call(|world, now| objects::set_tagging(world, request.input, now))
    }

    async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> Answered<DeleteObjectTaggingOutput> {
        self.call(|world, now| objects::clear_tagging(world, request.input, now))
    }
}

impl Adapter {
    /// A call whose request may be refused before the world sees it.
    fn call_s3<T>(&self, run: impl FnOnce(&mut World, Timestamp) -> S3Result<T>) -> Answered<T> {
        let kept = self.0.call(run).map_err(|error| not_kept(&error));
        kept?.map(S3Response::new)
    }

    /// A change that is no operation of the world and must be saved all the same.
    fn edit<T>(&self, change: impl FnOnce(&mut World) -> Result<T, AwsError>) -> Answered<T> {
        let kept = self
            .0
            .edit(|world, _| change(world))
            .map_err(|error| not_kept(&error));
        kept?.map(S3Response::new).map_err(|error| s3_error(&error))
    }
}

/// The world could not be saved.
fn not_kept(error: &HomeError) -> S3Error {
    s3_error(&AwsError::new(500, "InternalError", error.with_reason()))
}
