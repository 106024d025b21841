//! Ports of `notify`: the topic, and the failed execution's own history.

use super::CallError;

/// One message in the forms that the topic's subscribers read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishParams {
    /// Mail subject: ASCII, fewer than 100 characters, no line breaks (API reference: `Publish`).
    pub subject: String,
    /// Plain text for `email`.
    pub email: String,
    /// The custom-notification document of AWS Chatbot (Amazon Q Developer), for every other protocol.
    pub default: String,
}

/// Publishes to the alert topic (`Publish` with `MessageStructure=json`).
pub trait Publish {
    /// Publishes one message.
    async fn publish(&self, params: &PublishParams) -> Result<(), CallError>;
}

/// Where and why an execution ended, as its history tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedState {
    /// The state that was entered last before the end, such as `CopyToS3`.
    pub state: Option<String>,
    /// The error name of the last failed attempt.
    pub error: Option<String>,
    /// Its text.
    pub cause: Option<String>,
}

/// Reads the end of an execution's history (`GetExecutionHistory`, newest first).
pub trait ReadHistory {
    /// The state that failed, as far back as one page of events tells.
    async fn failed_state(&self, execution_arn: &str) -> Result<FailedState, CallError>;
}
