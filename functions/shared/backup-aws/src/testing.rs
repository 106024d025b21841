//! A replaying HTTP client in place of AWS: answers as recorded on the wire, requests kept for inspection.

use crate::Aws;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use backup_core::{Error, ErrorName};

/// Answers by status and body, in the order of the requests; what was sent can be read back.
pub(crate) struct Replay {
    http: StaticReplayClient,
}

/// An answer: HTTP status, headers, body.
pub(crate) type Answer<'a> = (u16, &'a [(&'static str, &'static str)], &'a str);

impl Replay {
    /// AWS with bucket `backups-bucket`, answering thus.
    pub(crate) fn new(answers: &[Answer<'_>]) -> (Self, Aws) {
        let events = answers.iter().map(|(status, headers, body)| {
            let status = (*status).try_into().expect("a status between 100 and 999");
            let mut response = HttpResponse::new(status, SdkBody::from(*body));
            for (name, value) in *headers {
                response.headers_mut().insert(*name, *value);
            }
            ReplayEvent::new(HttpRequest::empty(), response)
        });
        let http = StaticReplayClient::new(events.collect());
        let variable = |name: &str| match name {
            "SNAPKEEP_BUCKET" => Ok("backups-bucket".to_owned()),
            "AWS_REGION" => Ok("eu-west-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Ok("test".to_owned()),
            _ => Err(Error::new(ErrorName::Unexpected, format!("`{name}` is not set"))),
        };
        let aws = Aws::with_http_client(variable, http.clone()).expect("all variables are set");
        (Self { http }, aws)
    }

    /// Bodies of the requests so far, decoded from the form that the Query protocol sends.
    pub(crate) fn forms(&self) -> Vec<String> {
        let requests = self.http.actual_requests();
        requests
            .map(|request| {
                let body = std::str::from_utf8(request.body().bytes().unwrap_or_default());
                body.expect("UTF-8").replace("%3A", ":").replace("%2F", "/")
            })
            .collect()
    }

    /// Method, URI and the given headers of each request so far, one line each.
    pub(crate) fn lines(&self, headers: &[&str]) -> String {
        let requests = self.http.actual_requests().map(|request| {
            let present = headers.iter().filter_map(|name| {
                let value = request.headers().get(*name)?;
                Some(format!(" {name}={value}"))
            });
            let present: String = present.collect();
            format!("{} {}{present}\n", request.method(), request.uri())
        });
        requests.collect()
    }
}
