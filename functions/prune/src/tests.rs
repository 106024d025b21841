//! `prune` over a bucket and snapshots in memory.

mod backups;
mod crashes;
mod measured;
mod scene;
mod snapshots;
mod sweeps;
mod world;
