//! The message of a run that came to its end: success, recovery, or success with something to look at.

use super::{Kind, Message, Step, redriven, sender};
use crate::links::{self, Arn};
use crate::success::{RecordedBackup, Tone};
use crate::text;
use backup_core::Run;
use jiff::Timestamp;

/// Most warnings and reasons that are shown; the execution's output has all.
const SHOWN: usize = 10;

/// Everything that is known about a success.
#[derive(Debug, Clone, PartialEq)]
pub struct Good {
    /// The backup bucket.
    pub bucket: String,
    /// The function's Region.
    pub region: String,
    /// What it is told as.
    pub tone: Tone,
    /// Told failures since the last backup before this one.
    pub failures: u64,
    /// How often the execution had been re-driven.
    pub redrive_count: u32,
    /// The time of the message.
    pub now: Timestamp,
    /// What `prune` left undone.
    pub warnings: Vec<String>,
    /// The run.
    pub run: Run,
    /// What was recorded.
    pub backup: RecordedBackup,
}

/// The message of a success.
pub fn success(facts: &Good) -> Message {
    let arn = Arn::parse(&facts.run.execution_arn);
    Message {
        kind: match facts.tone {
            Tone::Plain => Kind::Ok,
            Tone::Recovery(_) => Kind::Recovered,
            Tone::Warning => Kind::Warning,
        },
        about: facts.about(),
        headline: facts.headline(),
        notes: facts.notes(),
        steps: facts.steps(),
        facts: facts.rows(),
        console: links::console(&facts.run.execution_arn),
        sender: sender(
            facts.run.owner.deployment(),
            arn.map(|arn| arn.account),
            &facts.region,
        ),
        thread: facts.run.execution_arn.clone(),
        execution_arn: facts.run.execution_arn.clone(),
    }
}

impl Good {
    fn reasons(&self) -> &[String] {
        self.backup
            .suspicion
            .as_ref()
            .map_or(&[], |suspicion| &suspicion.reasons)
    }

    fn is_suspicious(&self) -> bool {
        self.backup.suspicion.is_some()
    }

    fn figures(&self) -> String {
        format!(
            "{}, {}, {}",
            text::plural(self.backup.shards, "shard"),
            text::plural(self.backup.keys, "key"),
            text::bytes(self.backup.bytes)
        )
    }

    fn about(&self) -> String {
        let id = &self.run.cache.id;
        match self.tone {
            Tone::Plain => format!("{id}: {}", self.figures()),
            Tone::Recovery(failures) => {
                format!("{id}: works again after {}", text::plural(failures, "failure"))
            }
            Tone::Warning if self.is_suspicious() => format!("{id}: the backup is suspicious"),
            Tone::Warning => {
                format!(
                    "{id}: pruning left {}",
                    text::plural(self.warnings.len() as u64, "warning")
                )
            }
        }
    }

    fn headline(&self) -> String {
        let what = format!(
            "The backup of {} (plan {})",
            self.run.cache,
            self.run.owner.plan()
        );
        match self.tone {
            Tone::Plain => format!("{what} is verified and recorded."),
            Tone::Recovery(failures) => format!(
                "{what} works again after {}: it is verified and recorded.",
                text::plural(failures, "failure")
            ),
            Tone::Warning if self.is_suspicious() => format!(
                "{what} is recorded, but suspicious: its files are sound, their content is not what was \
                 expected. Until a person accepts it, it fills no keep rule and licenses no deletion."
            ),
            Tone::Warning => format!("{what} is verified and recorded, but pruning left something undone."),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = bounded(self.reasons());
        notes.extend(bounded(&self.warnings));
        if self.tone == Tone::Warning && self.failures > 0 {
            notes.push(format!(
                "It works again after {}.",
                text::plural(self.failures, "failure")
            ));
        }
        if self.backup.first_backup {
            notes.push("It is the first backup of this cache under this plan.".to_owned());
        }
        notes
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let (bucket, key) = (self.bucket.as_str(), self.manifest_key());
        if self.is_suspicious() {
            steps.push(Step::with_command(
                "Look: is the cache meant to hold this? The manifest says what was found, shard by shard, and \
                 the verdicts beside it say more.",
                links::show_object(bucket, &key, &self.region),
            ));
            steps.push(Step::with_command(
                "If it is, accept the backup; from then on it counts as a good one. The line replaces the \
                 manifest's tags: give `snapkeep:pin` again if it was pinned.",
                links::accept(bucket, &key, &self.region),
            ));
            steps.push(Step::new(
                "If it is not, leave it: the good backups before it stay. Find out what emptied the cache, then \
                 restore from one of them.",
            ));
        }
        if !self.warnings.is_empty() {
            steps.push(Step::new(
                "Read the warnings above. What pruning left undone, the next run tries again; only a warning \
                 that comes back needs a person.",
            ));
        }
        steps
    }

    fn manifest_key(&self) -> String {
        let derived = || self.run.manifest_key();
        let key = self.backup.manifest_key.clone().unwrap_or_else(derived);
        text::clip(&text::one_line(key.as_str()), text::NAME_MAX)
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            ("Cache", self.run.cache.to_string()),
            ("Plan", self.run.owner.plan().to_owned()),
            ("Backup", self.figures()),
        ];
        rows.extend(
            self.backup
                .snapshot_create_time
                .map(|at| ("Data of", text::time(at))),
        );
        if let Some(compared) = self.backup.suspicion.as_ref().and_then(|s| s.compared_with) {
            rows.push((
                "Compared with",
                format!("the backup of {}", text::time(compared.timestamp())),
            ));
        }
        rows.push(("Instant", text::time(self.run.instant.timestamp())));
        rows.push(("Run", self.run_words()));
        rows.push((
            "Manifest",
            format!("s3://{}/{}", self.bucket, self.manifest_key()),
        ));
        rows
    }

    fn run_words(&self) -> String {
        let took = self.now.duration_since(self.run.started_at);
        format!(
            "{} to {} ({}), {}",
            text::time(self.run.started_at),
            text::time(self.now),
            text::span(took),
            redriven(self.redrive_count)
        )
    }
}

/// The first lines of a list that others wrote, each bounded, and how many more there are.
fn bounded(lines: &[String]) -> Vec<String> {
    let mut shown: Vec<String> = lines.iter().take(SHOWN).map(|line| text::name(line)).collect();
    if lines.len() > SHOWN {
        let more = text::count((lines.len() - SHOWN) as u64);
        shown.push(format!("... and {more} more, in the execution's output"));
    }
    shown
}
