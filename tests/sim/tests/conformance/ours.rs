//! Our interpreter's side: runs a machine on virtual time and tells its history by strand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use sim::asl::{
    Details, Environment, EventType, Execution, HistoryEvent, MapIteration, Run, StartExecution, Status,
    VirtualClock,
};

use crate::script::{Functions, Script};
use crate::trace::{Trace, line, plain};

pub(crate) const STATE_MACHINE: &str = "arn:aws:states:eu-west-1:000000000000:stateMachine:conformance";
pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/conformance";

/// When every run begins.
pub(crate) fn epoch() -> Timestamp {
    "2026-03-01T02:00:00Z".parse().unwrap()
}

/// Runs a machine on scripted functions.
pub(crate) fn run(name: &str, definition: &str, input: &Value, script: &Script, seed: u64) -> Execution {
    let params = StartExecution {
        state_machine_arn: STATE_MACHINE.to_owned(),
        role_arn: Some(ROLE.to_owned()),
        name: name.to_owned(),
        input: input.clone(),
        definition: definition.to_owned(),
        seed,
    };
    let execution = Execution::start(params, epoch()).unwrap_or_else(|error| panic!("{name}: {error}"));
    VirtualClock::run(epoch(), |clock| async move {
        let run = Run::new(execution).unwrap();
        let functions = Functions::new(script).on(clock.clone());
        run.run(&Environment::new(clock, functions)).await;
        run.snapshot()
    })
    .unwrap()
}

/// What an execution did.
pub(crate) fn trace(execution: &Execution) -> Trace {
    let mut reading = Reading {
        start: execution.start_date,
        ..Reading::default()
    };
    for event in &execution.history {
        reading.read(event);
    }
    let since = |at: Option<Timestamp>| at.map(|at| millis(execution.start_date, at));
    reading.trace.end = plain(json!({
        "status": execution.status,
        "at": since(execution.stop_date),
        "output": execution.output,
        "error": execution.error.as_deref().filter(|_| execution.status != Status::TimedOut),
    }));
    reading.trace
}

fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap()
}

/// A history read up to some event. It has no strands: they follow from which event led to which.
#[derive(Default)]
struct Reading {
    start: Timestamp,
    trace: Trace,
    /// The strand that goes on after each event.
    after: BTreeMap<u64, String>,
    /// The state each strand is in, and when its latest attempt failed.
    state: BTreeMap<String, String>,
    failed: BTreeMap<String, u64>,
    /// How often each strand opened each Map, and the iterations that are over.
    openings: BTreeMap<(String, String), usize>,
    over: BTreeSet<String>,
}

impl Reading {
    fn read(&mut self, event: &HistoryEvent) {
        let at = millis(self.start, event.timestamp);
        let led = self
            .after
            .get(&event.previous_event_id)
            .cloned()
            .unwrap_or_default();
        let (strand, after) = self.strand(event, led);
        if let Some(name) = event.entered() {
            self.state.insert(strand.clone(), name.to_owned());
            self.failed.remove(&strand);
        }
        if event.event_type == EventType::MapStateStarted {
            let opened = (strand.clone(), self.state[&strand].clone());
            *self.openings.entry(opened).or_default() += 1;
        }
        self.retries(event.event_type, &strand, at);
        if let Some(line) = line(&event.to_api().unwrap(), at) {
            self.trace.push(&strand, line);
        }
        self.after.insert(event.id, after);
    }

    /// The strand of an event, and the one that goes on after it.
    fn strand(&mut self, event: &HistoryEvent, led: String) -> (String, String) {
        match (event.event_type, &event.details) {
            (_, Some(Details::MapIterationStarted(iteration))) => {
                let strand = self.below(&led, iteration);
                (strand.clone(), strand)
            }
            (_, Some(Details::MapIterationSucceeded(_) | Details::MapIterationFailed(_))) => {
                let around = around(&led);
                self.over.insert(led.clone());
                (led, around)
            }
            // What led to it is the failure inside the iteration, whose strand is over by now.
            (EventType::MapStateFailed, _) if self.over.contains(&led) => (around(&led), around(&led)),
            _ => (led.clone(), led),
        }
    }

    fn below(&self, strand: &str, iteration: &MapIteration) -> String {
        let MapIteration { name, index } = iteration;
        match self.openings.get(&(strand.to_owned(), name.clone())) {
            None | Some(1) => format!("{strand}/{name}[{index}]"),
            Some(opening) => format!("{strand}/{name}#{opening}[{index}]"),
        }
    }

    /// An attempt after a failed one is a retry, and what lies between is its delay.
    fn retries(&mut self, event_type: EventType, strand: &str, at: u64) {
        let begins = matches!(
            event_type,
            EventType::TaskScheduled | EventType::MapStateStarted | EventType::EvaluationFailed
        );
        if begins && let Some(failed) = self.failed.remove(strand) {
            self.trace.push(strand, json!({"retry": at - failed, "at": at}));
        }
        let fails = matches!(
            event_type,
            EventType::TaskFailed
                | EventType::TaskTimedOut
                | EventType::EvaluationFailed
                | EventType::MapStateFailed
        );
        if fails {
            self.failed.insert(strand.to_owned(), at);
        }
    }
}

/// The strand around an iteration's.
fn around(strand: &str) -> String {
    strand
        .rsplit_once('/')
        .map_or_else(String::new, |(around, _)| around.to_owned())
}
