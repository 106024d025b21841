//! Lambda on this machine: the real function binaries behind a Lambda Runtime API.
//!
//! ```text
//! Host::invoke ─> pool of a function ─> Sandbox (one process, one request at a time, reused warm)
//!                                          ▲ next / response / error / init/error
//!                                          └── Runtime API, a loopback server for each process
//! ```
//!
//! Errors come out under the names that Step Functions shows for Lambda's own. Tampering with calls, for sweeps over
//! every state, is a decorator of its own.

mod failure;
mod host;
mod process;
mod processes;
mod runtime_api;
mod sandbox;
mod tamper;

pub(crate) use processes::Processes;

pub use host::{Activity, Host, HostConfig, HostError, Limits};
pub use tamper::{Tamper, Tampering};
