//! The rows: which calls the functions make, found by running every scene undisturbed.

use super::disturber::Disturber;
use super::scene::{Prepared, Way};
use crate::asl::VirtualClock;
use crate::world::operation::reads;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A call as a row of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// The state that makes it, or, where an event or a schedule calls the function, the function.
    pub place: String,
    /// The operation, spelled as AWS spells it.
    pub operation: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.operation)
    }
}

impl Call {
    /// Whether it changes something.
    pub fn mutates(&self) -> bool {
        !reads(&self.operation)
    }

    /// Whether it asks Step Functions.
    pub fn is_about_executions(&self) -> bool {
        matches!(
            self.operation.as_str(),
            "DescribeExecution" | "GetExecutionHistory"
        )
    }
}

/// The calls of an undisturbed run of a scene, each with how often it is made, its re-drive included.
///
/// # Panics
///
/// Where the undisturbed run does not succeed: its calls are not all that there are.
pub fn discover(prepared: &Prepared) -> BTreeMap<Call, u32> {
    let disturber = Arc::new(Disturber::recording(prepared.scene.way == Way::Adopting));
    let watched = Arc::clone(&disturber);
    let ended = VirtualClock::run(prepared.due, |clock| async move {
        let stage = prepared.stage(clock).disturbed(watched);
        let run = stage.start("run", prepared.scene.input(prepared.due)).await;
        if prepared.scene.way == Way::Renewed {
            // The first attempt fails by design of the scene.
            let _ = stage.redrive(&run).await;
        }
        run.with(|e| (e.output.is_some(), format!("{:?} {:?}", e.error, e.cause)))
    });
    let ended = ended.map_err(|error| error.to_string());
    assert!(
        matches!(ended, Ok((true, _))),
        "{}: {ended:?}",
        prepared.scene.name
    );
    disturber.calls()
}
