//! The reference model: the judge that says of every trace whether each promise held.
//!
//! It is written from the documents (the invariants, the promises, the names, the error table) and knows nothing of the
//! product's code: it reads manifests and messages as the text that they are. It remembers what happened (`memory`) and
//! asks a list of rules about every step; a rule reports what it finds and changes nothing.

mod alerts;
mod backup;
mod catalogue;
mod invariant;
mod learn;
mod limits;
mod memory;
mod names;
mod objects;
mod prune;
mod setting;
mod snapshots;
mod watch;
mod words;

pub use invariant::{Invariant, Violation};
pub use setting::Setting;

use crate::trace::{Judge, Step};
use invariant::Found;
use jiff::Timestamp;
use memory::Memory;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The model of one trace; a clone is another handle to the same.
#[derive(Clone)]
pub struct Model(Arc<Mutex<Judgement>>);

struct Judgement {
    memory: Memory,
    violations: Vec<Violation>,
    /// What was said already: a state that lasts is one violation.
    said: BTreeSet<(Invariant, String)>,
}

impl Model {
    /// A model that has seen nothing.
    pub fn new(setting: Setting) -> Self {
        Self(Arc::new(Mutex::new(Judgement {
            memory: Memory::new(setting),
            violations: Vec::new(),
            said: BTreeSet::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Judgement> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that the execution of this name is of another deployment.
    pub fn of_deployment(&self, execution: &str, deployment: &str) {
        let deployments = &mut self.lock().memory.setting.deployments;
        deployments.insert(execution.to_owned(), deployment.to_owned());
    }

    /// Tells that these bytes are no sound RDB file.
    pub fn unsound(&self, content: &[u8]) {
        let digest = Sha256::digest(content).into();
        self.lock().memory.setting.unsound.insert(digest);
    }

    /// What did not hold so far, in the order in which it was seen.
    pub fn violations(&self) -> Vec<Violation> {
        self.lock().violations.clone()
    }

    /// Checks what holds only when nothing is under way: every run has ended, every failure was told, no snapshot is left
    /// over. To be called after the last step.
    pub fn at_rest(&self, now: Timestamp) {
        let mut judgement = self.lock();
        let mut found = Found::default();
        alerts::at_rest(&judgement.memory, &mut found);
        limits::at_rest(&judgement.memory, &mut found);
        snapshots::at_rest(&judgement.memory, &mut found);
        judgement.report(now, found);
    }
}

impl Judgement {
    fn report(&mut self, at: Timestamp, found: Found) {
        for (invariant, text) in found.0 {
            if self.said.insert((invariant, text.clone())) {
                self.violations.push(Violation { invariant, at, text });
            }
        }
    }
}

impl Judge for Model {
    fn step(&mut self, step: &Step) {
        let mut judgement = self.lock();
        let mut found = Found::default();
        let memory = &judgement.memory;
        alerts::overdue(memory, step.at, &mut found);
        limits::overdue(memory, step.at, &mut found);
        for rule in [
            objects::rule,
            snapshots::rule,
            snapshots::exports,
            backup::recorded,
            backup::succeeded,
            alerts::rule,
            limits::ended,
            watch::rule,
            words::secrets,
        ] {
            rule(memory, step, &mut found);
        }
        words::names(step, &mut found);
        judgement.memory.learn(step);
        limits::repeated(&judgement.memory, step, &mut found);
        judgement.report(step.at, found);
    }
}
