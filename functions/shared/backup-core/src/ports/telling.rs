//! Ports of `notify`: the topic, the failed execution's own history, and its description.

use super::CallError;
use jiff::Timestamp;

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

/// What of a history event tells how an execution ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndEvent {
    /// Its id.
    pub id: i64,
    /// The id of the event that it follows in its own strand.
    pub previous: i64,
    /// The state that it enters.
    pub entered: Option<String>,
    /// The error of a failed attempt or of the execution's end, and its cause.
    pub failure: Option<(String, Option<String>)>,
}

impl FailedState {
    /// The state that the newest event's own strand entered last, and that state's newest failure.
    ///
    /// With parallel iterations the state entered last of all may be another's. Where the end has no strand
    /// (a time-out, an abort), the newest state counts.
    pub fn read(newest_first: &[EndEvent]) -> Self {
        let end = newest_first.first();
        let entry = end
            .and_then(|end| entry_of(newest_first, end))
            .or_else(|| newest_first.iter().find(|event| event.entered.is_some()));
        let of_entry = |event: &&EndEvent| event.failure.is_some() && entry_of(newest_first, event) == entry;
        let told = newest_first.iter().find(of_entry).or(end);
        let (error, cause) = told.and_then(|event| event.failure.clone()).unzip();
        Self {
            state: entry.and_then(|event| event.entered.clone()),
            error,
            cause: cause.flatten(),
        }
    }
}

/// Follows `previous` back to where the state was entered.
fn entry_of<'e>(newest_first: &'e [EndEvent], event: &'e EndEvent) -> Option<&'e EndEvent> {
    let mut at = event;
    while at.entered.is_none() {
        // Ids only fall on the way back, so a history that is not one cannot keep us.
        let earlier = |earlier: &&EndEvent| earlier.id == at.previous && earlier.id < at.id;
        at = newest_first.iter().find(earlier)?;
    }
    Some(at)
}

/// Reads the end of an execution's history (`GetExecutionHistory`, newest first).
pub trait ReadHistory {
    /// The state that failed, as far back as one page of events tells.
    async fn failed_state(&self, execution_arn: &str) -> Result<FailedState, CallError>;
}

/// What Step Functions says of an execution as it stands now (`DescribeExecution`), as far as an event may lack it.
///
/// Input and start are those of the execution, everything else is of its latest attempt: a re-drive replaces it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribedExecution {
    /// Its status, such as `FAILED`.
    pub status: String,
    /// Its input, as the text that it is.
    pub input: Option<String>,
    /// When it was started, before any re-drive.
    pub started_at: Option<Timestamp>,
    /// When it ended, to the millisecond; absent while it runs.
    pub stopped_at: Option<Timestamp>,
    /// The error name.
    pub error: Option<String>,
    /// Its text.
    pub cause: Option<String>,
    /// How often it was re-driven.
    pub redrive_count: Option<u32>,
    /// Whether it can be re-driven: `REDRIVABLE`, `NOT_REDRIVABLE` and the like.
    pub redrive_status: Option<String>,
    /// Why it cannot.
    pub redrive_reason: Option<String>,
}

/// Reads an execution as it stands (`DescribeExecution`, which is eventually consistent).
pub trait DescribeExecution {
    /// The execution of that ARN.
    async fn describe_execution(&self, execution_arn: &str) -> Result<DescribedExecution, CallError>;
}

#[cfg(test)]
mod tests;
