//! What can go wrong with a call, which calls it can happen to, and how it looks.

use super::disturber::Plan;
use super::row::Call;
use crate::ports::{Effect, READ_TIMEOUT, Strike};
use crate::world::{AwsError, Operation};
use std::time::Duration;

/// A column of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Throttled once.
    Throttled,
    /// Throttled for longer than any retry lasts.
    ThrottledOn,
    /// A 500 before the effect, once.
    ErrorBefore,
    /// A 500 although the effect took place, once.
    ErrorAfter,
    /// 500s for longer than any retry lasts.
    ErrorOn,
    /// The connection drops after the effect.
    LostAfter,
    /// The effect takes place and nobody answers until the client gives up.
    HangAfter,
    /// Nothing takes place and nobody answers until the client gives up.
    HangBefore,
    /// The right to call is missing until somebody gives it.
    Denied,
    /// The session is over; so is that of the next attempt.
    Expired,
    /// What is called by its name is not there.
    NotFound,
    /// Three reads in a row see less than there is.
    Lag,
    /// What it is about is in a state that does not allow it, twice.
    State,
    /// It exists already: an earlier attempt made it.
    Exists,
    /// It exists already, and it is not ours.
    ExistsForeign,
    /// The quota is used up.
    Quota,
    /// The answer cannot be read, once.
    Malformed,
    /// The process is killed before the effect.
    CrashBefore,
    /// The process is killed after the effect.
    CrashAfter,
    /// The process stands still until its time is up.
    TimeOut,
}

impl Fault {
    /// All columns, in reading order.
    pub const ALL: [Self; 20] = [
        Self::Throttled,
        Self::ThrottledOn,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::ErrorOn,
        Self::LostAfter,
        Self::HangAfter,
        Self::HangBefore,
        Self::Denied,
        Self::Expired,
        Self::NotFound,
        Self::Lag,
        Self::State,
        Self::Exists,
        Self::ExistsForeign,
        Self::Quota,
        Self::Malformed,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::TimeOut,
    ];

    /// Its column's heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Throttled => "throttle 1",
            Self::ThrottledOn => "throttle N",
            Self::ErrorBefore => "5xx before",
            Self::ErrorAfter => "5xx after",
            Self::ErrorOn => "5xx N",
            Self::LostAfter => "lost after",
            Self::HangAfter => "hang after",
            Self::HangBefore => "hang before",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::NotFound => "not found",
            Self::Lag => "lag",
            Self::State => "state",
            Self::Exists => "exists",
            Self::ExistsForeign => "foreign",
            Self::Quota => "quota",
            Self::Malformed => "malformed",
            Self::CrashBefore => "crash before",
            Self::CrashAfter => "crash after",
            Self::TimeOut => "time-out",
        }
    }

    /// Whether it can happen to this call.
    pub fn can_strike(self, call: &Call) -> bool {
        let operation = call.operation.as_str();
        match self {
            Self::ErrorAfter | Self::LostAfter | Self::HangAfter => call.mutates(),
            // `DeleteObject` of what is not there is a success, and `PutObject` names nothing that must be there but the bucket.
            Self::NotFound => not_found(operation).is_some(),
            // SNS and Step Functions are read by nobody, and S3's own buckets do not lag.
            Self::Lag => !call.mutates() && !call.is_about_executions() && operation != "GetBucketLocation",
            Self::State => state(operation).is_some(),
            Self::Exists | Self::ExistsForeign => exists(call).is_some(),
            Self::Quota => quota(operation).is_some(),
            _ => true,
        }
    }

    /// What strikes, and how often. `ExistsForeign` strikes nothing: what is in the way is put there before the run.
    pub fn plan(self, call: &Call) -> Plan {
        let operation = call.operation.as_str();
        let answer = |error, effect| Strike::Answer(error, effect);
        let always = |error| Plan::Until(answer(error, Effect::None));
        let no_answer = |effect, wait| Plan::Times(Strike::NoAnswer(effect, wait), 1);
        let lost = |error: Option<AwsError>| always(error.unwrap_or_else(|| internal(operation)));
        match self {
            Self::Throttled => Plan::Times(answer(throttled(operation), Effect::None), 1),
            Self::ThrottledOn => always(throttled(operation)),
            Self::ErrorBefore => Plan::Times(answer(internal(operation), Effect::None), 1),
            Self::ErrorAfter => Plan::Times(answer(internal(operation), Effect::Done), 1),
            Self::ErrorOn => always(internal(operation)),
            Self::LostAfter => no_answer(Effect::Done, Duration::ZERO),
            Self::HangAfter => no_answer(Effect::Done, READ_TIMEOUT),
            Self::HangBefore => no_answer(Effect::None, READ_TIMEOUT),
            Self::Denied => always(denied(operation)),
            Self::Expired => Plan::Times(answer(expired(operation), Effect::None), 2),
            Self::NotFound => lost(not_found(operation)),
            Self::Lag => Plan::Times(Strike::Lags, 3),
            Self::State => {
                let error = state(operation).unwrap_or_else(|| internal(operation));
                Plan::Times(answer(error, Effect::None), 2)
            }
            Self::Exists => {
                let error = exists(call).unwrap_or_else(|| internal(operation));
                Plan::Times(answer(error, Effect::Done), 1)
            }
            Self::ExistsForeign => Plan::Times(Strike::Pass, 0),
            Self::Quota => lost(quota(operation)),
            Self::Malformed => Plan::Times(Strike::Garbled, 1),
            Self::CrashBefore => Plan::Times(Strike::Killed(Effect::None), 1),
            Self::CrashAfter => Plan::Times(Strike::Killed(Effect::Done), 1),
            Self::TimeOut => Plan::Times(Strike::Frozen(Effect::None), 1),
        }
    }
}

/// An error in the words of the operation's service; Step Functions, which the world does not model, has its own.
fn told(operation: &str, by_service: fn(Operation) -> AwsError, by_step_functions: AwsError) -> AwsError {
    Operation::spelled(operation).map_or(by_step_functions, by_service)
}

fn throttled(operation: &str) -> AwsError {
    let own = AwsError::new(400, "ThrottlingException", "Rate exceeded");
    told(operation, Operation::throttled, own)
}

fn internal(operation: &str) -> AwsError {
    let own = AwsError::new(
        500,
        "InternalServerException",
        "We encountered an internal error.",
    );
    told(operation, Operation::internal_error, own)
}

fn denied(operation: &str) -> AwsError {
    let text = format!("User is not authorized to perform: {operation}");
    let own = AwsError::new(400, "AccessDeniedException", text);
    told(operation, Operation::denied, own)
}

fn expired(operation: &str) -> AwsError {
    let text = "The security token included in the request is expired";
    if operation == "HeadObject" {
        // Without a body there is no code.
        return AwsError::new(400, "HTTP 400", text);
    }
    let own = AwsError::new(400, "ExpiredTokenException", text);
    told(operation, Operation::expired, own)
}

/// How the service says that what a call names is not there (`elasticache.md` §2, S3's and SNS's error lists).
fn not_found(operation: &str) -> Option<AwsError> {
    let code = match operation {
        "DescribeReplicationGroups" => "ReplicationGroupNotFoundFault",
        "DescribeCacheClusters" | "CreateSnapshot" => "CacheClusterNotFound",
        "DescribeServerlessCaches" | "CreateServerlessCacheSnapshot" => "ServerlessCacheNotFoundFault",
        "DescribeSnapshots" | "CopySnapshot" | "DeleteSnapshot" | "ListTagsForResource" => {
            "SnapshotNotFoundFault"
        }
        "DescribeServerlessCacheSnapshots"
        | "ExportServerlessCacheSnapshot"
        | "DeleteServerlessCacheSnapshot" => "ServerlessCacheSnapshotNotFoundFault",
        "GetBucketLocation" | "ListObjectsV2" | "PutObject" | "DeleteObject" => "NoSuchBucket",
        "GetObject" | "GetObjectTagging" => "NoSuchKey",
        "HeadObject" | "Publish" => "NotFound",
        "DescribeExecution" | "GetExecutionHistory" => "ExecutionDoesNotExist",
        "StartExecution" => "StateMachineDoesNotExist",
        _ => return None,
    };
    let status = if operation.ends_with("Execution") || operation.ends_with("History") {
        400
    } else {
        404
    };
    Some(AwsError::new(status, code, "it does not exist"))
}

fn state(operation: &str) -> Option<AwsError> {
    let code = match operation {
        "CreateSnapshot" => "InvalidReplicationGroupState",
        "CreateServerlessCacheSnapshot" => "InvalidServerlessCacheStateFault",
        "CopySnapshot" | "DeleteSnapshot" | "ListTagsForResource" => "InvalidSnapshotState",
        "ExportServerlessCacheSnapshot" | "DeleteServerlessCacheSnapshot" => {
            "InvalidServerlessCacheSnapshotStateFault"
        }
        _ => return None,
    };
    Some(AwsError::new(400, code, "it is not in a valid state"))
}

fn exists(call: &Call) -> Option<AwsError> {
    let (status, code, text) = match call.operation.as_str() {
        "CreateSnapshot" => (400, "SnapshotAlreadyExistsFault", "it exists"),
        "CreateServerlessCacheSnapshot" => (400, "ServerlessCacheSnapshotAlreadyExistsFault", "it exists"),
        "CopySnapshot" | "ExportServerlessCacheSnapshot" => (
            400,
            "InvalidParameterValue",
            "The bucket already contains an object with key",
        ),
        "StartExecution" => (400, "ExecutionAlreadyExists", "it exists"),
        "PutObject" if call.place == "RecordBackup" => {
            (412, "PreconditionFailed", "a condition did not hold")
        }
        _ => return None,
    };
    Some(AwsError::new(status, code, text))
}

fn quota(operation: &str) -> Option<AwsError> {
    match operation {
        "CreateSnapshot" | "CopySnapshot" => Some(AwsError::new(
            400,
            "SnapshotQuotaExceededFault",
            "the snapshots of the day are used up",
        )),
        "CreateServerlessCacheSnapshot" | "ExportServerlessCacheSnapshot" => Some(AwsError::new(
            400,
            "ServerlessCacheSnapshotQuotaExceededFault",
            "the snapshots of the day are used up",
        )),
        "StartExecution" => Some(AwsError::new(
            400,
            "ExecutionLimitExceeded",
            "the running executions of the account are too many",
        )),
        _ => None,
    }
}
