//! Step Functions: how an execution ended.

use crate::Aws;
use crate::failure::call_error;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::HistoryEvent;
use backup_core::ports::{CallError, FailedState, ReadHistory};

/// Step Functions in one Region.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    client: Client,
}

impl StepFunctions {
    /// A client.
    pub fn new(aws: &Aws) -> Self {
        Self {
            client: Client::new(aws.config()),
        }
    }
}

/// Events of one page: the most that `API_GetExecutionHistory` gives. A failure is near the end of a history, even
/// with the events of 40 parallel iterations behind it.
const EVENTS: i32 = 1000;

impl ReadHistory for StepFunctions {
    async fn failed_state(&self, execution_arn: &str) -> Result<FailedState, CallError> {
        let request = self
            .client
            .get_execution_history()
            .execution_arn(execution_arn)
            .reverse_order(true)
            .max_results(EVENTS);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("GetExecutionHistory", &error))?;
        let events: Vec<Event> = answer.events.into_iter().map(Event::from).collect();
        Ok(read_backwards(&events))
    }
}

/// What of an event tells how an execution ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Event {
    id: i64,
    previous: i64,
    /// The state that it enters.
    entered: Option<String>,
    /// The error of a failed attempt or of the execution's end, and its cause.
    failure: Option<(String, Option<String>)>,
}

/// The state that the newest event's own chain entered last, and that state's newest failure: with parallel
/// iterations the state entered last of all may be another's. Where the end has no chain, the newest state counts.
fn read_backwards(newest_first: &[Event]) -> FailedState {
    let end = newest_first.first();
    let entry = end
        .and_then(|end| entry_of(newest_first, end))
        .or_else(|| newest_first.iter().find(|event| event.entered.is_some()));
    let of_entry = |event: &&Event| event.failure.is_some() && entry_of(newest_first, event) == entry;
    let told = newest_first.iter().find(of_entry).or(end);
    let (error, cause) = told.and_then(|event| event.failure.clone()).unzip();
    FailedState {
        state: entry.and_then(|event| event.entered.clone()),
        error,
        cause: cause.flatten(),
    }
}

/// Follows `previousEventId` back to where the state was entered.
fn entry_of<'e>(newest_first: &'e [Event], event: &'e Event) -> Option<&'e Event> {
    let mut at = event;
    while at.entered.is_none() {
        // Ids only fall on the way back, so a history that is not one cannot keep us.
        let earlier = |earlier: &&Event| earlier.id == at.previous && earlier.id < at.id;
        at = newest_first.iter().find(earlier)?;
    }
    Some(at)
}

/// Picks the error and the cause out of whichever details an event has.
macro_rules! failure_of {
    ($event:ident: $($details:ident),+ $(,)?) => {
        None$(.or($event.$details.map(|details| (details.error, details.cause))))+
    };
}

impl From<HistoryEvent> for Event {
    fn from(event: HistoryEvent) -> Self {
        let failure = failure_of!(event:
            lambda_function_failed_event_details,
            lambda_function_timed_out_event_details,
            lambda_function_schedule_failed_event_details,
            lambda_function_start_failed_event_details,
            task_failed_event_details,
            task_timed_out_event_details,
            task_start_failed_event_details,
            task_submit_failed_event_details,
            evaluation_failed_event_details,
            execution_failed_event_details,
            execution_timed_out_event_details,
            execution_aborted_event_details,
        );
        Self {
            id: event.id,
            previous: event.previous_event_id,
            entered: event.state_entered_event_details.map(|details| details.name),
            failure: failure.and_then(|(error, cause)| Some((error?, cause))),
        }
    }
}

#[cfg(test)]
mod tests;
