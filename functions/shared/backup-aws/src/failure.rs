//! Reads out of an SDK error what AWS said: wire code, text and HTTP status. `backup-core` judges them.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backup_core::ports::Operation;
use backup_core::{CallError, CallErrorKind};

/// Tells a failed call. The typed faults of the SDK are passed over: services answer with codes that their models
/// lack, and the plain string is what documentation and people use.
pub(crate) fn call_error<E>(operation: Operation, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => answered(operation, answer.err(), answer.raw().status().as_u16()),
        // Nothing was sent: the request could not be built, and trying again builds the same one.
        SdkError::ConstructionFailure(_) => CallError {
            operation,
            code: "InvalidRequest".to_owned(),
            message: chain(error),
            kind: CallErrorKind::Unexpected,
        },
        // An answer that breaks off or cannot be read is a lost answer: whether the call took effect is unknown.
        SdkError::ResponseError(_) => no_answer(operation, "UnreadableAnswer", error),
        SdkError::TimeoutError(_) => no_answer(operation, "Timeout", error),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => no_answer(operation, "Timeout", error),
        _ => no_answer(operation, "ConnectionFailed", error),
    }
}

/// A service's own answer. One without a body (`HeadObject`) has no code, so its status stands in.
fn answered(operation: Operation, answer: &impl ProvideErrorMetadata, status: u16) -> CallError {
    let code = answer
        .code()
        .map_or_else(|| format!("HTTP {status}"), str::to_owned);
    CallError::judge(
        operation,
        &code,
        answer.message().unwrap_or("no text"),
        Some(status),
    )
}

/// A call that ended without a readable answer.
pub(crate) fn no_answer(operation: Operation, code: &str, error: &dyn std::error::Error) -> CallError {
    CallError::judge(operation, code, &chain(error), None)
}

/// An error's text with those of its causes, for people: `CallError` carries text alone, and the SDK's own
/// rendering adds the debug form of everything.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// An answer that lacks what its documentation promises.
#[cfg(any(feature = "elasticache", feature = "s3"))]
pub(crate) fn incomplete(operation: Operation, what: &str) -> CallError {
    CallError {
        operation,
        code: "IncompleteAnswer".to_owned(),
        message: format!("the answer has no {what}"),
        kind: CallErrorKind::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use aws_smithy_types::retry::ErrorKind;

    type Failure = SdkError<ErrorMetadata, HttpResponse>;

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
    }

    fn service(status: u16, code: Option<&str>) -> Failure {
        let mut metadata = ErrorMetadata::builder();
        if let Some(code) = code {
            metadata = metadata.code(code).message("in words");
        }
        SdkError::service_error(metadata.build(), response(status))
    }

    #[test]
    fn every_way_to_fail_is_told_apart() {
        use CallErrorKind as K;
        let io = || ConnectorError::io("connection reset".into());
        let slow = || ConnectorError::timeout("too slow".into());
        let server = || ConnectorError::other("broken".into(), Some(ErrorKind::ServerError));
        let cases: [(Failure, &str, K, &str); 9] = [
            (
                service(400, Some("Throttling")),
                "Throttling",
                K::Throttled,
                "a code decides",
            ),
            (
                service(500, Some("Odd")),
                "Odd",
                K::ServiceUnavailable,
                "an unknown code leaves the status",
            ),
            (
                service(404, None),
                "HTTP 404",
                K::NotFound,
                "a head request has neither code nor text",
            ),
            (
                SdkError::timeout_error("slow"),
                "Timeout",
                K::ServiceUnavailable,
                "the SDK's own limit",
            ),
            (
                SdkError::dispatch_failure(slow()),
                "Timeout",
                K::ServiceUnavailable,
                "the connector's limit",
            ),
            (
                SdkError::dispatch_failure(io()),
                "ConnectionFailed",
                K::ServiceUnavailable,
                "a lost connection",
            ),
            (
                SdkError::dispatch_failure(server()),
                "ConnectionFailed",
                K::ServiceUnavailable,
                "anything in between",
            ),
            (
                SdkError::response_error("half an answer", response(200)),
                "UnreadableAnswer",
                K::ServiceUnavailable,
                "an answer that broke off may have taken effect",
            ),
            (
                SdkError::construction_failure("no key"),
                "InvalidRequest",
                K::Unexpected,
                "what was never sent fails the same way again",
            ),
        ];
        for (error, code, kind, why) in cases {
            let told = call_error("CopySnapshot", &error);
            assert_eq!((told.code.as_str(), told.kind), (code, kind), "{why}");
        }
    }

    #[test]
    fn a_lost_connection_says_why() {
        let error: Failure = SdkError::dispatch_failure(ConnectorError::io("connection reset".into()));
        assert!(
            call_error("CopySnapshot", &error)
                .message
                .contains("connection reset")
        );
    }
}
