//! The reference model: for every invariant a trace in which it holds and several in which it does not.

mod bounds;
mod bucket;
mod proof;
mod runs;
mod snapshots;
mod story;
mod telling;
