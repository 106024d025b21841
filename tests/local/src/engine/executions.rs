//! Step Functions: executions of the one state machine, driven as tasks, saved as they go.

use crate::engine::clock::PacedClock;
use crate::engine::driver::{Busy, Driver, Paced};
use crate::engine::error::StatesError;
use crate::engine::notice::Notice;
use crate::engine::rule;
use crate::home::{Home, HomeError};
use jiff::Timestamp;
use serde_json::Value;
use sim::asl::{Clock as _, Environment, Execution, Invoke, Run, StartExecution, Status, Why};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

/// Longest input in bytes (Step Functions quotas).
const INPUT_MAX: usize = 262_144;

/// Error of an execution that was under way when its process ended.
pub const INTERRUPTED: &str = "Local.Interrupted";

/// What executions are made of.
pub(crate) struct Parts {
    pub(crate) state_machine_arn: String,
    pub(crate) definition: String,
    pub(crate) clock: Arc<PacedClock>,
    pub(crate) invoke: Arc<dyn Invoke>,
    pub(crate) home: Arc<Home>,
    /// The target of the rule on the executions' status.
    pub(crate) rule_target: rule::Target,
    /// What executions draw from; each start takes the next number.
    pub(crate) seed: u64,
}

/// All executions of a state folder.
pub struct Executions {
    parts: Parts,
    created: Timestamp,
    runs: Mutex<BTreeMap<String, Arc<Entry>>>,
    tasks: Mutex<JoinSet<()>>,
    notices: broadcast::Sender<Notice>,
    /// Drives and alerts that are under way.
    busy: watch::Sender<usize>,
    /// For the tasks, which must not keep the executions alive.
    this: Weak<Self>,
}

struct Entry {
    run: Run,
    /// Drives that are under way: two for a moment when a redrive follows an end at once.
    drives: watch::Sender<usize>,
}

impl Entry {
    fn new(run: Run) -> Arc<Self> {
        Arc::new(Self {
            run,
            drives: watch::Sender::new(0),
        })
    }
}

/// What a start answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The execution's ARN.
    pub execution_arn: String,
    /// Its name.
    pub name: String,
    /// When it was started: earlier than now if it was running already.
    pub start_date: Timestamp,
}

impl Executions {
    /// Takes up what the folder has; executions that were under way when their process ended are stopped by name.
    pub(crate) fn open(parts: Parts, stored: Vec<Execution>) -> Result<Arc<Self>, HomeError> {
        let now = parts.clock.now();
        let mut runs = BTreeMap::new();
        for mut execution in stored {
            if execution.status == Status::Running {
                let cause = "The process that ran the execution ended; redrive it to go on.".to_owned();
                execution.stop(
                    Why {
                        error: Some(INTERRUPTED.to_owned()),
                        cause: Some(cause),
                    },
                    now,
                );
                parts.home.save_execution(&execution)?;
            }
            let name = execution.name.clone();
            // A definition that this version no longer understands can still be looked at in its file.
            if let Ok(run) = Run::new(execution) {
                runs.insert(name, Entry::new(run));
            }
        }
        Ok(Arc::new_cyclic(|this| Self {
            parts,
            created: now,
            runs: Mutex::new(runs),
            tasks: Mutex::default(),
            notices: broadcast::Sender::new(4096),
            busy: watch::Sender::new(0),
            this: this.clone(),
        }))
    }

    /// ARN of the state machine.
    pub fn state_machine_arn(&self) -> &str {
        &self.parts.state_machine_arn
    }

    /// The definition that new executions run, placeholders filled in.
    pub fn definition(&self) -> &str {
        &self.parts.definition
    }

    /// When the engine was opened.
    pub(crate) fn created(&self) -> Timestamp {
        self.created
    }

    /// Present virtual time.
    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Starts an execution. Without a name it gets a random one; a running one of the same name and input is answered
    /// again (`API_StartExecution`).
    pub fn start(&self, name: Option<&str>, input: Value) -> Result<Started, StatesError> {
        let name = name.map_or_else(random_name, str::to_owned);
        check_name(&name)?;
        if input.to_string().len() > INPUT_MAX {
            return Err(StatesError::InvalidExecutionInput(format!(
                "more than {INPUT_MAX} bytes"
            )));
        }
        let mut runs = self.lock();
        if let Some(entry) = runs.get(&name) {
            return entry.run.with(|existing| match existing.status {
                Status::Running if existing.input == input => Ok(Started::of(existing)),
                _ => Err(StatesError::ExecutionAlreadyExists(
                    existing.execution_arn.clone(),
                )),
            });
        }
        let start = StartExecution {
            state_machine_arn: self.parts.state_machine_arn.clone(),
            role_arn: None,
            name: name.clone(),
            input,
            definition: self.parts.definition.clone(),
            seed: self.parts.seed.wrapping_add(runs.len() as u64),
        };
        let execution = Execution::start(start, self.now()).map_err(StatesError::Definition)?;
        let started = Started::of(&execution);
        let run = Run::new(execution).map_err(StatesError::Definition)?;
        let entry = Entry::new(run);
        runs.insert(name, Arc::clone(&entry));
        drop(runs);
        self.tell_started(&entry);
        self.drive(entry);
        Ok(started)
    }

    /// Has an ended execution go on from where it failed; gives the time of the redrive.
    pub fn redrive(&self, name: &str) -> Result<Timestamp, StatesError> {
        let entry = self.entry(name)?;
        let now = self.now();
        entry
            .run
            .redrive(now)
            .map_err(StatesError::ExecutionNotRedrivable)?;
        self.drive(entry);
        Ok(now)
    }

    /// Stops a running execution; an ended one stays as it is. Gives its stop date, as far as it has one yet.
    pub fn stop(&self, name: &str, why: Why) -> Result<Timestamp, StatesError> {
        let entry = self.entry(name)?;
        entry.run.stop(why);
        Ok(entry
            .run
            .with(|execution| execution.stop_date)
            .unwrap_or_else(|| self.now()))
    }

    /// Waits until the execution has ended and is saved; gives how it ended.
    pub async fn wait(&self, name: &str) -> Result<Status, StatesError> {
        let entry = self.entry(name)?;
        // The sender lives in the entry, so waiting cannot fail.
        let _ = entry.drives.subscribe().wait_for(|drives| *drives == 0).await;
        Ok(entry.run.status())
    }

    /// Waits until nothing is under way: no execution, no alert.
    pub async fn quiet(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.busy.subscribe().wait_for(|busy| *busy == 0).await;
    }

    /// An execution's record as it stands.
    pub fn get(&self, name: &str) -> Result<Execution, StatesError> {
        Ok(self.entry(name)?.run.snapshot())
    }

    /// All executions, newest first, as `ListExecutions` has them.
    pub fn list(&self) -> Vec<Execution> {
        let mut all: Vec<Execution> = self.lock().values().map(|entry| entry.run.snapshot()).collect();
        all.sort_by(|a, b| (b.start_date, &b.name).cmp(&(a.start_date, &a.name)));
        all
    }

    /// Notices from now on. A receiver that falls thousands behind loses the oldest.
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Entry>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, name: &str) -> Result<Arc<Entry>, StatesError> {
        let found = self.lock().get(name).cloned();
        found.ok_or_else(|| StatesError::ExecutionDoesNotExist(name.to_owned()))
    }

    /// Tells whoever listens; nobody need.
    pub(crate) fn tell(&self, notice: Notice) {
        let _ = self.notices.send(notice);
    }

    /// The first event is made before anybody observes the run.
    fn tell_started(&self, entry: &Entry) {
        let first = entry
            .run
            .with(|execution| Some((execution.name.clone(), execution.history.first()?.clone())));
        if let Some((execution, event)) = first {
            self.tell(Notice::Event {
                execution,
                event: Arc::new(event),
            });
        }
    }

    fn drive(&self, entry: Arc<Entry>) {
        let Some(this) = self.this.upgrade() else { return };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        let driving = Busy::new(entry.drives.clone());
        let busy = Busy::new(self.busy.clone());
        let driver = Driver::new(self.this.clone());
        let environment = Environment::new(
            Arc::<PacedClock>::clone(&this.parts.clock),
            Arc::new(Paced {
                clock: Arc::clone(&this.parts.clock),
                invoke: Arc::clone(&this.parts.invoke),
            }),
        );
        tasks.spawn(async move {
            let _busy = busy;
            driver.drive(&entry.run, &environment, driving).await;
        });
    }

    /// Saves a run's record, or says why that failed.
    pub(crate) fn save(&self, run: &Run) {
        let execution = run.snapshot();
        if let Err(error) = self.parts.home.save_execution(&execution) {
            self.tell(Notice::NotSaved {
                execution: execution.name,
                reason: error.with_reason(),
            });
        }
    }
}

impl Executions {
    /// What the rule on the executions' status calls.
    pub(crate) fn rule_target(&self) -> &rule::Target {
        &self.parts.rule_target
    }
}

impl Drop for Executions {
    fn drop(&mut self) {
        self.tasks
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
    }
}

impl Started {
    fn of(execution: &Execution) -> Self {
        Self {
            execution_arn: execution.execution_arn.clone(),
            name: execution.name.clone(),
            start_date: execution.start_date,
        }
    }
}

fn random_name() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes())
        .into_uuid()
        .to_string()
}

/// 1 to 80 characters without white space, brackets, wildcards, control characters and the listed special ones.
fn check_name(name: &str) -> Result<(), StatesError> {
    const REFUSED: &str = "<>{}[]?*\"#%\\^|~`$&,;:/";
    let fits = (1..=80).contains(&name.chars().count());
    let clean = |c: char| !c.is_whitespace() && !c.is_control() && !REFUSED.contains(c);
    if fits && name.chars().all(clean) {
        Ok(())
    } else {
        Err(StatesError::InvalidName(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, allowed: bool, why: &str) {
        assert_eq!(check_name(name).is_ok(), allowed, "{why}");
    }

    #[test]
    fn names_follow_the_rules_of_start_execution() {
        check("orders-20260301t0200z", true, "what the scheduler makes");
        check("", false, "at least one character");
        check(&"x".repeat(80), true, "80 characters");
        check(&"x".repeat(81), false, "81 characters");
        check("2026-03-01T02:00:00Z", false, "a colon");
        check("a b", false, "white space");
        check("../../etc", false, "a slash, which would leave the folder");
        check("a\u{7f}", false, "a control character");
    }
}
