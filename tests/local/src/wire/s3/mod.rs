//! S3's REST protocol: the crate `s3s` reads and writes it, the world answers.
//!
//! Everything that `s3s` knows and this does not is answered with `NotImplemented`, among it multipart uploads.

mod adapter;
mod buckets;
mod convert;
mod listing;
mod objects;

use crate::home::SharedWorld;
use crate::wire::loopback::{Answer, BodyError, NoAnswer, full};
use crate::wire::{ACCESS_KEY, SECRET_KEY};
use adapter::Adapter;
use convert::{is_withheld, s3_error};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use sim::world::AwsError;
use std::sync::Arc;

/// S3 behind the endpoint.
pub(crate) struct Service(S3Service);

impl Service {
    /// S3 in front of a world. Signatures are checked, since `s3s` needs them to read chunked uploads.
    pub(crate) fn new(world: Arc<SharedWorld>) -> Self {
        let mut builder = S3ServiceBuilder::new(Adapter::new(world));
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        Self(builder.build())
    }

    /// Answers a request.
    pub(crate) async fn respond(&self, request: Request<Incoming>) -> Result<Answer, NoAnswer> {
        let answer = self
            .0
            .call(request.map(s3s::Body::from))
            .await
            .map_err(|_| NoAnswer)?;
        if is_withheld(answer.headers()) {
            Err(NoAnswer)
        } else {
            Ok(boxed(answer))
        }
    }
}

fn boxed(answer: Response<s3s::Body>) -> Answer {
    answer.map(|body| body.map_err(BodyError::from).boxed_unsync())
}

/// An error as S3 answers it.
pub(crate) fn failure(error: &AwsError) -> Answer {
    let plain = || {
        let mut answer = Response::new(full(error.message.clone()));
        *answer.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::FORBIDDEN);
        answer
    };
    s3_error(error).to_http_response().map_or_else(|_| plain(), boxed)
}
