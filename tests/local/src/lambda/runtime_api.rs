//! The Lambda Runtime API (version 2018-06-01): a loopback server for each process, as each sandbox of Lambda has its
//! own.
//!
//! `AWS_LAMBDA_RUNTIME_API` is a host and a port: `lambda_runtime` takes no path behind it.

use crate::engine::wall_clock;
use crate::lambda::sandbox::{Desk, Job, Report};
use crate::wire::loopback::{Answer, NoAnswer, Port, Respond, Server, answer};
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use jiff::SignedDuration;
use std::io;
use std::sync::Arc;

const JSON: &str = "application/json";

/// Serves the process that sits at this desk.
pub(crate) async fn open(desk: Arc<Desk>) -> io::Result<Server> {
    Ok(Port::take(0).await?.serve(desk))
}

impl Respond for Desk {
    fn respond(self: Arc<Self>, request: Request<Incoming>) -> BoxFuture<'static, Result<Answer, NoAnswer>> {
        Box::pin(async move { serve(&self, request).await })
    }
}

async fn serve(desk: &Desk, request: Request<Incoming>) -> Result<Answer, NoAnswer> {
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix("/2018-06-01/runtime/") else {
        return Ok(unknown(&path));
    };
    if request.method() == Method::GET && call == "invocation/next" {
        let job = desk.next().await.ok_or(NoAnswer)?;
        return hand_over(&job);
    }
    if request.method() != Method::POST {
        return Ok(unknown(&path));
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
        _ => return Ok(unknown(&path)),
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
