//! What an operation answers when it does not succeed.

use serde::{Deserialize, Serialize};

/// An error as AWS would answer it: the wire code (not the SDK's type name), the text and the HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// Code on the wire, for example `SnapshotNotFoundFault`.
    pub code: String,
    /// Text for people.
    pub message: String,
    /// HTTP status.
    pub status: u16,
}

impl AwsError {
    /// An error with the given status, code and text.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status,
        }
    }

    /// A fault of the caller, answered with 400.
    pub fn bad_request(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// Something named in the request does not exist, answered with 404.
    pub fn not_found(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(404, code, message)
    }

    /// `InvalidParameterValue` of the Query protocol.
    pub fn invalid_value(message: impl Into<String>) -> Self {
        Self::bad_request("InvalidParameterValue", message)
    }

    /// `InvalidParameterCombination` of the Query protocol.
    pub fn invalid_combination(message: impl Into<String>) -> Self {
        Self::bad_request("InvalidParameterCombination", message)
    }
}

/// Why a call gave its caller no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// AWS answered with an error.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The connection was dropped: nobody answered, whether or not the effect took place.
    #[error("the connection was dropped without an answer")]
    NoAnswer,
}

impl CallError {
    /// The wire code, or `NoAnswer`.
    pub fn code(&self) -> &str {
        match self {
            Self::Aws(error) => &error.code,
            Self::NoAnswer => "NoAnswer",
        }
    }
}
