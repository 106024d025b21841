//! Step Functions: how an execution ended.

use crate::Aws;
use crate::failure::call_error;
use aws_sdk_sfn::types::HistoryEvent;
use backup_core::ports::{CallError, EndEvent, FailedState, ReadHistory};

/// Events of one page: the most that `API_GetExecutionHistory` gives. A failure is near the end of a history, even
/// with the events of 40 parallel iterations behind it.
const EVENTS: i32 = 1000;

impl ReadHistory for Aws {
    async fn failed_state(&self, execution_arn: &str) -> Result<FailedState, CallError> {
        let request = self
            .sfn()
            .get_execution_history()
            .execution_arn(execution_arn)
            .reverse_order(true)
            .max_results(EVENTS);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("GetExecutionHistory", &error))?;
        let events: Vec<_> = answer.events.into_iter().map(end_event).collect();
        Ok(FailedState::read(&events))
    }
}

/// Picks the error and the cause out of whichever details an event has.
macro_rules! failure_of {
    ($event:ident: $($details:ident),+ $(,)?) => {
        None$(.or($event.$details.map(|details| (details.error, details.cause))))+
    };
}

fn end_event(event: HistoryEvent) -> EndEvent {
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
    EndEvent {
        id: event.id,
        previous: event.previous_event_id,
        entered: event.state_entered_event_details.map(|details| details.name),
        failure: failure.and_then(|(error, cause)| Some((error?, cause))),
    }
}

#[cfg(test)]
mod tests;
