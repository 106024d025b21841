//! The processes of functions by their session tokens, so that whoever sees a request can do something to its sender.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// What others can ask of a process's sandbox.
#[derive(Debug, Default)]
pub(crate) struct Leash {
    killed: Notify,
    retired: AtomicBool,
}

impl Leash {
    /// Waits until the process is to be killed.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    /// Whether the process is to get no further work.
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }
}

/// All processes that live.
#[derive(Debug, Default)]
pub(crate) struct Processes(Mutex<BTreeMap<String, Weak<Leash>>>);

impl Processes {
    /// Enters a process that is about to be started with this session token.
    pub(crate) fn enter(&self, token: &str) -> Arc<Leash> {
        let leash = Arc::new(Leash::default());
        let mut known = self.lock();
        known.retain(|_, leash| leash.strong_count() > 0);
        known.insert(token.to_owned(), Arc::downgrade(&leash));
        leash
    }

    /// Has the process killed with SIGKILL, as soon as its sandbox is scheduled. One that has ended is left alone.
    pub(crate) fn kill(&self, token: &str) {
        if let Some(leash) = self.leash(token) {
            // A permit is kept for a sandbox that does not wait at the moment.
            leash.killed.notify_one();
        }
    }

    /// Has the process get no work after the present one, as when Lambda replaces an execution environment.
    pub(crate) fn retire(&self, token: &str) {
        if let Some(leash) = self.leash(token) {
            leash.retired.store(true, Ordering::Relaxed);
        }
    }

    fn leash(&self, token: &str) -> Option<Arc<Leash>> {
        self.lock().get(token).and_then(Weak::upgrade)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Weak<Leash>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_as_long_as_its_sandbox_lives() {
        let processes = Processes::default();
        let leash = processes.enter("first");
        processes.retire("first");
        assert!(leash.is_retired());
        drop(leash);
        processes.kill("first");
        let second = processes.enter("second");
        assert!(!second.is_retired(), "another one's retirement");
        assert_eq!(processes.lock().len(), 1, "what has ended is forgotten");
    }

    #[tokio::test]
    async fn a_kill_is_kept_until_the_sandbox_looks() {
        let processes = Processes::default();
        let leash = processes.enter("first");
        processes.kill("first");
        leash.killed().await;
    }
}
