//! The message of a failed, timed out or aborted run.

use super::{Kind, Message, Step, redriven, sender};
use crate::advice::{self, Advice, Places};
use crate::event::Ending;
use crate::{links, text};
use backup_core::manifest::Manifest;
use backup_core::{Instant, Mend, Owner};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// States of `statemachine/backup.asl.json` that run after the manifest is written.
pub const AFTER_RECORD: [&str; 2] = ["Prune", "NotifySuccess"];
/// How long after its end an execution can be re-driven (API reference: `RedriveExecution`).
const REDRIVABLE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Everything that is known about a failure.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The deployment's name.
    pub deployment: String,
    /// The backup bucket.
    pub bucket: String,
    /// The execution's Region.
    pub region: String,
    /// The execution's account.
    pub account: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// The cache in words, such as `replication-group/orders`.
    pub cache: Option<String>,
    /// The cache's id alone, where it is legal.
    pub cache_id: Option<String>,
    /// The plan's name.
    pub plan: Option<String>,
    /// Whose run it was.
    pub owner: Option<Owner>,
    /// The run's instant.
    pub instant: Option<Instant>,
    /// The state that failed.
    pub state: Option<String>,
    /// The error name.
    pub error: Option<String>,
    /// Its text, cleaned and cut.
    pub cause: Option<String>,
    /// The last good backup.
    pub last_good: LastGood,
    /// The execution.
    pub execution_arn: String,
    /// Its machine.
    pub state_machine_arn: String,
    /// Its input.
    pub input: Option<Value>,
    /// Why the input could not be read, where it was not there to be read.
    pub unread: Option<String>,
    /// How often it had been re-driven.
    pub redrive_count: Option<u32>,
    /// Whether it was re-driven after this failure.
    pub is_redriven_since: bool,
    /// Why it cannot be re-driven any more.
    pub not_redrivable: Option<String>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub stopped_at: Option<Timestamp>,
    /// When the event was made; ages count up to here.
    pub now: Timestamp,
}

/// What is known of the last good backup.
#[derive(Debug, Clone, PartialEq)]
pub enum LastGood {
    /// There is one.
    Found(GoodBackup),
    /// There is none.
    None,
    /// Why nobody could look.
    Unread(String),
}

/// A good backup in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodBackup {
    /// When its data were taken.
    pub create_time: Timestamp,
    /// Number of shards.
    pub shards: u64,
    /// Keys in all shards.
    pub keys: u64,
    /// Bytes of all shards.
    pub bytes: u64,
}

impl LastGood {
    /// The figures of a manifest.
    pub fn of(manifest: &Manifest) -> Self {
        Self::Found(GoodBackup {
            create_time: manifest.snapshot.create_time,
            shards: manifest.objects.len() as u64,
            keys: manifest.keys(),
            bytes: manifest.bytes(),
        })
    }

    fn words(&self, now: Timestamp) -> String {
        match self {
            Self::None => "there is no good backup of this cache under this plan".to_owned(),
            Self::Unread(why) => format!("unknown, it could not be read: {why}"),
            Self::Found(backup) => format!(
                "{} old ({}), {}, {}, {}",
                text::span(now.duration_since(backup.create_time)),
                text::time(backup.create_time),
                text::plural(backup.shards, "shard"),
                text::plural(backup.keys, "key"),
                text::bytes(backup.bytes),
            ),
        }
    }
}

/// The message of a failure.
pub fn failure(facts: &Failure) -> Message {
    let advice = facts.advice();
    Message {
        kind: match facts.ending {
            Ending::Failed => Kind::Failed,
            Ending::TimedOut => Kind::TimedOut,
            Ending::Aborted => Kind::Aborted,
        },
        about: facts.about(),
        headline: facts.headline(&advice),
        notes: facts.notes(),
        steps: facts.steps(&advice),
        facts: facts.rows(),
        console: links::console(&facts.execution_arn),
        sender: sender(&facts.deployment, facts.account.as_deref(), &facts.region),
        thread: facts.execution_arn.clone(),
        execution_arn: facts.execution_arn.clone(),
    }
}

impl Failure {
    fn advice(&self) -> Advice {
        match self.ending {
            Ending::Failed if self.is_redriven_since && self.error.is_none() => advice::REDRIVEN,
            Ending::Failed => advice::advice(self.error.as_deref()),
            Ending::TimedOut => advice::TIMED_OUT,
            Ending::Aborted => advice::ABORTED,
        }
    }

    /// Whether the manifest was written before the failure.
    fn is_recorded(&self) -> bool {
        self.state
            .as_deref()
            .is_some_and(|state| AFTER_RECORD.contains(&state))
    }

    fn subject_cache(&self) -> &str {
        let cache = self.cache_id.as_deref().or(self.cache.as_deref());
        cache.unwrap_or("unknown cache")
    }

    fn about(&self) -> String {
        let error = match (self.ending, &self.error) {
            (Ending::Failed, Some(error)) => format!(": {error}"),
            _ => String::new(),
        };
        let state = self
            .state
            .as_deref()
            .map_or(String::new(), |state| format!(" in {state}"));
        let safe = if self.is_recorded() {
            " (backup is safe)"
        } else {
            ""
        };
        format!("{}{error}{state}{safe}", self.subject_cache())
    }

    fn headline(&self, advice: &Advice) -> String {
        let plan = self
            .plan
            .as_deref()
            .map_or(String::new(), |plan| format!(" (plan {plan})"));
        let cache = self.cache.as_deref().unwrap_or("an unknown cache");
        let place = self
            .state
            .as_deref()
            .map_or(String::new(), |state| format!(" in {state}"));
        let end = match self.ending {
            Ending::Failed => "failed",
            Ending::TimedOut => "timed out",
            Ending::Aborted => "was aborted",
        };
        if self.is_recorded() {
            return format!(
                "The backup is recorded and safe. What comes after it, for {cache}{plan}, {end}{place}: {}.",
                advice.meaning
            );
        }
        format!("The backup of {cache}{plan} {end}{place}: {}.", advice.meaning)
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.is_redriven_since {
            notes.push(
                "The run was re-driven after this failure, and its history is now that of the later attempt: the \
                 state of this one is unknown, and so is its error where the event does not tell it."
                    .to_owned(),
            );
        } else if self.state.is_none() {
            notes.push(
                "Which state it ended in is unknown: the execution's history could not be read.".to_owned(),
            );
        }
        if let Some(why) = &self.unread {
            notes.push(format!(
                "Which cache it was is unknown: the event has no input, and the execution's could not be read: {why}."
            ));
        } else if self.cache.is_none() {
            notes.push("Which cache it was is unknown: the execution's input could not be read.".to_owned());
        }
        notes
    }

    /// What to do. Of a run that was re-driven since, nothing that could disturb the later attempt.
    fn steps(&self, advice: &Advice) -> Vec<Step> {
        if self.is_redriven_since {
            return vec![Step::new(advice::REDRIVEN.first)];
        }
        let places = Places {
            bucket: &self.bucket,
            cache: self.subject_cache(),
            region: &self.region,
        };
        vec![Step::new(advice.first(places)), self.mending_step(advice.mend)]
    }

    fn mending_step(&self, mend: Mend) -> Step {
        if let (Some(reason), Mend::Wait | Mend::Redrive) = (&self.not_redrivable, mend) {
            let why = if reason.is_empty() {
                String::new()
            } else {
                format!(" ({reason})")
            };
            return self.new_run(&format!("This run cannot be re-driven any more{why}."));
        }
        if self.ending == Ending::Aborted {
            return self.redrive("If the backup is still wanted, re-drive the run.");
        }
        match mend {
            Mend::Wait => self.redrive("Once that has passed, re-drive the run."),
            Mend::Redrive => self.redrive("Then re-drive the run."),
            Mend::NewRun => self.new_run("A re-drive cannot mend this run."),
        }
    }

    fn redrive(&self, start: &str) -> Step {
        let keeps = if self.is_recorded() {
            "Only what comes after the backup is done again."
        } else {
            "It goes on where it stopped and keeps what was done."
        };
        let until = self.stopped_at.and_then(|at| at.checked_add(REDRIVABLE).ok());
        let until = until.map_or(String::new(), |until| {
            format!(" This works until {}.", text::time(until))
        });
        Step::with_command(
            format!("{start} {keeps}{until}"),
            links::redrive(&self.execution_arn, &self.region),
        )
    }

    fn new_run(&self, start: &str) -> Step {
        if self.is_recorded() {
            return Step::new(format!(
                "{start} Nothing needs to be started: the plan's next run does again what was left undone."
            ));
        }
        let fill = match self.cache {
            Some(_) => "",
            None => " Put the cache's KIND and ID into the line first.",
        };
        Step::with_command(
            format!("{start} Start a new one; it takes an instant and names of its own.{fill}"),
            links::start(&self.state_machine_arn, self.input.as_ref(), &self.region),
        )
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let unknown = || "unknown".to_owned();
        let mut rows = vec![
            ("Last good backup", self.last_good.words(self.now)),
            ("Cache", self.cache.clone().unwrap_or_else(unknown)),
            ("Plan", self.plan.clone().unwrap_or_else(unknown)),
            ("State", self.state.clone().unwrap_or_else(unknown)),
        ];
        let no_error = match self.ending {
            Ending::TimedOut | Ending::Aborted if !self.is_redriven_since => "none before the end".to_owned(),
            _ => unknown(),
        };
        let label = match self.ending {
            Ending::Failed => ("Error", "Cause"),
            Ending::TimedOut | Ending::Aborted => ("Last error", "Its cause"),
        };
        rows.push((label.0, self.error.clone().unwrap_or(no_error)));
        rows.extend(self.cause.clone().map(|cause| (label.1, cause)));
        rows.extend(self.instant.map(|at| ("Instant", text::time(at.timestamp()))));
        rows.push(("Run", self.run_words()));
        rows.push(("Execution", self.execution_arn.clone()));
        rows
    }

    fn run_words(&self) -> String {
        let redriven = self
            .redrive_count
            .map_or("re-drives unknown".to_owned(), redriven);
        match (self.started_at, self.stopped_at) {
            (Some(start), Some(stop)) => format!(
                "{} to {} ({}), {redriven}",
                text::time(start),
                text::time(stop),
                text::span(stop.duration_since(start))
            ),
            (Some(start), None) => format!("started {}, {redriven}", text::time(start)),
            (None, _) => redriven,
        }
    }
}
