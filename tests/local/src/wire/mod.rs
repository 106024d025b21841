//! One loopback endpoint that speaks for every service, told apart by the credential scope of each request.
//!
//! | service | protocol | in front of |
//! |---|---|---|
//! | `ElastiCache`, SNS | Query: form in, XML out | [`SharedWorld`] |
//! | S3 | REST, by the crate `s3s` | [`SharedWorld`] |
//! | Step Functions | JSON 1.0 | [`Executions`] |
//!
//! What a function asks for is recorded as IAM would see it: `rights`.
//!
//! Whoever is not called `test` is turned away, so no request that was meant for AWS does anything here.

pub(crate) mod loopback;
mod query;
mod rights;
mod s3;
mod scope;
mod states;

pub use rights::{Call, Condition, Context, RecordingError};
pub(crate) use rights::{Place, Recorder, token};

use crate::engine::Executions;
use crate::home::SharedWorld;
use crate::wire::loopback::{Answer, NoAnswer, Port, Respond, Server};
use crate::wire::query::{ELASTICACHE, Form, SNS};
use crate::wire::rights::Asked;
use crate::wire::scope::{Scope, Service};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, StatusCode};
use sim::world::{AwsError, Tags};
use std::sync::Arc;

/// The only access key that is let in.
pub const ACCESS_KEY: &str = "test";

/// The secret that goes with it. Only S3 checks signatures; the other services go by the access key alone.
pub const SECRET_KEY: &str = "test";

/// The endpoint. It stops answering when it is dropped.
#[derive(Debug)]
pub struct Endpoint {
    url: String,
    _server: Server,
}

impl Endpoint {
    /// Answers on a port that is taken already, and records what functions ask for.
    pub(crate) fn start(
        port: Port,
        world: Arc<SharedWorld>,
        executions: Arc<Executions>,
        place: Place,
        recorder: Arc<Recorder>,
    ) -> Self {
        let s3 = s3::Service::new(Arc::clone(&world));
        let server = port.serve(Arc::new(Services {
            world,
            executions,
            s3,
            place,
            recorder,
        }));
        Self {
            url: format!("http://{}", server.address()),
            _server: server,
        }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn url(&self) -> &str {
        &self.url
    }
}

struct Services {
    world: Arc<SharedWorld>,
    executions: Arc<Executions>,
    s3: s3::Service,
    place: Place,
    recorder: Arc<Recorder>,
}

impl Respond for Services {
    fn respond(self: Arc<Self>, request: Request<Incoming>) -> BoxFuture<'static, Result<Answer, NoAnswer>> {
        Box::pin(async move { self.route(request).await })
    }
}

impl Services {
    async fn route(&self, request: Request<Incoming>) -> Result<Answer, NoAnswer> {
        let (head, body) = request.into_parts();
        let scope = Scope::of(&head);
        let service = match scope.service {
            Ok(service) => service,
            Err(other) => {
                let text = format!("The service `{other}` is not modelled");
                return Ok(ELASTICACHE.failure(&AwsError::bad_request("InvalidAction", text)));
            }
        };
        if scope.access_key.as_deref() != Some(ACCESS_KEY) {
            return Ok(turn_away(service, scope.access_key.as_deref()));
        }
        let function = scope.function.as_deref();
        match service {
            Service::S3 => {
                let asked = rights::asked_of_s3(&head);
                let answer = self.s3.respond(Request::from_parts(head, body)).await;
                // Whether the key is there shows in the answer; one that is withheld leaves the request.
                let status = answer.as_ref().map_or(StatusCode::OK, Answer::status);
                self.record(function, || asked(status));
                answer
            }
            Service::ElastiCache => {
                let body = whole(body).await?;
                let query = head.uri.query().unwrap_or_default();
                self.record(function, || {
                    let form = Form::parse(&[query.as_bytes(), &body]);
                    rights::asked_of_elasticache(&self.place, &form, |arn| self.tags_of(arn))
                });
                ELASTICACHE.respond(&self.world, query, &body)
            }
            Service::Sns => {
                let body = whole(body).await?;
                let query = head.uri.query().unwrap_or_default();
                self.record(function, || {
                    rights::asked_of_sns(&Form::parse(&[query.as_bytes(), &body]))
                });
                SNS.respond(&self.world, query, &body)
            }
            Service::States => {
                let target = head
                    .headers
                    .get("x-amz-target")
                    .and_then(|target| target.to_str().ok())
                    .unwrap_or_default();
                let body = whole(body).await?;
                self.record(function, || rights::asked_of_states(target, &body));
                Ok(states::respond(&self.executions, target, &body))
            }
        }
    }

    /// Records what is asked, if it is a function that asks.
    fn record(&self, function: Option<&str>, asked: impl FnOnce() -> Result<Vec<Asked>, String>) {
        if let Some(function) = function {
            self.recorder.record(function, asked());
        }
    }

    /// The tags that IAM finds on a resource; none where there is no such resource.
    fn tags_of(&self, arn: &str) -> Tags {
        let found = self.world.call(|world, _| world.tags_by_arn(arn));
        found.ok().flatten().unwrap_or_default()
    }
}

/// A client that breaks off in the middle of its request gets no answer.
async fn whole(body: Incoming) -> Result<Bytes, NoAnswer> {
    Ok(body.collect().await.map_err(|_| NoAnswer)?.to_bytes())
}

/// Each service has its own word for credentials that it does not know.
fn turn_away(service: Service, access_key: Option<&str>) -> Answer {
    let error = |code: &str| match access_key {
        None => AwsError::new(403, "MissingAuthenticationToken", "The request is not signed"),
        Some(key) => {
            let text = format!(
                "The access key `{key}` is not known here; use `{ACCESS_KEY}` with any secret but a real one"
            );
            AwsError::new(403, code, text)
        }
    };
    match service {
        Service::ElastiCache => ELASTICACHE.failure(&error("InvalidClientTokenId")),
        Service::Sns => SNS.failure(&error("InvalidClientTokenId")),
        Service::States => states::failure(400, "UnrecognizedClientException", &error("").message),
        Service::S3 => s3::failure(&error("InvalidAccessKeyId")),
    }
}

/// A fresh request id.
pub(crate) fn request_id() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes())
        .into_uuid()
        .to_string()
}

/// The header in which SDKs look for the request id.
pub(crate) fn with_request_id(mut answer: Answer, id: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(id) {
        answer
            .headers_mut()
            .insert(HeaderName::from_static("x-amzn-requestid"), value);
    }
    answer
}
