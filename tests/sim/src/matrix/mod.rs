//! The fault matrix: every call that the functions make × everything that can go wrong with it, and the system's own
//! mishaps, each with the end that it must have.
//!
//! Rows are found by running: a call that a function makes anew is a new row, and a row without required ends fails.
//! A cell runs the real state machine and the real functions over the world with one fault, a judge who sees every
//! step, and then without faults, with what the alert tells a person to do, until there is a verified backup.

mod act;
mod cell;
mod cores;
mod disturber;
mod end;
mod fault;
mod foreign;
mod random;
mod rdb;
mod recovery;
mod report;
mod row;
mod run;
mod scene;
mod system;
mod table;
mod witness;

pub use act::{Act, Going};
pub use cell::{Cell, Finding, Outcome};
pub use cores::on_all_cores;
pub use disturber::{Disturber, Plan, Target};
pub use end::End;
pub use fault::Fault;
pub use random::{FOUND, Mishap, Night};
pub use rdb::{sealed_rdb, sound_rdb};
pub use recovery::{Recovered, mend_of, recover};
pub use report::{Played, PlayedRun, Report, Seeds};
pub use row::{Call, discover};
pub use run::{AllRuns, Matrix, Run};
pub use scene::{Prepared, SCENES, Scene, Way, put_caches};
pub use system::{SystemCell, system_cells};
pub use table::{ENDS, Ends};
pub use witness::Told;
