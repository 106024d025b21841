//! Who calls which service: read off the signature's credential scope, else guessed from the request's form; which
//! function it is, off the session token.

use crate::wire::rights;
use hyper::http::request::Parts;

/// A service behind the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Query protocol.
    ElastiCache,
    /// Query protocol.
    Sns,
    /// JSON protocol, version 1.0.
    States,
    /// REST.
    S3,
}

/// A function's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The function's name.
    pub(crate) function: String,
    /// The process's session token.
    pub(crate) token: String,
}

impl Caller {
    fn of(token: &str) -> Option<Self> {
        Some(Self {
            function: rights::function_of(token)?.to_owned(),
            token: token.to_owned(),
        })
    }
}

/// What a request says about its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The access key, if it is signed.
    pub(crate) access_key: Option<String>,
    /// The function's process that sends it, if one does.
    pub(crate) caller: Option<Caller>,
    /// The service in the credential scope, or what the request looks like; an error has the name of another service.
    pub(crate) service: Result<Service, String>,
}

impl Scope {
    /// Reads a request's head.
    pub(crate) fn of(head: &Parts) -> Self {
        let token = head
            .headers
            .get("x-amz-security-token")
            .and_then(|token| token.to_str().ok());
        let caller = token.and_then(Caller::of);
        let Some(credential) = credential(head) else {
            return Self {
                access_key: None,
                caller,
                service: Ok(guess(head)),
            };
        };
        // `<access key>/<yyyymmdd>/<region>/<service>/aws4_request`; keys have no slash.
        let mut parts = credential.split('/');
        let access_key = parts.next().map(str::to_owned);
        let service = parts.nth(2).map_or_else(|| Ok(guess(head)), named);
        Self {
            access_key,
            caller,
            service,
        }
    }
}

fn named(service: &str) -> Result<Service, String> {
    match service {
        "elasticache" => Ok(Service::ElastiCache),
        "sns" => Ok(Service::Sns),
        "states" => Ok(Service::States),
        "s3" => Ok(Service::S3),
        other => Err(other.to_owned()),
    }
}

/// The credential in the `Authorization` header, or of a presigned URL.
fn credential(head: &Parts) -> Option<String> {
    let header = head
        .headers
        .get(hyper::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let from_header = header.and_then(|header| {
        let (_, rest) = header.split_once("Credential=")?;
        rest.split([',', ' ']).next().map(str::to_owned)
    });
    from_header.or_else(|| query_value(head, "X-Amz-Credential"))
}

fn query_value(head: &Parts, name: &str) -> Option<String> {
    let query = head.uri.query()?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Without a scope only the form of the answer is at stake: such a request is refused anyway.
fn guess(head: &Parts) -> Service {
    let header = |name: &str| {
        head.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if header("x-amz-target").starts_with("AWSStepFunctions.") {
        return Service::States;
    }
    let is_form = header("content-type").starts_with("application/x-www-form-urlencoded");
    if is_form || query_value(head, "Action").is_some() {
        return Service::ElastiCache;
    }
    Service::S3
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn check(authorization: &str, access_key: &str, service: Result<Service, &str>) {
        let request = Request::builder()
            .header("authorization", authorization)
            .body(())
            .unwrap();
        let scope = Scope::of(&request.into_parts().0);
        let expected = service.map_err(str::to_owned);
        assert_eq!(
            scope,
            Scope {
                access_key: Some(access_key.to_owned()),
                caller: None,
                service: expected
            },
            "{authorization}"
        );
    }

    #[test]
    fn the_credential_scope_tells_the_services_apart() {
        let signed = |service: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=test/20260301/eu-west-1/{service}/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature=00"
            )
        };
        check(&signed("elasticache"), "test", Ok(Service::ElastiCache));
        check(&signed("sns"), "test", Ok(Service::Sns));
        check(&signed("states"), "test", Ok(Service::States));
        check(&signed("s3"), "test", Ok(Service::S3));
        check(&signed("sts"), "test", Err("sts"));
        check("AWS4-HMAC-SHA256 Credential=AKIA", "AKIA", Ok(Service::S3));
    }

    fn check_unsigned(request: hyper::http::request::Builder, service: Service, why: &str) {
        let scope = Scope::of(&request.body(()).unwrap().into_parts().0);
        assert_eq!(
            scope,
            Scope {
                access_key: None,
                caller: None,
                service: Ok(service)
            },
            "{why}"
        );
    }

    #[test]
    fn an_unsigned_request_is_answered_in_the_form_it_has() {
        let target = Request::builder().header("x-amz-target", "AWSStepFunctions.ListExecutions");
        check_unsigned(target, Service::States, "JSON protocol");
        let form =
            Request::builder().header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        check_unsigned(form, Service::ElastiCache, "Query protocol");
        check_unsigned(
            Request::builder().uri("/?Action=DescribeSnapshots"),
            Service::ElastiCache,
            "Query by GET",
        );
        check_unsigned(Request::builder().uri("/bucket/key"), Service::S3, "REST");
    }

    #[test]
    fn a_presigned_url_has_its_scope_in_the_query() {
        let uri = "/b/k?X-Amz-Credential=test%2F20260301%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0";
        let scope = Scope::of(&Request::builder().uri(uri).body(()).unwrap().into_parts().0);
        assert_eq!(
            scope,
            Scope {
                access_key: Some("test".to_owned()),
                caller: None,
                service: Ok(Service::S3)
            }
        );
    }

    #[test]
    fn a_session_token_tells_which_function_calls() {
        for (token, function) in [
            (rights::token("prune"), Some("prune")),
            ("FwoGZXIvYXdz".to_owned(), None),
        ] {
            let request = Request::builder()
                .header("x-amz-security-token", token)
                .body(())
                .unwrap();
            let caller = Scope::of(&request.into_parts().0).caller;
            assert_eq!(caller.map(|caller| caller.function).as_deref(), function);
        }
    }
}
