//! What goes wrong with the system as a whole: re-drives, duplicates, aborts, caches that change or go, snapshots and
//! exports that fail, objects that rot, clocks, pruning, alerting, several caches at once.

mod abort;
mod alerting;
mod cache_changes;
mod cache_deleted;
mod clock;
mod deeds;
mod delivered_twice;
mod duplicate;
mod export_fails;
mod lambda_invoke;
mod look;
mod mishap;
mod object;
mod prune;
mod re_drive;
mod scheduler;
mod several;
mod snapshot_fails;
mod watch;

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
    let groups = [
        re_drive::cells,
        duplicate::cells,
        abort::cells,
        delivered_twice::cells,
        cache_deleted::cells,
        cache_changes::cells,
        snapshot_fails::cells,
        export_fails::cells,
        object::cells,
        clock::cells,
        prune::cells,
        alerting::cells,
        several::cells,
        scheduler::cells,
        lambda_invoke::cells,
        watch::cells,
    ];
    groups.into_iter().flat_map(|cells| cells()).collect()
}
