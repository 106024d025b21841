//! What people see: pure functions from data to text. They know neither terminal nor clock nor files.
//!
//! Widths are in columns. Text never carries colours; whoever prints it may add them to marks.

pub mod catalogue;
pub mod checks;
pub mod fingerprints;
pub mod mail;
pub mod progress;
pub mod restores;
pub mod runs;
pub mod slack;
mod steps;
mod table;
pub mod timeline;
pub mod units;
pub mod watched;

pub use steps::{Outcome, Step, Steps};
