//! One fault, aimed at one call.

use super::row::Call;
use crate::ports::{Asked, Disturb, Effect, Strike};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What strikes, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// So many times in a row.
    Times(Strike, u32),
    /// At every call until it is lifted.
    Until(Strike),
}

/// Which calls a fault is aimed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The call.
    pub call: Call,
    /// Calls of that kind that pass first.
    pub skip: u32,
    /// Only those whose argument contains this; any, where it is empty.
    pub about: &'static str,
}

struct Armed {
    target: Target,
    plan: Plan,
    struck: u32,
}

#[derive(Default)]
struct Inner {
    armed: Vec<Armed>,
    calls: BTreeMap<Call, u32>,
    loses_creation: bool,
}

/// Strikes as it is told, and counts every call.
#[derive(Default)]
pub struct Disturber(Mutex<Inner>);

/// The place of a call: the state, or the function where an event calls it.
fn call_of(asked: &Asked<'_>) -> Call {
    let caller = asked.caller;
    Call {
        place: caller.state.clone().unwrap_or_else(|| caller.function.clone()),
        operation: asked.operation.to_owned(),
    }
}

impl Disturber {
    /// Strikes nothing but, where the scene has it so, the answer to the first request for a snapshot.
    pub fn recording(loses_creation: bool) -> Self {
        Self(Mutex::new(Inner {
            loses_creation,
            ..Inner::default()
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Aims one more fault.
    pub fn arm(&self, target: Target, plan: Plan) {
        self.lock().armed.push(Armed {
            target,
            plan,
            struck: 0,
        });
    }

    /// Takes all faults away.
    pub fn lift(&self) {
        self.lock().armed.clear();
    }

    /// How often a fault has struck so far; faults that were lifted do not count.
    pub fn struck(&self) -> u32 {
        self.lock().armed.iter().map(|armed| armed.struck).sum()
    }

    /// The calls so far.
    pub fn calls(&self) -> BTreeMap<Call, u32> {
        self.lock().calls.clone()
    }
}

impl Armed {
    fn strike(&mut self, call: &Call, argument: &str) -> Option<Strike> {
        if self.target.call != *call || !argument.contains(self.target.about) {
            return None;
        }
        if self.target.skip > 0 {
            self.target.skip -= 1;
            return None;
        }
        let strike = match &self.plan {
            Plan::Until(strike) => strike.clone(),
            Plan::Times(strike, times) if self.struck < *times => strike.clone(),
            Plan::Times(..) => return None,
        };
        self.struck += 1;
        Some(strike)
    }
}

impl Disturb for Disturber {
    fn strike(&self, asked: &Asked<'_>) -> Strike {
        let call = call_of(asked);
        let mut inner = self.lock();
        *inner.calls.entry(call.clone()).or_default() += 1;
        let struck = inner
            .armed
            .iter_mut()
            .find_map(|armed| armed.strike(&call, asked.argument));
        if let Some(strike) = struck {
            return strike;
        }
        if inner.loses_creation && call.operation == "CreateSnapshot" {
            inner.loses_creation = false;
            return Strike::NoAnswer(Effect::Done, Duration::ZERO);
        }
        Strike::Pass
    }
}
