//! A season: many caches, night after night, with faults by chance, on virtual time.
//!
//! All caches of a season live in one world, because what grows with their number lies between them: one account's
//! calls per second, one bucket, one topic, one `watch`. The trace is off, since it takes a census of the whole world
//! at each call; `promise` looks at the world once a night instead.

mod fleet;
mod meter;
mod night;
mod picture;
mod price;
mod promise;
mod season;
mod table;
mod weather;

pub use fleet::{Cache, Kind, fleet};
pub use meter::{Meter, Whose};
pub use night::NightEnd;
pub use picture::picture;
pub use price::{Bill, PRICES, Price, bill};
pub use promise::Breach;
pub use season::{Season, play};
pub use table::table;

use jiff::SignedDuration;

/// What a season is like.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// Caches.
    pub caches: u32,
    /// Nights, with a run of each cache.
    pub nights: u32,
    /// Share of calls at which a fault of the matrix begins, from 0 to 1.
    pub fault_rate: f64,
    /// Share of the nights of a cache whose snapshot or export ends badly or takes long, from 0 to 1.
    pub spoilt_rate: f64,
    /// `ElastiCache` calls per second that are answered; more are throttled. AWS publishes no figure.
    pub limit: Option<u32>,
    /// Over how many minutes Scheduler spreads the starts; 0 starts all at once.
    pub window_minutes: u32,
    /// How long a snapshot takes.
    pub snapshot: SignedDuration,
    /// How long an export takes.
    pub export: SignedDuration,
    /// What chance is drawn from.
    pub seed: u64,
}

impl Default for Setup {
    /// The worst case: all at the same minute, and all snapshots and exports take equally long (those of `make demo`),
    /// so that the looks stay in step.
    fn default() -> Self {
        Self {
            caches: 100,
            nights: 30,
            fault_rate: 0.01,
            spoilt_rate: 0.01,
            limit: None,
            window_minutes: 0,
            snapshot: SignedDuration::from_mins(22),
            export: SignedDuration::from_mins(8),
            seed: 1,
        }
    }
}
