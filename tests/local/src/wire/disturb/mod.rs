//! Interfering with calls of AWS on their way, for tests: what a network, a load balancer or a dying process does, which
//! a model of AWS behind the protocols cannot.
//!
//! ```text
//! function's process ── request ──> [ before ] ──> the world ──> [ after, damaged ] ── answer ──> process
//! ```
//!
//! A disturbance is armed for calls by function, operation and a part of what the call is about, so that it strikes
//! exactly one call of a run, or every one from there on. Requests without a function's session token pass untouched.

mod instead;
mod seen;

pub(crate) use seen::Seen;

use crate::lambda::Processes;
use crate::wire::Service;
use crate::wire::loopback::{Answer, NoAnswer};
use sim::world::AwsError;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which calls are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// The function that calls, such as `prune`.
    pub function: String,
    /// The operation as AWS spells it, such as `DeleteObject`.
    pub operation: String,
    /// A part of what is asked for: of the path, the query and the range in S3, of the form in the Query protocol.
    pub containing: String,
    /// Calls that still pass.
    pub skip: u32,
    /// Calls after those that are disturbed.
    pub times: u32,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disturbance {
    /// This, and the operation never runs.
    Before(Instead),
    /// This, although the operation has run.
    After(Instead),
    /// The operation runs, and its answer is damaged on its way.
    Damaged(Damage),
    /// The caller's credentials have expired: this call and all others of its process are refused.
    Expired {
        /// Whether the process gets no further work, as when Lambda replaces an execution environment.
        replaced: bool,
    },
}

/// What the caller gets in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// SIGKILL.
    Kill,
    /// Nothing, on a connection that stays open.
    Silence,
    /// The end of the connection.
    Close,
    /// An error document as the service writes it.
    Error(AwsError),
    /// An answer that is not the service's own.
    Foreign(Foreign),
}

/// An answer by somebody else, such as a load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`; none where it is empty.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// How an answer is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The second half is missing, and the announced length fits the first.
    Truncated,
    /// The length of the whole is announced, and the connection ends in the middle.
    CutShort,
    /// The body comes in chunks, and the connection ends before the last.
    CutChunks,
    /// The length of the whole is announced, and nothing comes after the first half.
    Stalled,
}

#[derive(Debug, Clone)]
struct Armed {
    calls: Calls,
    disturbance: Disturbance,
}

#[derive(Debug, Default)]
struct State {
    armed: Vec<Armed>,
    /// Session tokens that are refused.
    expired: BTreeSet<String>,
    struck: usize,
}

/// The armed disturbances of an endpoint.
#[derive(Debug)]
pub struct Disturbances {
    processes: Arc<Processes>,
    state: Mutex<State>,
}

impl Disturbances {
    /// None, until one is armed.
    pub(crate) fn new(processes: Arc<Processes>) -> Self {
        Self {
            processes,
            state: Mutex::default(),
        }
    }

    /// Has these calls disturbed. Where several are armed for one call, the first of them strikes.
    pub fn arm(&self, calls: Calls, disturbance: Disturbance) {
        self.lock().armed.push(Armed { calls, disturbance });
    }

    /// Ends all disturbances; processes whose credentials have expired get no further work.
    pub fn lift(&self) {
        let mut state = self.lock();
        state.armed.clear();
        for token in std::mem::take(&mut state.expired) {
            self.processes.retire(&token);
        }
    }

    /// How many calls were disturbed so far; those that are refused for their process's credentials count once.
    pub fn struck(&self) -> usize {
        self.lock().struck
    }

    /// What is to happen to this call.
    pub(crate) fn strike(&self, seen: &Seen) -> Option<Disturbance> {
        let mut state = self.lock();
        if state.expired.contains(&seen.caller.token) {
            return Some(Disturbance::Before(Instead::Error(expired(seen.service))));
        }
        let mut taken = None;
        for armed in state.armed.iter_mut().filter(|armed| seen.is_of(&armed.calls)) {
            let calls = &mut armed.calls;
            if calls.skip > 0 {
                calls.skip -= 1;
            } else if calls.times > 0 && taken.is_none() {
                calls.times -= 1;
                taken = Some(armed.disturbance.clone());
            }
        }
        let taken = taken?;
        state.struck += 1;
        let Disturbance::Expired { replaced } = taken else {
            return Some(taken);
        };
        state.expired.insert(seen.caller.token.clone());
        if replaced {
            self.processes.retire(&seen.caller.token);
        }
        Some(Disturbance::Before(Instead::Error(expired(seen.service))))
    }

    /// Gives the caller this in place of an answer.
    pub(crate) async fn play(&self, seen: &Seen, instead: Instead) -> Result<Answer, NoAnswer> {
        if instead == Instead::Kill {
            self.processes.kill(&seen.caller.token);
        }
        instead.play(seen.service).await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each service's word for a session that is over (common errors of the Query protocol, error responses of S3).
fn expired(service: Service) -> AwsError {
    let (status, code) = match service {
        Service::S3 => (400, "ExpiredToken"),
        Service::ElastiCache | Service::Sns => (403, "ExpiredToken"),
        Service::States => (400, "ExpiredTokenException"),
    };
    AwsError::new(
        status,
        code,
        "The security token included in the request is expired",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::scope::Caller;

    fn seen(function: &str, token: &str) -> Seen {
        Seen {
            caller: Caller {
                function: function.to_owned(),
                token: token.to_owned(),
            },
            service: Service::S3,
            operation: "PutObject".to_owned(),
            about: "/bucket/backups/manifest.json".to_owned(),
        }
    }

    fn calls(skip: u32, times: u32) -> Calls {
        Calls {
            function: "prune".to_owned(),
            operation: "PutObject".to_owned(),
            containing: "manifest".to_owned(),
            skip,
            times,
        }
    }

    #[test]
    fn only_the_meant_calls_are_struck() {
        let disturbances = Disturbances::new(Arc::default());
        disturbances.arm(calls(1, 2), Disturbance::Before(Instead::Close));
        assert_eq!(
            disturbances.strike(&seen("notify", "t")),
            None,
            "another function"
        );
        let struck: Vec<bool> = (0..5)
            .map(|_| disturbances.strike(&seen("prune", "t")).is_some())
            .collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!(disturbances.struck(), 2);
    }

    #[test]
    fn expired_credentials_are_a_processs_own_and_last_until_they_are_lifted() {
        let disturbances = Disturbances::new(Arc::default());
        disturbances.arm(calls(0, 1), Disturbance::Expired { replaced: false });
        let is_refused = |token: &str| match disturbances.strike(&seen("prune", token)) {
            Some(Disturbance::Before(Instead::Error(error))) => error.code == "ExpiredToken",
            _ => false,
        };
        assert!(is_refused("first") && is_refused("first"));
        assert!(!is_refused("second"), "a new process has new ones");
        disturbances.lift();
        assert!(!is_refused("first"));
    }
}
