//! What a request is, as far as disturbances tell requests apart.

use crate::wire::disturb::Calls;
use crate::wire::query::Form;
use crate::wire::scope::{Caller, Service};
use hyper::Method;
use hyper::header::RANGE;
use hyper::http::request::Parts;

/// A request of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whose it is.
    pub(crate) caller: Caller,
    /// Where it goes.
    pub(crate) service: Service,
    /// What it asks for, as AWS spells it.
    pub(crate) operation: String,
    /// About what.
    pub(crate) about: String,
}

impl Seen {
    /// A request to a service; `body` is read except in S3, whose requests say it all in their heads.
    pub(crate) fn of(caller: Caller, service: Service, head: &Parts, body: &[u8]) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let (operation, about) = match service {
            Service::S3 => in_s3(head, query),
            Service::ElastiCache | Service::Sns => in_form(query, body),
            Service::States => in_json(head, body),
        };
        Self {
            caller,
            service,
            operation,
            about,
        }
    }

    /// Whether it is one of these.
    pub(crate) fn is_of(&self, calls: &Calls) -> bool {
        self.caller.function == calls.function
            && self.operation == calls.operation
            && self.about.contains(&calls.containing)
    }
}

/// Operations by their method, whether they are about an object, and the word in the query that tells them apart.
const S3: &[(Method, bool, &str, &str)] = &[
    (Method::GET, false, "list-type", "ListObjectsV2"),
    (Method::GET, false, "location", "GetBucketLocation"),
    (Method::GET, true, "tagging", "GetObjectTagging"),
    (Method::GET, true, "", "GetObject"),
    (Method::HEAD, true, "", "HeadObject"),
    (Method::PUT, true, "", "PutObject"),
    (Method::DELETE, true, "", "DeleteObject"),
];

fn in_s3(head: &Parts, query: &str) -> (String, String) {
    let path = head.uri.path();
    let is_of_object = path
        .trim_start_matches('/')
        .split_once('/')
        .is_some_and(|(_, key)| !key.is_empty());
    let found = S3.iter().find(|(method, of_object, word, _)| {
        *method == head.method && *of_object == is_of_object && query.contains(word)
    });
    let operation = found.map_or(head.method.as_str(), |(.., operation)| operation);
    let range = head.headers.get(RANGE).and_then(|range| range.to_str().ok());
    let about = [path, query, range.unwrap_or_default()].join("\n");
    (operation.to_owned(), about)
}

fn in_form(query: &str, body: &[u8]) -> (String, String) {
    let form = Form::parse(&[query.as_bytes(), body]);
    let pairs = [query.as_bytes(), body].map(|piece| {
        let pairs = form_urlencoded::parse(piece).map(|(name, value)| format!("{name}={value}\n"));
        pairs.collect::<String>()
    });
    (form.text("Action").unwrap_or_default().to_owned(), pairs.concat())
}

fn in_json(head: &Parts, body: &[u8]) -> (String, String) {
    let target = head.headers.get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or(target);
    (operation.to_owned(), String::from_utf8_lossy(body).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;
    use hyper::http::request::Builder;

    fn check(request: Builder, service: Service, body: &str, operation: &str, about: &str) {
        let caller = Caller {
            function: "prune".to_owned(),
            token: "t".to_owned(),
        };
        let head = request.body(()).unwrap().into_parts().0;
        let seen = Seen::of(caller, service, &head, body.as_bytes());
        assert_eq!(seen.operation, operation);
        assert!(seen.about.contains(about), "{}", seen.about);
    }

    #[test]
    fn operations_are_told_apart() {
        let s3 = |method: &str, uri: &str, operation: &str| {
            let request = Request::builder().method(method).uri(uri);
            check(
                request,
                Service::S3,
                "",
                operation,
                uri.split('?').next().unwrap(),
            );
        };
        s3("GET", "/b?list-type=2&prefix=backups%2F", "ListObjectsV2");
        s3("GET", "/b/?location", "GetBucketLocation");
        s3("GET", "/b/k/a?tagging", "GetObjectTagging");
        s3("GET", "/b/k?versionId=1", "GetObject");
        s3("HEAD", "/b/k", "HeadObject");
        s3("PUT", "/b/k", "PutObject");
        s3("DELETE", "/b/k", "DeleteObject");
        s3("POST", "/b/k", "POST");
        let range = Request::builder().uri("/b/k").header("range", "bytes=9-12");
        check(range, Service::S3, "", "GetObject", "bytes=9-12");
        let form = "Action=CopySnapshot&TargetSnapshotName=backups%2Fx";
        let request = Request::builder().method("POST").uri("/");
        check(
            request,
            Service::ElastiCache,
            form,
            "CopySnapshot",
            "TargetSnapshotName=backups/x",
        );
        let request = Request::builder().header("x-amz-target", "AWSStepFunctions.DescribeExecution");
        check(
            request,
            Service::States,
            "{\"a\":1}",
            "DescribeExecution",
            "\"a\"",
        );
    }
}
