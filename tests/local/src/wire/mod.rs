//! One loopback endpoint that speaks for every service, told apart by the credential scope of each request.
//!
//! | service | protocol | in front of |
//! |---|---|---|
//! | `ElastiCache`, SNS | Query: form in, XML out | [`SharedWorld`] |
//! | S3 | REST, by the crate `s3s` | [`SharedWorld`] |
//! | Step Functions | JSON 1.0 | [`Executions`] |
//!
//! What a function asks for is recorded as IAM would see it: `rights`. What happens to its calls on their way, when a
//! test wants something to: `disturb`.
//!
//! Whoever is not called `test` is turned away, so no request that was meant for AWS does anything here.

mod disturb;
pub(crate) mod loopback;
mod query;
mod rights;
mod s3;
mod scope;
mod states;

pub use disturb::{Calls, Damage, Disturbance, Disturbances, Foreign, Instead};
pub use rights::{Call, Condition, Context, RecordingError};
pub(crate) use rights::{Place, Recorder, token};
pub(crate) use scope::Service;

use crate::engine::Executions;
use crate::home::SharedWorld;
use crate::wire::disturb::Seen;
use crate::wire::loopback::{Answer, NoAnswer, Port, Respond, Server};
use crate::wire::query::{ELASTICACHE, Form, SNS};
use crate::wire::rights::Asked;
use crate::wire::scope::{Caller, Scope};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
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
    /// Answers on a port that is taken already.
    pub(crate) fn start(port: Port, services: Services) -> Self {
        let server = port.serve(Arc::new(services));
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

/// The services behind the endpoint.
pub(crate) struct Services {
    world: Arc<SharedWorld>,
    executions: Arc<Executions>,
    s3: s3::Service,
    place: Place,
    recorder: Arc<Recorder>,
    disturbances: Arc<Disturbances>,
}

/// A request whose service is known. S3 reads the body itself; for the others it has been read.
enum Work {
    S3(Parts, Incoming),
    ElastiCache(Parts, Bytes),
    Sns(Parts, Bytes),
    States(Parts, Bytes),
}

impl Work {
    async fn of(service: Service, head: Parts, body: Incoming) -> Result<Self, NoAnswer> {
        Ok(match service {
            Service::S3 => Self::S3(head, body),
            Service::ElastiCache => Self::ElastiCache(head, whole(body).await?),
            Service::Sns => Self::Sns(head, whole(body).await?),
            Service::States => Self::States(head, whole(body).await?),
        })
    }

    fn seen(&self, caller: Caller) -> Seen {
        match self {
            Self::S3(head, _) => Seen::of(caller, Service::S3, head, b""),
            Self::ElastiCache(head, body) => Seen::of(caller, Service::ElastiCache, head, body),
            Self::Sns(head, body) => Seen::of(caller, Service::Sns, head, body),
            Self::States(head, body) => Seen::of(caller, Service::States, head, body),
        }
    }
}

impl Respond for Services {
    fn respond(self: Arc<Self>, request: Request<Incoming>) -> BoxFuture<'static, Result<Answer, NoAnswer>> {
        Box::pin(async move { self.route(request).await })
    }
}

impl Services {
    /// In front of a world and its executions; records what functions ask for, and disturbs it.
    pub(crate) fn new(
        world: Arc<SharedWorld>,
        executions: Arc<Executions>,
        place: Place,
        recorder: Arc<Recorder>,
        disturbances: Arc<Disturbances>,
    ) -> Self {
        Self {
            s3: s3::Service::new(Arc::clone(&world)),
            world,
            executions,
            place,
            recorder,
            disturbances,
        }
    }

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
        let work = Work::of(service, head, body).await?;
        match scope.caller {
            None => self.serve(work, None).await,
            Some(caller) => self.disturbed(work, caller).await,
        }
    }

    /// Serves a function, unless something is to come in between.
    async fn disturbed(&self, work: Work, caller: Caller) -> Result<Answer, NoAnswer> {
        let seen = work.seen(caller);
        let function = Some(seen.caller.function.as_str());
        match self.disturbances.strike(&seen) {
            None | Some(Disturbance::Expired { .. }) => self.serve(work, function).await,
            Some(Disturbance::Before(instead)) => {
                if let Work::S3(_, body) = work {
                    // Left unread, it would end the connection before its client reads the answer.
                    whole(body).await?;
                }
                self.disturbances.play(&seen, instead).await
            }
            Some(Disturbance::After(instead)) => {
                // Its answer is lost on purpose.
                let _ = self.serve(work, function).await;
                self.disturbances.play(&seen, instead).await
            }
            Some(Disturbance::Damaged(damage)) => damage.done_to(self.serve(work, function).await?).await,
        }
    }

    async fn serve(&self, work: Work, function: Option<&str>) -> Result<Answer, NoAnswer> {
        match work {
            Work::S3(head, body) => {
                let asked = rights::asked_of_s3(&head);
                let answer = self.s3.respond(Request::from_parts(head, body)).await;
                // Whether the key is there shows in the answer; one that is withheld leaves the request.
                let status = answer.as_ref().map_or(StatusCode::OK, Answer::status);
                self.record(function, || asked(status));
                answer
            }
            Work::ElastiCache(head, body) => {
                let query = head.uri.query().unwrap_or_default();
                self.record(function, || {
                    let form = Form::parse(&[query.as_bytes(), &body]);
                    rights::asked_of_elasticache(&self.place, &form, |arn| self.tags_of(arn))
                });
                ELASTICACHE.respond(&self.world, query, &body)
            }
            Work::Sns(head, body) => {
                let query = head.uri.query().unwrap_or_default();
                self.record(function, || {
                    rights::asked_of_sns(&Form::parse(&[query.as_bytes(), &body]))
                });
                SNS.respond(&self.world, query, &body)
            }
            Work::States(head, body) => {
                let target = head
                    .headers
                    .get("x-amz-target")
                    .and_then(|target| target.to_str().ok())
                    .unwrap_or_default();
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
    let error = match service {
        Service::ElastiCache | Service::Sns => error("InvalidClientTokenId"),
        Service::States => AwsError::new(400, "UnrecognizedClientException", error("").message),
        Service::S3 => error("InvalidAccessKeyId"),
    };
    refusal(service, &error)
}

/// An error as the service answers it.
pub(crate) fn refusal(service: Service, error: &AwsError) -> Answer {
    match service {
        Service::ElastiCache => ELASTICACHE.failure(error),
        Service::Sns => SNS.failure(error),
        Service::States => states::failure(error.status, &error.code, &error.message),
        Service::S3 => s3::failure(error),
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
