//! Step Functions: how an execution ended, and what it was asked.

use crate::Aws;
use crate::failure::call_error;
use aws_sdk_sfn::types::HistoryEvent;
use aws_smithy_types::DateTime;
use backup_core::ports::{
    CallError, DescribeExecution, DescribedExecution, EndEvent, FailedState, ReadHistory,
};
use jiff::Timestamp;

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

impl DescribeExecution for Aws {
    async fn describe_execution(&self, execution_arn: &str) -> Result<DescribedExecution, CallError> {
        let request = self.sfn().describe_execution().execution_arn(execution_arn);
        let answer = request.send().await;
        let answer = answer.map_err(|error| call_error("DescribeExecution", &error))?;
        Ok(DescribedExecution {
            status: answer.status.as_str().to_owned(),
            input: answer.input,
            started_at: timestamp(&answer.start_date),
            stopped_at: answer.stop_date.as_ref().and_then(timestamp),
            error: answer.error,
            cause: answer.cause,
            redrive_count: answer.redrive_count.and_then(|count| u32::try_from(count).ok()),
            redrive_status: answer.redrive_status.map(|status| status.as_str().to_owned()),
            redrive_reason: answer.redrive_status_reason,
        })
    }
}

/// The protocol tells seconds as a floating point number, so the nearest millisecond is the one that was meant.
fn timestamp(at: &DateTime) -> Option<Timestamp> {
    let millis = (at.as_nanos() + 500_000).div_euclid(1_000_000);
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
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
