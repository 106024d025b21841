//! Brings the parts together.

mod clock;

pub use clock::PacedClock;
pub(crate) use clock::wall_clock;
