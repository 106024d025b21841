//! A run as its steps: one per task, with the waits before it and every turn of its loop.

use jiff::{SignedDuration, Timestamp};
use sim::asl::{Details, EventType, HistoryEvent};
use std::collections::BTreeMap;

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is under way.
    Running,
    /// It is done.
    Done,
    /// It failed by this name, and the run with it.
    Failed(String),
}

/// A task state, or a Map with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state's name.
    pub state: String,
    /// The number of the redrive that it belongs to; 0 before the first.
    pub redrive: u32,
    /// When it, or the first wait before it, was entered.
    pub began: Timestamp,
    /// When it was left.
    pub ended: Option<Timestamp>,
    /// How often it was entered: more than once in a loop.
    pub visits: u32,
    /// How often a function was called.
    pub calls: u32,
    /// Shards done and shards in all, for a Map.
    pub shards: Option<(usize, usize)>,
    /// Names of errors that were retried, with their numbers.
    pub retried: BTreeMap<String, u32>,
    /// How it stands.
    pub outcome: Outcome,
}

impl Step {
    fn new(state: &str, redrive: u32, began: Timestamp) -> Self {
        Self {
            state: state.to_owned(),
            redrive,
            began,
            ended: None,
            visits: 0,
            calls: 0,
            shards: None,
            retried: BTreeMap::new(),
            outcome: Outcome::Running,
        }
    }

    /// From its beginning to its end, or to `now`.
    pub fn took(&self, now: Timestamp) -> SignedDuration {
        self.ended.unwrap_or(now).duration_since(self.began)
    }

    /// What is worth a remark, such as `3 of 3 shards, 7 looks`.
    pub fn remarks(&self) -> String {
        let mut remarks = Vec::new();
        if let Some((done, all)) = self.shards {
            remarks.push(format!(
                "{done} of {} verified",
                crate::view::units::plural(all as u64, "shard")
            ));
        }
        if self
            .shards
            .is_some_and(|(_, all)| usize::try_from(self.calls).is_ok_and(|calls| calls > all))
        {
            remarks.push(format!("{} calls", self.calls));
        }
        if self.visits > 1 {
            remarks.push(format!("looked {} times", self.visits));
        }
        for (error, times) in &self.retried {
            remarks.push(format!("retried {error} ×{times}"));
        }
        if let Outcome::Failed(error) = &self.outcome {
            remarks.push(error.clone());
        }
        remarks.join(", ")
    }
}

/// The steps of a run so far; events go in one by one, in their order.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    all: Vec<Step>,
    redrive: u32,
    /// The wait that belongs to the next task: its name, and when it was entered.
    wait: Option<(String, Timestamp)>,
    /// The error of the last failed call, until something shows that it was retried.
    failed_call: Option<String>,
}

impl Steps {
    /// All steps of these events.
    pub fn of(events: &[HistoryEvent]) -> Self {
        let mut steps = Self::default();
        for event in events {
            steps.observe(event);
        }
        steps
    }

    /// The steps, oldest first.
    pub fn all(&self) -> &[Step] {
        &self.all
    }

    /// The step that is under way, if one is; between two steps there is none.
    pub fn current(&self) -> Option<&Step> {
        self.all.last().filter(|step| step.outcome == Outcome::Running)
    }

    /// Whether a wait is under way.
    pub fn is_waiting(&self) -> bool {
        self.wait.is_some()
    }

    /// Takes the next event; gives the step that ended with it.
    pub fn observe(&mut self, event: &HistoryEvent) -> Option<Step> {
        let at = event.timestamp;
        match (&event.event_type, &event.details) {
            (EventType::WaitStateEntered, Some(Details::StateEntered { name, .. })) => {
                self.wait.get_or_insert_with(|| (name.clone(), at));
            }
            (
                EventType::TaskStateEntered | EventType::MapStateEntered,
                Some(Details::StateEntered { name, .. }),
            ) => {
                return self.enter(name, at);
            }
            (EventType::ExecutionRedriven, Some(Details::ExecutionRedriven { redrive_count })) => {
                self.redrive(*redrive_count, at);
            }
            (
                EventType::ExecutionFailed | EventType::ExecutionTimedOut | EventType::ExecutionAborted,
                details,
            ) => {
                self.end_in_wait();
                return self.finish(at, Outcome::Failed(error_of(event.event_type, details.as_ref())));
            }
            (EventType::ExecutionSucceeded, _) => return self.finish(at, Outcome::Done),
            (_, details) => self.detail(event.event_type, details.as_ref()),
        }
        None
    }

    /// A task of another name ends the step before; one of the same name is another turn of its loop. Tasks in a Map
    /// belong to the Map.
    fn enter(&mut self, name: &str, at: Timestamp) -> Option<Step> {
        let in_map = self
            .current()
            .is_some_and(|step| step.shards.is_some_and(|(done, all)| done < all));
        let began = self.wait.take().map_or(at, |(_, since)| since);
        if in_map {
            return None;
        }
        let same = self.current().is_some_and(|step| step.state == name);
        let finished = if same {
            None
        } else {
            self.finish(began, Outcome::Done)
        };
        if !same {
            self.all.push(Step::new(name, self.redrive, began));
        }
        if let Some(step) = self.all.last_mut() {
            step.visits += 1;
        }
        finished
    }

    /// A redrive goes on in the state that failed without entering it again.
    fn redrive(&mut self, count: u32, at: Timestamp) {
        self.redrive = count;
        if let Some(failed) = self.all.last() {
            let again = Step {
                visits: 1,
                shards: failed.shards,
                ..Step::new(&failed.state, count, at)
            };
            self.all.push(again);
        }
    }

    /// A run that was stopped while it waited failed in that wait, and not in the task before it.
    fn end_in_wait(&mut self) {
        if let Some((name, since)) = self.wait.take() {
            self.finish(since, Outcome::Done);
            self.all.push(Step {
                visits: 1,
                ..Step::new(&name, self.redrive, since)
            });
        }
    }

    fn finish(&mut self, at: Timestamp, outcome: Outcome) -> Option<Step> {
        self.failed_call = None;
        self.wait = None;
        let step = self
            .all
            .last_mut()
            .filter(|step| step.outcome == Outcome::Running)?;
        step.ended = Some(at);
        step.outcome = outcome;
        Some(step.clone())
    }

    fn detail(&mut self, event: EventType, details: Option<&Details>) {
        let retried = if event == EventType::TaskScheduled {
            self.failed_call.take()
        } else {
            None
        };
        let Some(step) = self.all.last_mut() else { return };
        match (event, details) {
            (EventType::TaskScheduled, _) => {
                step.calls += 1;
                if let Some(error) = retried {
                    *step.retried.entry(error).or_default() += 1;
                }
            }
            (_, Some(Details::TaskFailed { why, .. } | Details::TaskTimedOut { why, .. })) => {
                self.failed_call.clone_from(&why.error);
            }
            (_, Some(Details::MapStateStarted { length })) => step.shards = Some((0, *length)),
            (EventType::MapIterationSucceeded, _) => {
                step.shards = step.shards.map(|(done, all)| (done + 1, all));
            }
            _ => {}
        }
    }
}

fn error_of(event: EventType, details: Option<&Details>) -> String {
    let error = match details {
        Some(
            Details::ExecutionFailed(why) | Details::ExecutionAborted(why) | Details::ExecutionTimedOut(why),
        ) => why.error.clone(),
        _ => None,
    };
    let fallback = match event {
        EventType::ExecutionTimedOut => "States.Timeout",
        EventType::ExecutionAborted => "aborted",
        _ => "failed",
    };
    error.unwrap_or_else(|| fallback.to_owned())
}
