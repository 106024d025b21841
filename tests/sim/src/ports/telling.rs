//! The alert topic, and executions: their histories and what they are.

use super::Ports;
use super::asking::missing;
use crate::asl::{Details, Execution, HistoryEvent};
use crate::world::sns::PublishRequest;
use backup_core::CallError;
use backup_core::ports::{
    DescribeExecution, DescribedExecution, EndEvent, FailedState, Operation, Publish, PublishParams,
    ReadHistory,
};
use std::sync::Arc;

/// Looks an execution up by its ARN.
pub trait ReadExecution: Send + Sync {
    /// The record as it stands, or `None` for an unknown ARN.
    fn execution(&self, arn: &str) -> Option<Arc<Execution>>;
}

impl Publish for Ports {
    async fn publish(&self, params: &PublishParams) -> Result<(), CallError> {
        let message = serde_json::json!({"default": params.default, "email": params.email});
        let request = PublishRequest {
            topic_arn: self.topic_arn.clone(),
            subject: Some(params.subject.clone()),
            message: message.to_string(),
            message_structure: Some("json".to_owned()),
        };
        self.ask("Publish", &self.topic_arn, |world, now| {
            world.publish(&request, now)
        })
        .await
        .map(drop)
    }
}

impl Ports {
    async fn execution(&self, operation: Operation, arn: &str) -> Result<Arc<Execution>, CallError> {
        let unknown = || missing("ExecutionDoesNotExist", arn);
        self.ask(operation, arn, |_, _| {
            self.executions.execution(arn).ok_or_else(unknown)
        })
        .await
    }
}

impl DescribeExecution for Ports {
    async fn describe_execution(&self, execution_arn: &str) -> Result<DescribedExecution, CallError> {
        let execution = self.execution("DescribeExecution", execution_arn).await?;
        let (redrive_status, redrive_reason) = execution.redrive_status(self.now());
        Ok(DescribedExecution {
            status: execution.status.to_string(),
            input: Some(execution.input.to_string()),
            started_at: Some(execution.start_date),
            stopped_at: execution.stop_date,
            error: execution.error.clone(),
            cause: execution.cause.clone(),
            redrive_count: Some(execution.redrive_count),
            redrive_status: Some(redrive_status.to_owned()),
            redrive_reason,
        })
    }
}

impl ReadHistory for Ports {
    async fn failed_state(&self, execution_arn: &str) -> Result<FailedState, CallError> {
        let execution = self.execution("GetExecutionHistory", execution_arn).await?;
        let newest_first: Vec<EndEvent> = execution.history.iter().rev().map(end_event).collect();
        Ok(FailedState::read(&newest_first))
    }
}

fn end_event(event: &HistoryEvent) -> EndEvent {
    let failure = match &event.details {
        Some(
            Details::TaskFailed { why, .. }
            | Details::TaskTimedOut { why, .. }
            | Details::ExecutionFailed(why)
            | Details::ExecutionTimedOut(why)
            | Details::ExecutionAborted(why),
        ) => why.error.clone().map(|error| (error, why.cause.clone())),
        Some(Details::EvaluationFailed { error, cause, .. }) => Some((error.clone(), Some(cause.clone()))),
        _ => None,
    };
    let id = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
    EndEvent {
        id: id(event.id),
        previous: id(event.previous_event_id),
        entered: event.entered().map(str::to_owned),
        failure,
    }
}
