//! What goes wrong with the system as a whole: re-drives, duplicates, aborts, caches that change or go, snapshots and
//! exports that fail, objects that rot, clocks, pruning, alerting, several caches at once.

mod abort;
mod delivered_twice;
mod duplicate;
mod mishap;
mod re_drive;

use super::cell::Outcome;

/// A cell of the system.
pub struct SystemCell {
    /// Its group, for example `re-drive`.
    pub group: &'static str,
    /// Its name within the group: what goes wrong, and where.
    pub name: String,
    /// Plays it.
    pub play: Box<dyn Fn() -> Outcome + Send + Sync>,
}

impl SystemCell {
    /// A cell of that group and name.
    pub fn new(
        group: &'static str,
        name: impl Into<String>,
        play: impl Fn() -> Outcome + Send + Sync + 'static,
    ) -> Self {
        Self {
            group,
            name: name.into(),
            play: Box::new(play),
        }
    }
}

/// All cells of the system, in reading order.
pub fn system_cells() -> Vec<SystemCell> {
    let mut cells = Vec::new();
    cells.extend(re_drive::cells());
    cells.extend(duplicate::cells());
    cells.extend(abort::cells());
    cells.extend(delivered_twice::cells());
    cells
}
