//! What Step Functions refuses, under its own codes.

use sim::asl::{DefinitionError, NotRedrivable};

/// Why an operation on executions is refused; [`StatesError::code`] is the name on the wire.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatesError {
    /// The execution's name breaks the rules of `API_StartExecution`.
    #[error("Invalid Name: '{0}'")]
    InvalidName(String),
    /// The input is no JSON or too long.
    #[error("Invalid State Machine Execution Input: '{0}'")]
    InvalidExecutionInput(String),
    /// An execution of that name is closed, or has another input.
    #[error("Execution Already Exists: '{0}'")]
    ExecutionAlreadyExists(String),
    /// No such execution.
    #[error("Execution Does Not Exist: '{0}'")]
    ExecutionDoesNotExist(String),
    /// No such state machine.
    #[error("State Machine Does Not Exist: '{0}'")]
    StateMachineDoesNotExist(String),
    /// The execution cannot go on.
    #[error("Execution is not redrivable")]
    ExecutionNotRedrivable(#[source] NotRedrivable),
    /// No ARN of Step Functions.
    #[error("Invalid Arn: '{0}'")]
    InvalidArn(String),
    /// No token of a page before.
    #[error("Invalid Token: '{0}'")]
    InvalidToken(String),
    /// The request's body is not JSON.
    #[error("the request is not JSON: {0}")]
    Serialization(String),
    /// A member of the request is missing or of the wrong kind.
    #[error("{0}")]
    Validation(String),
    /// The definition that the execution was started with is not understood.
    #[error("the definition of the execution is refused")]
    Definition(#[source] DefinitionError),
    /// An operation that is not modelled.
    #[error("The operation `{0}` is not modelled")]
    UnknownOperation(String),
}

impl StatesError {
    /// The error's name in the service model.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidName(_) => "InvalidName",
            Self::InvalidExecutionInput(_) => "InvalidExecutionInput",
            Self::ExecutionAlreadyExists(_) => "ExecutionAlreadyExists",
            Self::ExecutionDoesNotExist(_) => "ExecutionDoesNotExist",
            Self::StateMachineDoesNotExist(_) => "StateMachineDoesNotExist",
            Self::ExecutionNotRedrivable(_) => "ExecutionNotRedrivable",
            Self::InvalidArn(_) => "InvalidArn",
            Self::InvalidToken(_) => "InvalidToken",
            Self::Serialization(_) => "SerializationException",
            Self::Validation(_) => "ValidationException",
            Self::Definition(_) => "InvalidDefinition",
            Self::UnknownOperation(_) => "UnknownOperationException",
        }
    }
}
