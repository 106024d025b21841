//! The call log: what was asked, about what, and how it ended. Equal seeds and calls give equal logs.

use crate::world::operation::Operation;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was made.
    pub at: Timestamp,
    /// What was asked.
    pub operation: Operation,
    /// What it was about: the snapshot's or cache's name, `bucket/key`, the topic.
    pub argument: String,
    /// What the caller got: `ok`, an error's wire code, or `NoAnswer`.
    pub answer: String,
    /// Whether the operation ran and succeeded, whatever the caller got.
    pub effective: bool,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = if self.effective && self.answer != "ok" {
            " (took effect)"
        } else {
            ""
        };
        write!(
            f,
            "{} {} {} {}{hidden}",
            self.at,
            self.operation.name(),
            self.argument,
            self.answer
        )
    }
}

/// All calls, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    entries: Vec<Entry>,
}

impl Log {
    /// All calls, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Calls of one operation, oldest first.
    pub fn of(&self, operation: Operation) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.operation == operation)
    }

    /// How often the operation took effect for this argument.
    pub fn effective(&self, operation: Operation, argument: &str) -> usize {
        self.of(operation)
            .filter(|entry| entry.effective && entry.argument == argument)
            .count()
    }

    /// Forgets all calls, as a long-lived server does from time to time.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
}
