//! The state machine's own calls of its functions: each task × what Lambda, or the way to it, can do to the call.

use super::SystemCell;
use super::look::{Ended, TWO_NIGHTS, cell};
use crate::asl::TaskError;
use crate::matrix::{Act, End};
use crate::stage::{Interference, task_states};

const GROUP: &str = "lambda invoke";

/// What happens to a task's calls.
#[derive(Clone, Copy)]
struct Mishap {
    name: &'static str,
    /// Calls that it happens to.
    times: u32,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// Lambda refuses the call by this name.
    Fails(&'static str),
    /// The function runs, and its answer is replaced by this.
    FailsAfter(&'static str),
    HangsBefore,
    HangsAfter,
}

/// More than any retrier has attempts.
const FOR_EVER: u32 = 1000;

/// The names that Step Functions gives Lambda's failures. A denied call is told as `Lambda.AWSLambdaException`
/// (awslabs/aws-deployment-framework, issue 460), which is a transient name too.
const MISHAPS: [Mishap; 10] = [
    mishap(
        "throttled once",
        1,
        What::Fails("Lambda.TooManyRequestsException"),
    ),
    mishap(
        "throttled for ever",
        FOR_EVER,
        What::Fails("Lambda.TooManyRequestsException"),
    ),
    mishap("5xx before", 1, What::Fails("Lambda.ServiceException")),
    mishap("5xx after", 1, What::FailsAfter("Lambda.ServiceException")),
    mishap("5xx for ever", FOR_EVER, What::Fails("Lambda.ServiceException")),
    mishap("lost after", 1, What::FailsAfter("Lambda.SdkClientException")),
    mishap("hang before", 1, What::HangsBefore),
    mishap("hang after", 1, What::HangsAfter),
    mishap("denied", FOR_EVER, What::Fails("Lambda.AWSLambdaException")),
    mishap(
        "not found",
        FOR_EVER,
        What::Fails("Lambda.ResourceNotFoundException"),
    ),
];

const fn mishap(name: &'static str, times: u32, what: What) -> Mishap {
    Mishap { name, times, what }
}

impl What {
    fn interference(self) -> Interference {
        let error = |error: &str| TaskError {
            error: error.to_owned(),
            cause: "Lambda could not be asked (Service: AWSLambda)".to_owned(),
        };
        match self {
            Self::Fails(name) => Interference::FailBefore(error(name)),
            Self::FailsAfter(name) => Interference::FailAfter(error(name)),
            Self::HangsBefore => Interference::HangBefore,
            Self::HangsAfter => Interference::HangAfter,
        }
    }

    /// Whether the function ran although nobody heard of it.
    fn is_lost(self) -> bool {
        matches!(self, Self::FailsAfter(_) | Self::HangsAfter)
    }
}

/// All cells of the group.
pub(super) fn cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    for state in task_states() {
        for mishap in MISHAPS {
            let (name, state) = (format!("{state}, {}", mishap.name), state.clone());
            cells.push(cell(GROUP, name, &TWO_NIGHTS, move |act| {
                invoke(act, state.clone(), mishap)
            }));
        }
    }
    cells
}

async fn invoke(act: Act, state: String, mishap: Mishap) -> Ended {
    let mut left = mishap.times;
    let struck = state.clone();
    act.stage.functions.meddle(move |call| {
        if call.state != struck || left == 0 {
            return Interference::Pass;
        }
        left -= 1;
        mishap.what.interference()
    });
    let run = act.spawn("run").ended().await;
    let changes = !state.starts_with("Check");
    let end = act.end_of(&run, mishap.what.is_lost() && changes);
    act.unmeddled();
    if matches!(end, End::Recovers | End::Adopts | End::ToldTwice) {
        act.must_have(&[0, 1]);
    }
    let made = act.snapshots();
    act.must(
        made.len() == 1 || !run.with(|e| e.output.is_some()),
        "one snapshot stays",
        format!("{made:?}"),
    );
    (run, end)
}
