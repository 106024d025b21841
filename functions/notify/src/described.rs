//! What an event leaves out, taken from the execution itself.
//!
//! Under a customer managed key Step Functions leaves input, error and cause out of its events (developer guide, *Data
//! at rest encryption in Step Functions*), and the input out of any event that would have more than 248 KB (*Automating
//! event delivery with EventBridge*). `DescribeExecution` has them all.
//!
//! It tells the execution as it stands now, and it may have been re-driven since the event was made. Input and start
//! stay what they were. All else is of one attempt, so it is taken only where the description is of the event's own:
//! above all the re-drive count, under which the marker lies. Whether it can be re-driven is taken only from an answer of
//! the event's own status: of one that lags behind, the execution still runs and cannot be. What the event tells itself
//! always stands.

use crate::event::{Ending, StatusEvent};
use crate::text;
use backup_core::ports::{DescribeExecution, DescribedExecution};
use jiff::SignedDuration;
use tracing::warn;

/// An event and what became of the look at its execution.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    /// The event with what could be added.
    pub(crate) event: StatusEvent,
    /// Why the input could not be read, where the event has none and nothing else told it.
    pub(crate) unread: Option<String>,
    /// Whether the execution was re-driven after the event was made.
    pub(crate) is_redriven_since: bool,
}

/// Which attempt of the execution a description is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// The event's.
    Same,
    /// One after a later re-drive.
    Later,
    /// Nothing shows that it is the event's: an answer that lags behind, or one that tells too little.
    Other,
}

/// Adds what the event lacks; one that has its input lacks nothing, and then nothing is asked.
pub(crate) async fn complete<P: DescribeExecution>(ports: &P, event: StatusEvent) -> Told {
    let mut told = Told {
        event,
        unread: None,
        is_redriven_since: false,
    };
    if told.event.has_input {
        return told;
    }
    let arn = &told.event.execution_arn;
    match ports.describe_execution(arn).await {
        Ok(described) => {
            let attempt = attempt_of(&told.event, &described);
            told.is_redriven_since = attempt == Attempt::Later;
            if described.input.is_none() {
                told.unread = Some("DescribeExecution tells none".to_owned());
            }
            add(&mut told.event, described, attempt);
        }
        Err(error) => {
            warn!(execution_arn = %arn, %error, "execution not readable, telling without its input");
            told.unread = Some(text::name(&error.to_string()));
        }
    }
    told
}

/// An event without a re-drive count is held against status and end, which no two attempts share.
fn attempt_of(event: &StatusEvent, described: &DescribedExecution) -> Attempt {
    if let (Some(told), Some(found)) = (event.redrive_count, described.redrive_count) {
        return match found.cmp(&told) {
            std::cmp::Ordering::Equal => Attempt::Same,
            std::cmp::Ordering::Greater => Attempt::Later,
            std::cmp::Ordering::Less => Attempt::Other,
        };
    }
    match (event.stopped_at, described.stopped_at) {
        (Some(told), Some(found)) if found.duration_since(told).abs() < SignedDuration::from_secs(1) => {
            if event.status == described.status {
                Attempt::Same
            } else {
                Attempt::Other
            }
        }
        (Some(told), Some(found)) if found > told => Attempt::Later,
        // An execution that ended and runs was re-driven, unless the answer lags behind: a count above 0 shows it.
        (_, None) if Ending::of(&described.status).is_none() && described.redrive_count > Some(0) => {
            Attempt::Later
        }
        _ => Attempt::Other,
    }
}

fn add(event: &mut StatusEvent, described: DescribedExecution, attempt: Attempt) {
    event.input = described.input.and_then(|text| serde_json::from_str(&text).ok());
    event.started_at = event.started_at.or(described.started_at);
    if attempt != Attempt::Same {
        return;
    }
    event.stopped_at = event.stopped_at.or(described.stopped_at);
    event.redrive_count = event.redrive_count.or(described.redrive_count);
    if event.redrive_status.is_none() && described.status == event.status {
        event.redrive_status = described.redrive_status;
        event.redrive_reason = described.redrive_reason;
    }
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    event.error = event.error.take().or(some(described.error));
    event.cause = event.cause.take().or(some(described.cause));
}

#[cfg(test)]
mod tests;
