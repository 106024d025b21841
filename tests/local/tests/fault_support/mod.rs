//! Cells of faults over real processes: one call of one function, one fault, the end that is required.

pub(crate) mod answers;
pub(crate) mod calls;
pub(crate) mod credentials;
pub(crate) mod doors;
mod judge;
pub(crate) mod kills;
mod play;
mod scene;
pub(crate) mod silences;

pub(crate) use play::{Row, play};

use calls::Call;
use doors::Door;
use local::wire::Disturbance;
use std::time::Duration;

/// How a run must end that meets a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// In success, without a person and without an alert.
    Recovers,
    /// In failure by this name, with an alert; once the fault is lifted, what the name says mends it.
    Fails(&'static str),
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Calls are disturbed on their way.
    Disturbed(Disturbance),
    /// The function is shown another endpoint.
    Door(Door),
}

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The call that the fault meets.
    pub(crate) call: Call,
    /// The fault, for the table.
    pub(crate) what: String,
    /// The fault.
    pub(crate) fault: Fault,
    /// How many of these calls it meets: one, or [`ALWAYS`].
    pub(crate) times: u32,
    /// The function's time limit, where it matters.
    pub(crate) limit: Option<Duration>,
    /// The required end.
    pub(crate) end: End,
    /// How many messages tell of that end.
    pub(crate) told: usize,
    /// Why it must end so.
    pub(crate) why: &'static str,
}

/// Until it is lifted.
pub(crate) const ALWAYS: u32 = u32::MAX;

impl Cell {
    /// A cell whose fault meets one call.
    pub(crate) fn new(
        call: Call,
        what: impl Into<String>,
        disturbance: Disturbance,
        end: End,
        why: &'static str,
    ) -> Self {
        Self {
            call,
            what: what.into(),
            fault: Fault::Disturbed(disturbance),
            times: 1,
            limit: None,
            end,
            told: 1,
            why,
        }
    }

    /// The same, with every such call met until the fault is lifted.
    pub(crate) fn always(self) -> Self {
        Self {
            times: ALWAYS,
            ..self
        }
    }

    /// The same, with a time limit for the function.
    pub(crate) fn within(self, limit: Duration) -> Self {
        let limit = Some(limit);
        Self { limit, ..self }
    }

    /// The same, told so many times.
    pub(crate) fn told(self, told: usize) -> Self {
        Self { told, ..self }
    }

    /// The cell's name in the table.
    pub(crate) fn name(&self) -> String {
        let often = if self.times == ALWAYS { ", always" } else { "" };
        format!("{}: {}{often}", self.call.name, self.what)
    }
}
