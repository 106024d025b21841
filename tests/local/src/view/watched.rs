//! What `watch` found: how old the newest good backup of each cache is, and how old it may be.

use crate::view::table::{Align, Column, lay_out};
use crate::view::units;
use jiff::SignedDuration;
use watch::{Found, State};

/// One cache of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cache's id.
    pub cache: String,
    /// The plan.
    pub plan: String,
    /// The instant of its newest good backup.
    pub newest: Option<String>,
    /// The age that counts.
    pub age: SignedDuration,
    /// The age that is allowed.
    pub allowed: SignedDuration,
    /// How it stands.
    pub state: State,
}

impl Row {
    /// What the function said of a cache that may be so old.
    pub fn of(found: &Found, allowed: SignedDuration) -> Self {
        // `…/<instant>/manifest.json`
        let key = found.manifest_key.as_ref().map(|key| key.as_str().rsplit('/'));
        let seconds = i64::try_from(found.age_seconds).unwrap_or(i64::MAX);
        Self {
            cache: found.cache.id.to_string(),
            plan: found.plan.clone(),
            newest: key.and_then(|mut parts| parts.nth(1)).map(str::to_owned),
            age: SignedDuration::from_secs(seconds),
            allowed,
            state: found.state,
        }
    }

    fn cells(&self) -> Vec<String> {
        let state = match self.state {
            State::Fresh => "fresh",
            State::Overdue => "overdue",
            State::Waiting => "waiting for its first backup",
            State::Paused => "paused",
        };
        // A pause has no age.
        let age = if self.state == State::Paused {
            "-".to_owned()
        } else {
            units::span(self.age)
        };
        vec![
            self.cache.clone(),
            self.plan.clone(),
            self.newest.clone().unwrap_or_else(|| "-".to_owned()),
            age,
            units::span(self.allowed),
            state.to_owned(),
        ]
    }
}

/// The table, in the order of the rows; a sentence where there is none.
pub fn table(rows: &[Row], width: u16) -> String {
    if rows.is_empty() {
        return "There is no run yet, so nothing is watched.\n".to_owned();
    }
    let columns = [
        Column("cache", Align::Left),
        Column("plan", Align::Left),
        Column("newest backup", Align::Left),
        Column("age", Align::Right),
        Column("allowed", Align::Right),
        Column("state", Align::Left),
    ];
    let cells: Vec<Vec<String>> = rows.iter().map(Row::cells).collect();
    lay_out(&columns, &cells, width)
}
