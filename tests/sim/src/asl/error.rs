//! Why a definition is refused and why a redrive is.

use jiff::Timestamp;

use super::execution::Status;

/// A state machine definition that the interpreter refuses, with the place of the fault.
///
/// The interpreter models what the project's own files use. Everything else is refused by name, so that no file
/// passes its tests because a field was ignored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The text is no JSON.
    #[error("the definition is not JSON")]
    Json(#[from] serde_json::Error),
    /// A field that this state or the interpreter does not know.
    #[error("field `{field}` at `{path}` is not modelled; remove it or teach the interpreter")]
    UnknownField {
        /// Where the object stands, as `States/Name`.
        path: String,
        /// The field's name.
        field: String,
    },
    /// A state type that is not modelled.
    #[error(
        "state type `{found}` at `{path}` is not modelled; there are `Task`, `Wait`, `Choice`, `Map`, `Pass` and `Succeed`"
    )]
    UnknownType {
        /// Where the state stands.
        path: String,
        /// The type it names.
        found: String,
    },
    /// A field that must be there is not.
    #[error("field `{field}` is missing at `{path}`")]
    Missing {
        /// Where the object stands.
        path: String,
        /// The field's name.
        field: String,
    },
    /// A value of the wrong kind or outside its range.
    #[error("`{path}` is `{found}`; it must be {expected}")]
    Value {
        /// Where the value stands.
        path: String,
        /// The value, as JSON.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// An expression that does not parse or that Step Functions would not understand.
    #[error("expression `{source_text}` at `{path}` is refused: {problem}")]
    Expression {
        /// Where the expression stands.
        path: String,
        /// The expression without its delimiters.
        source_text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A transition to a state that does not exist in its scope.
    #[error("`{path}` leads to `{target}`, which is no state beside it")]
    Dangling {
        /// Where the transition stands.
        path: String,
        /// The name that leads nowhere.
        target: String,
    },
    /// A state that no path reaches.
    #[error("state `{path}` is never reached; lead to it or remove it")]
    Unreachable {
        /// The state.
        path: String,
    },
    /// A scope that cannot end.
    #[error("the states of `{path}` have no end; give one of them `End` or add a `Succeed`")]
    Endless {
        /// The scope.
        path: String,
    },
    /// A state name that stands twice in the state machine.
    #[error("state name `{name}` stands twice, also at `{path}`; names are unique in a whole state machine")]
    DuplicateName {
        /// Where the second one stands.
        path: String,
        /// The name.
        name: String,
    },
    /// A retrier whose wildcard is not alone or not last.
    #[error("`States.ALL` at `{path}` must be alone in its `ErrorEquals` and in the last retrier")]
    Wildcard {
        /// Where the retrier stands.
        path: String,
    },
    /// A variable that is read but that nothing assigns in a scope that could be seen.
    #[error("variable `${name}` at `{path}` is never assigned")]
    Unassigned {
        /// Where it is read.
        path: String,
        /// The variable, without `$`.
        name: String,
    },
    /// An assignment inside a Map to a variable of the scope around it.
    #[error(
        "variable `${name}` at `{path}` belongs to the scope around the Map; an iteration may read it, not assign it"
    )]
    OuterVariable {
        /// Where it is assigned.
        path: String,
        /// The variable, without `$`.
        name: String,
    },
}

/// Why an execution cannot be redriven (`API_RedriveExecution`, guide "Restarting state machine executions").
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRedrivable {
    /// It runs, or it succeeded.
    #[error("execution is `{0}`; only a failed, timed out or aborted one can be redriven")]
    Status(Status),
    /// It ended too long ago.
    #[error("execution ended at `{0}`, more than 14 days ago; start a new one")]
    Expired(Timestamp),
    /// Its history has no room left.
    #[error("execution has `{0}` history events; a redrive needs fewer than 24,999")]
    History(usize),
    /// It was opened too long ago.
    #[error("execution was started at `{0}`, more than a year ago; start a new one")]
    TooOld(Timestamp),
}
