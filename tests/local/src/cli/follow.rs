//! Watches runs until they end, and shows their steps as they go.

use crate::cli::screen::Line;
use crate::cli::{CliError, Screen};
use crate::engine::{Engine, Notice};
use crate::view::{Steps, progress};
use jiff::Timestamp;
use sim::asl::{HistoryEvent, Status};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::interval;

/// A run to be followed.
#[derive(Debug, Clone)]
pub struct Follow {
    /// Its name.
    pub name: String,
    /// The word that its lines begin with.
    pub label: String,
    /// What happened before: shown already, or long ago.
    pub before: Vec<HistoryEvent>,
}

/// A run that is followed.
struct Followed {
    name: String,
    label: String,
    steps: Steps,
    /// The last event that was taken in; what a slow reader misses is read from the record.
    seen: u64,
    line: Option<Line>,
    status: Option<Status>,
}

/// Shows the steps of runs until all have ended; `notices` must have been asked for before they were started. Gives their
/// ends, in the same order.
pub async fn follow(
    engine: &Engine,
    mut notices: Receiver<Notice>,
    runs: &[Follow],
    screen: &Screen,
) -> Result<Vec<Status>, CliError> {
    let width = runs
        .iter()
        .map(|run| run.label.chars().count())
        .max()
        .unwrap_or_default();
    let mut followed: Vec<Followed> = runs.iter().map(|run| Followed::new(run, width, screen)).collect();
    let mut tick = interval(Duration::from_millis(150));
    while followed.iter().any(|run| run.status.is_none()) {
        tokio::select! {
            notice = notices.recv() => match notice {
                Ok(notice) if leaves_gap(&followed, &notice) => catch_up(engine, &mut followed, screen)?,
                Ok(notice) => take(&mut followed, &notice, screen),
                Err(RecvError::Lagged(_)) => catch_up(engine, &mut followed, screen)?,
                Err(RecvError::Closed) => break,
            },
            _ = tick.tick() => {
                let now = engine.now();
                for run in &followed {
                    run.refresh(now);
                }
            }
        }
    }
    Ok(followed.into_iter().filter_map(|run| run.status).collect())
}

impl Followed {
    fn new(run: &Follow, width: usize, screen: &Screen) -> Self {
        Self {
            name: run.name.clone(),
            label: format!("{:width$}", run.label),
            steps: Steps::of(&run.before),
            seen: run.before.last().map_or(0, |event| event.id),
            line: Some(screen.line()),
            status: None,
        }
    }

    fn refresh(&self, now: Timestamp) {
        if let Some(line) = &self.line {
            line.show(progress::under_way(&self.label, &self.steps, now));
        }
    }

    fn event(&mut self, event: &HistoryEvent, screen: &Screen) {
        if event.id <= self.seen {
            return;
        }
        self.seen = event.id;
        if let Some(step) = self.steps.observe(event) {
            screen.print(&progress::done(&self.label, &step));
        }
    }

    fn end(&mut self, status: Status) {
        self.line = None;
        self.status = Some(status);
    }
}

fn take(followed: &mut [Followed], notice: &Notice, screen: &Screen) {
    match notice {
        Notice::Event { execution, event } => {
            if let Some(run) = find(followed, execution) {
                run.event(event, screen);
            }
        }
        Notice::Ended { execution, status } => {
            if let Some(run) = find(followed, execution) {
                run.end(*status);
            }
        }
        Notice::AlertLost { execution, reason } => {
            screen.print(&format!("✘ nobody was told about {execution}: {reason}"));
        }
        Notice::NotSaved { execution, reason } => {
            screen.print(&format!("✘ {execution} could not be saved: {reason}"));
        }
        Notice::Alerted { .. } => {}
    }
}

/// The event of a start or a redrive is made before anybody is told of events.
fn leaves_gap(followed: &[Followed], notice: &Notice) -> bool {
    let Notice::Event { execution, event } = notice else {
        return false;
    };
    followed
        .iter()
        .any(|run| run.name == *execution && event.id > run.seen + 1)
}

fn find<'a>(followed: &'a mut [Followed], name: &str) -> Option<&'a mut Followed> {
    followed.iter_mut().find(|run| run.name == name)
}

/// Reads the records of runs whose notices were missed.
fn catch_up(engine: &Engine, followed: &mut [Followed], screen: &Screen) -> Result<(), CliError> {
    for run in followed.iter_mut().filter(|run| run.status.is_none()) {
        let execution = engine.execution(&run.name).map_err(|source| CliError::Run {
            run: run.name.clone(),
            source,
        })?;
        for event in &execution.history {
            run.event(event, screen);
        }
        if execution.status != Status::Running {
            run.end(execution.status);
        }
    }
    Ok(())
}
