//! Why an invocation gave no result, in the names and texts that Lambda hands to Step Functions.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use sim::asl::TaskError;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

/// A failed invocation.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no folder of that name among the functions.
    NoFunction { arn: String },
    /// The folder has no bootstrap, or one that cannot be started.
    NoBootstrap { reason: String },
    /// The process can have no Runtime API.
    NoPort(io::Error),
    /// The process ended without an answer.
    Exited {
        request_id: String,
        status: Option<ExitStatus>,
    },
    /// The function's time was up, and the process was killed.
    TimedOut { request_id: String, after: Duration },
    /// The process never asked for work.
    InitTimedOut { after: Duration },
    /// The function, or its start, reported an error of its own.
    Reported(Bytes),
    /// The answer is no JSON.
    NotJson { request_id: String },
    /// The answer is longer than Lambda takes.
    TooLarge { bytes: usize },
}

/// The error document as runtimes write it; `stackTrace` and the like stay in the cause.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    error_type: Option<String>,
}

impl Failure {
    fn kind(&self) -> &'static str {
        match self {
            Self::NoFunction { .. } => "Lambda.ResourceNotFoundException",
            Self::NoBootstrap { .. } => "Runtime.InvalidEntrypoint",
            Self::NoPort(_) => "Lambda.ServiceException",
            Self::Exited { .. } => "Runtime.ExitError",
            Self::TimedOut { .. } | Self::InitTimedOut { .. } => "Sandbox.Timedout",
            Self::NotJson { .. } => "Runtime.InvalidResponse",
            Self::TooLarge { .. } => "Function.ResponseSizeTooLarge",
            Self::Reported(_) => "Lambda.Unknown",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::NoFunction { arn } => format!("Function not found: {arn}"),
            Self::NoBootstrap { reason } => format!("Error: Couldn't find valid bootstrap(s): {reason}"),
            Self::NoPort(error) => format!("no port of 127.0.0.1 for the Runtime API: {error}"),
            Self::Exited { request_id, status } => {
                format!("RequestId: {request_id} Error: {}", exit_text(*status))
            }
            Self::TimedOut { request_id, after } => {
                format!(
                    "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
                    after.as_secs_f64()
                )
            }
            Self::InitTimedOut { after } => {
                format!(
                    "Error: the function did not ask for work within {:.2} seconds",
                    after.as_secs_f64()
                )
            }
            Self::NotJson { request_id } => {
                format!("RequestId: {request_id} Error: the function's answer is not JSON")
            }
            Self::TooLarge { bytes } => {
                format!(
                    "Response payload size ({bytes} bytes) exceeded maximum allowed payload size (6291556 bytes)."
                )
            }
            Self::Reported(body) => String::from_utf8_lossy(body).into_owned(),
        }
    }
}

fn exit_text(status: Option<ExitStatus>) -> String {
    match status {
        Some(status) if status.success() => "Runtime exited without providing a reason".to_owned(),
        Some(status) => format!(
            "Runtime exited with error: {}",
            status.to_string().replace(':', "")
        ),
        None => "Runtime exited".to_owned(),
    }
}

impl From<Failure> for TaskError {
    /// A function's own error goes out under its `errorType`, with the document as the cause; one without a type is
    /// `Lambda.Unknown`, as Step Functions has it.
    fn from(failure: Failure) -> Self {
        let kind = failure.kind();
        let text = failure.text();
        if matches!(failure, Failure::Reported(_)) {
            let document = serde_json::from_str::<Document>(&text).ok();
            let error = document
                .and_then(|document| document.error_type)
                .unwrap_or_else(|| kind.to_owned());
            return Self { error, cause: text };
        }
        Self {
            error: kind.to_owned(),
            cause: json!({"errorType": kind, "errorMessage": text}).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    fn check(failure: Failure, error: &str, in_cause: &str) {
        let told = TaskError::from(failure);
        assert_eq!(told.error, error);
        assert!(told.cause.contains(in_cause), "{}", told.cause);
    }

    fn exited(raw: i32) -> Failure {
        Failure::Exited {
            request_id: "r".to_owned(),
            status: Some(ExitStatus::from_raw(raw)),
        }
    }

    #[test]
    fn failures_have_the_names_that_retriers_match() {
        let document = r#"{"errorType":"Backup.Corrupt","errorMessage":"bad CRC"}"#;
        check(Failure::Reported(document.into()), "Backup.Corrupt", "bad CRC");
        check(Failure::Reported("not json".into()), "Lambda.Unknown", "not json");
        check(
            Failure::Reported(r#"{"errorMessage":"x"}"#.into()),
            "Lambda.Unknown",
            "\"x\"",
        );
        check(
            exited(1 << 8),
            "Runtime.ExitError",
            "exited with error: exit status 1",
        );
        check(exited(9), "Runtime.ExitError", "signal 9");
        check(exited(0), "Runtime.ExitError", "without providing a reason");
        let after = Duration::from_millis(200);
        check(
            Failure::TimedOut {
                request_id: "r".to_owned(),
                after,
            },
            "Sandbox.Timedout",
            "after 0.20 seconds",
        );
        check(
            Failure::InitTimedOut { after },
            "Sandbox.Timedout",
            "did not ask for work",
        );
        check(
            Failure::NoFunction {
                arn: "arn:x".to_owned(),
            },
            "Lambda.ResourceNotFoundException",
            "arn:x",
        );
        let taken = io::ErrorKind::AddrInUse.into();
        check(Failure::NoPort(taken), "Lambda.ServiceException", "no port");
        check(
            Failure::NoBootstrap {
                reason: "[p]".to_owned(),
            },
            "Runtime.InvalidEntrypoint",
            "[p]",
        );
        check(
            Failure::TooLarge { bytes: 7_000_000 },
            "Function.ResponseSizeTooLarge",
            "7000000",
        );
    }
}
