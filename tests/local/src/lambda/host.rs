//! The functions: which there are, how many processes each has, and how one is called.

use crate::lambda::failure::Failure;
use crate::lambda::process::{Start, last_lines, log_path};
use crate::lambda::processes::Processes;
use crate::lambda::runtime_api;
use crate::lambda::sandbox::{Fate, Job, Link, Sandbox};
use serde_json::Value;
use sim::asl::TaskError;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Builder;

/// Longest answer of a synchronous invocation in bytes (Lambda quotas: 6 MB; the message of the service says 6291556).
const ANSWER_MAX: usize = 6_291_556;

/// What a function may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Real time per invocation.
    pub timeout: Duration,
    /// What the process is told it has, in MB; it is not enforced.
    pub memory_mb: u32,
    /// Processes at once; further calls wait.
    pub concurrency: usize,
}

impl Default for Limits {
    /// A minute, the smallest memory, and as many processes as a small machine bears.
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(1),
            memory_mb: 128,
            concurrency: 4,
        }
    }
}

/// What the functions are and where.
#[derive(Debug, Clone)]
pub struct HostConfig {
    /// Has a folder per function, each with a `bootstrap`.
    pub functions: PathBuf,
    /// Where each function's `<name>.log` goes.
    pub logs: PathBuf,
    /// The Region of ARNs and processes.
    pub region: String,
    /// Variables that every function gets.
    pub variables: BTreeMap<String, String>,
    /// Variables by function, which come in place of those that every function gets.
    pub variables_of: BTreeMap<String, BTreeMap<String, String>>,
    /// Limits of functions that `limits_of` does not name.
    pub limits: Limits,
    /// Limits by function.
    pub limits_of: BTreeMap<String, Limits>,
}

impl HostConfig {
    fn variables_of(&self, function: &str) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        variables.extend(self.variables_of.get(function).cloned().unwrap_or_default());
        variables
    }
}

/// Why the host cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Logs have nowhere to go.
    #[error("the log folder `{path}` cannot be made")]
    Logs {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// What a function did since the host was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// Processes started.
    pub cold_starts: u64,
    /// Calls taken.
    pub invocations: u64,
}

/// Runs functions.
#[derive(Debug)]
pub struct Host {
    config: HostConfig,
    processes: Arc<Processes>,
    pools: Mutex<BTreeMap<String, Arc<Pool>>>,
}

/// The processes of one function.
#[derive(Debug)]
struct Pool {
    function: String,
    limits: Limits,
    idle: Mutex<Vec<Sandbox>>,
    permits: Semaphore,
    cold_starts: AtomicU64,
    invocations: AtomicU64,
}

impl Host {
    /// Takes the functions as they are; processes start with the first call.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        std::fs::create_dir_all(&config.logs).map_err(|source| HostError::Logs {
            path: config.logs.clone(),
            source,
        })?;
        Ok(Self {
            config,
            processes: Arc::default(),
            pools: Mutex::default(),
        })
    }

    /// The ARN of a function of that name.
    pub fn arn(&self, function: &str) -> String {
        format!(
            "arn:aws:lambda:{}:{}:function:{function}",
            self.config.region,
            sim::world::ACCOUNT
        )
    }

    /// Calls a function by name or ARN and waits for its answer, as `Invoke` with `RequestResponse` does.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, TaskError> {
        self.call(function, payload, Fate::Spared).await
    }

    /// Calls a function whose process is killed this long after it took the work, unless it answered before.
    pub async fn invoke_and_kill(
        &self,
        function: &str,
        payload: &Value,
        after: Duration,
    ) -> Result<Value, TaskError> {
        self.call(function, payload, Fate::KilledAfter(after)).await
    }

    /// The processes that live, by their session tokens.
    pub(crate) fn processes(&self) -> Arc<Processes> {
        Arc::clone(&self.processes)
    }

    /// What a function did so far.
    pub fn activity(&self, function: &str) -> Activity {
        self.pools()
            .get(function)
            .map_or_else(Activity::default, |pool| Activity {
                cold_starts: pool.cold_starts.load(Ordering::Relaxed),
                invocations: pool.invocations.load(Ordering::Relaxed),
            })
    }

    /// The ids of a function's processes that wait for their next call.
    pub fn idle_processes(&self, function: &str) -> Vec<u32> {
        let pool = self.pools().get(function).cloned();
        pool.map_or_else(Vec::new, |pool| {
            pool.idle().iter().filter_map(Sandbox::process_id).collect()
        })
    }

    /// The last lines that a function's processes printed, oldest first.
    pub fn last_log_lines(&self, function: &str, count: usize) -> io::Result<Vec<String>> {
        last_lines(&log_path(&self.config.logs, function), count)
    }

    fn pools(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Pool>>> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self, function: &str) -> Arc<Pool> {
        let limits = self
            .config
            .limits_of
            .get(function)
            .copied()
            .unwrap_or(self.config.limits);
        let pool = || {
            Arc::new(Pool {
                function: function.to_owned(),
                limits,
                idle: Mutex::default(),
                permits: Semaphore::new(limits.concurrency.max(1)),
                cold_starts: AtomicU64::new(0),
                invocations: AtomicU64::new(0),
            })
        };
        Arc::clone(self.pools().entry(function.to_owned()).or_insert_with(pool))
    }

    async fn call(&self, function: &str, payload: &Value, fate: Fate) -> Result<Value, TaskError> {
        let name = function_name(function);
        let folder = self.config.functions.join(name);
        if !is_plain(name) || !folder.is_dir() {
            return Err(Failure::NoFunction { arn: self.arn(name) }.into());
        }
        let pool = self.pool(name);
        pool.invocations.fetch_add(1, Ordering::Relaxed);
        let job = Job {
            request_id: request_id(),
            payload: payload.to_string().into(),
            arn: self.arn(name),
            timeout: pool.limits.timeout,
        };
        Ok(self.run(&pool, &folder, job, fate).await?)
    }

    async fn run(&self, pool: &Pool, folder: &Path, job: Job, fate: Fate) -> Result<Value, Failure> {
        // The semaphore is never closed, so waiting for it cannot fail.
        let _permit = pool.permits.acquire().await.ok();
        let mut sandbox = match pool.take_idle() {
            Some(sandbox) => sandbox,
            None => self.start_process(pool, folder).await?,
        };
        let request_id = job.request_id.clone();
        let answered = sandbox.run(job, fate).await;
        // A process that reported an error is as usable as one that answered; a dead one is dropped at its next turn.
        let is_usable = matches!(answered, Ok(_) | Err(Failure::Reported(_))) && fate == Fate::Spared;
        if is_usable && !sandbox.is_retired() {
            pool.idle().push(sandbox);
        }
        let body = answered?;
        if body.len() > ANSWER_MAX {
            return Err(Failure::TooLarge { bytes: body.len() });
        }
        serde_json::from_slice(&body).map_err(|_| Failure::NotJson { request_id })
    }

    async fn start_process(&self, pool: &Pool, folder: &Path) -> Result<Sandbox, Failure> {
        let link = Link::new();
        let runtime_api = runtime_api::open(link.desk()).await.map_err(Failure::NoPort)?;
        let token = crate::wire::token(&pool.function);
        let leash = self.processes.enter(&token);
        let variables = self.config.variables_of(&pool.function);
        let start = Start {
            function: &pool.function,
            token: &token,
            folder,
            memory_mb: pool.limits.memory_mb,
            runtime_api: &runtime_api.address().to_string(),
            region: &self.config.region,
            variables: &variables,
            log: &log_path(&self.config.logs, &pool.function),
        };
        let child = start.spawn().map_err(|error| Failure::NoBootstrap {
            reason: format!("[{}]: {error}", folder.join("bootstrap").display()),
        })?;
        pool.cold_starts.fetch_add(1, Ordering::Relaxed);
        Ok(link.sandbox(child, runtime_api, leash))
    }
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Vec<Sandbox>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process that was used last, of those that live and are not to be replaced.
    fn take_idle(&self) -> Option<Sandbox> {
        let mut idle = self.idle();
        while let Some(mut sandbox) = idle.pop() {
            if sandbox.is_alive() && !sandbox.is_retired() {
                return Some(sandbox);
            }
        }
        None
    }
}

/// The name in an ARN with or without a qualifier, or the name itself.
fn function_name(function: &str) -> &str {
    let resource = function
        .split_once(":function:")
        .map_or(function, |(_, resource)| resource);
    resource.split(':').next().unwrap_or(resource)
}

/// Letters, digits, hyphens and underscores, as Lambda has it: no way out of the folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn request_id() -> String {
    Builder::from_random_bytes(fastrand::u128(..).to_be_bytes())
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_named_by_name_arn_or_qualified_arn() {
        let arn = "arn:aws:lambda:eu-west-1:000000000000:function:prune";
        for named in ["prune", arn, &format!("{arn}:$LATEST")] {
            assert_eq!(function_name(named), "prune");
        }
        assert!(!is_plain("../x"), "a name is no path");
        assert!(
            !is_plain(""),
            "an empty name would be the folder of all functions"
        );
    }
}
