//! The Lambda Runtime API (version 2018-06-01) for all processes: one loopback server, a path prefix per process.
//!
//! `AWS_LAMBDA_RUNTIME_API` may carry a path: `lambda_runtime` puts it before its own.

use crate::engine::wall_clock;
use crate::lambda::sandbox::{Desk, DropNotice, Job, Report};
use crate::wire::loopback::{Answer, NoAnswer, Port, Respond, Server, answer};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const JSON: &str = "application/json";

/// The desks of all living processes, by their number.
#[derive(Debug, Default)]
struct Desks(Mutex<HashMap<u64, Arc<Desk>>>);

/// The server.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    server: Server,
    desks: Arc<Desks>,
}

impl RuntimeApi {
    /// Listens on a free port.
    pub(crate) async fn start() -> io::Result<Self> {
        let desks = Arc::new(Desks::default());
        let responder: Arc<dyn Respond> = Arc::<Desks>::clone(&desks);
        Ok(Self {
            server: Port::take(0).await?.serve(responder),
            desks,
        })
    }

    /// Opens a desk and gives the value of `AWS_LAMBDA_RUNTIME_API`; the desk closes when the notice is dropped.
    pub(crate) fn open(&self, number: u64, desk: Arc<Desk>) -> (String, DropNotice) {
        self.desks.lock().insert(number, desk);
        let desks = Arc::clone(&self.desks);
        let close = DropNotice::new(move || {
            desks.lock().remove(&number);
        });
        (format!("{}/{number}", self.server.address()), close)
    }
}

impl Desks {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Desk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Respond for Desks {
    fn respond(self: Arc<Self>, request: Request<Incoming>) -> BoxFuture<'static, Result<Answer, NoAnswer>> {
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let mut segments = path.trim_start_matches('/').splitn(2, '/');
            let number = segments.next().and_then(|number| number.parse().ok());
            let desk = number.and_then(|number: u64| self.lock().get(&number).cloned());
            // A process without a desk is being killed: there is nothing to tell it.
            let desk = desk.ok_or(NoAnswer)?;
            serve(&desk, segments.next().unwrap_or_default(), request).await
        })
    }
}

async fn serve(desk: &Desk, path: &str, request: Request<Incoming>) -> Result<Answer, NoAnswer> {
    let Some(call) = path.strip_prefix("2018-06-01/runtime/") else {
        return Ok(unknown(path));
    };
    if request.method() == Method::GET && call == "invocation/next" {
        let job = desk.next().await.ok_or(NoAnswer)?;
        return hand_over(&job);
    }
    if request.method() != Method::POST {
        return Ok(unknown(path));
    }
    let body = request
        .into_body()
        .collect()
        .await
        .map_err(|_| NoAnswer)?
        .to_bytes();
    let report = match call.split('/').collect::<Vec<_>>()[..] {
        ["init", "error"] => Report::InitError(body),
        ["invocation", id, "response"] => Report::Response(id.to_owned(), body),
        ["invocation", id, "error"] => Report::Error(id.to_owned(), body),
        _ => return Ok(unknown(path)),
    };
    desk.report(report);
    Ok(answer(StatusCode::ACCEPTED, JSON, r#"{"status":"OK"}"#))
}

fn unknown(path: &str) -> Answer {
    let body = serde_json::json!({"errorType": "InvalidPath", "errorMessage": format!("no `{path}` here")});
    answer(StatusCode::NOT_FOUND, JSON, body.to_string())
}

fn hand_over(job: &Job) -> Result<Answer, NoAnswer> {
    let timeout = SignedDuration::try_from(job.timeout).map_err(|_| NoAnswer)?;
    let deadline = wall_clock()
        .as_millisecond()
        .saturating_add(i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX));
    let headers = [
        ("lambda-runtime-aws-request-id", job.request_id.clone()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", job.arn.clone()),
        (
            "lambda-runtime-trace-id",
            format!("Root=1-{:08x}-{:024x};Sampled=0", deadline / 1000, deadline),
        ),
    ];
    let mut handed = answer(StatusCode::OK, JSON, job.payload.clone());
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value).map_err(|_| NoAnswer)?;
        handed.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Ok(handed)
}
