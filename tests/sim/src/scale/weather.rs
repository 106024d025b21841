//! What goes wrong in a season: a share of all calls begins a fault of the matrix, a share of the nights has a
//! snapshot or an export that ends badly, and `ElastiCache` may throttle what is too much for one second.

use super::fleet::Kind;
use super::meter::{Meter, is_elasticache, name_of};
use crate::asl::Clock;
use crate::matrix::{Call, Fault, Plan};
use crate::ports::{Asked, Disturb, Strike};
use crate::world::{ExportFault, SnapshotFault, When, World};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A fault that lasts is over after this many minutes at the latest.
const LONGEST_MINUTES: i64 = 120;

/// A fault under way: at this call of this cache.
struct Active {
    cache: String,
    call: Call,
    plan: Plan,
    struck: u32,
    until: Timestamp,
}

struct Inner {
    rng: fastrand::Rng,
    is_calm: bool,
    active: Vec<Active>,
    meter: Meter,
}

/// Disturbs calls by chance, from a seed, and counts all of them.
pub(super) struct Weather {
    clock: Arc<dyn Clock>,
    rate: f64,
    limit: Option<u32>,
    inner: Mutex<Inner>,
}

impl Weather {
    /// `rate` is the share of calls at which a fault begins, from 0 to 1; `limit` the calls per second that
    /// `ElastiCache` answers.
    pub(super) fn new(clock: Arc<dyn Clock>, seed: u64, rate: f64, limit: Option<u32>) -> Self {
        Self {
            clock,
            rate,
            limit,
            inner: Mutex::new(Inner {
                rng: fastrand::Rng::with_seed(seed),
                is_calm: false,
                active: Vec::new(),
                meter: Meter::default(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every fault, and lets none begin from now on.
    pub(super) fn clear_up(&self) {
        let mut inner = self.lock();
        inner.is_calm = true;
        inner.active.clear();
    }

    /// Reads or changes what was counted.
    pub(super) fn meter<R>(&self, look: impl FnOnce(&mut Meter) -> R) -> R {
        look(&mut self.lock().meter)
    }
}

impl Disturb for Weather {
    fn strike(&self, asked: &Asked<'_>) -> Strike {
        let now = self.clock.now();
        let mut inner = self.lock();
        inner.meter.count(asked, now);
        // `watch` asks thousands of times in one invocation: at this rate no invocation of it would ever end well, and
        // the SDK's own retries, which keep it from that, are not modelled.
        if asked.caller.function == "watch" {
            return Strike::Pass;
        }
        let call = Call {
            place: asked
                .caller
                .state
                .clone()
                .unwrap_or_else(|| asked.caller.function.clone()),
            operation: asked.operation.to_owned(),
        };
        let is_limited = is_elasticache(asked.operation);
        if let Some(limit) = self.limit.filter(|_| is_limited)
            && inner.meter.is_too_many(limit, now)
            && let Plan::Times(strike, _) = Fault::Throttled.plan(&call)
        {
            return strike;
        }
        let strike = inner.strike(asked, &call, self.rate, now);
        inner.meter.struck += u64::from(strike != Strike::Pass);
        strike
    }
}

impl Inner {
    fn strike(&mut self, asked: &Asked<'_>, call: &Call, rate: f64, now: Timestamp) -> Strike {
        self.active.retain(Active::is_left);
        self.active.retain(|active| now < active.until);
        let cache = name_of(asked).split('-').next().unwrap_or_default();
        let known = self
            .active
            .iter_mut()
            .find(|active| active.cache == cache && active.call == *call);
        if let Some(active) = known {
            return active.strike();
        }
        if self.is_calm || rate <= 0.0 || self.rng.f64() >= rate {
            return Strike::Pass;
        }
        let can = |fault: &Fault| fault.can_strike(call) && *fault != Fault::ExistsForeign;
        let faults: Vec<Fault> = Fault::ALL.into_iter().filter(can).collect();
        let fault = faults[self.rng.usize(..faults.len())];
        let lasts = SignedDuration::from_mins(self.rng.i64(1..=LONGEST_MINUTES));
        let mut active = Active {
            cache: cache.to_owned(),
            call: call.clone(),
            plan: fault.plan(call),
            struck: 0,
            until: now + lasts,
        };
        let strike = active.strike();
        self.active.push(active);
        strike
    }
}

impl Active {
    fn is_left(&self) -> bool {
        !matches!(&self.plan, Plan::Times(_, times) if self.struck >= *times)
    }

    fn strike(&mut self) -> Strike {
        self.struck += 1;
        match &self.plan {
            Plan::Times(strike, _) | Plan::Until(strike) => strike.clone(),
        }
    }
}

/// Lets the snapshot or the export of one cache's night end badly, or take long; `snapshot` is part of its name.
pub(super) fn spoil(world: &mut World, kind: Kind, snapshot: &str, rng: &mut fastrand::Rng) {
    let minutes = |rng: &mut fastrand::Rng| SignedDuration::from_mins(rng.i64(1..=LONGEST_MINUTES));
    let shard = format!("{:04}", rng.u32(1..=kind.shards()));
    let when = When::named(snapshot);
    match rng.u8(..8) {
        0 => world.faults.arm_snapshot(SnapshotFault::Fails, when),
        1 => world.faults.arm_snapshot(SnapshotFault::Vanishes, when),
        2 => world
            .faults
            .arm_snapshot(SnapshotFault::Takes(minutes(rng)), when),
        3 => world.faults.arm_export(ExportFault::Silent, when),
        4 => {
            let cut = ExportFault::CutTail {
                node_group: shard,
                bytes: 9,
            };
            world.faults.arm_export(cut, when);
        }
        5 => {
            let flip = ExportFault::FlipBit {
                node_group: shard,
                byte: rng.u64(..400),
            };
            world.faults.arm_export(flip, when);
        }
        6 => world.faults.arm_export(ExportFault::Empty(shard), when),
        _ => world.faults.arm_export(ExportFault::Takes(minutes(rng)), when),
    }
}
