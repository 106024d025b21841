//! The one crate that speaks to AWS: implements the ports of `backup-core` over the SDK, one file per service.
//!
//! It decides nothing. It carries a request out, reads every page of an answer, and tells a failure by wire
//! code, text and HTTP status, which `backup-core` judges in one place. Each service stands behind a feature
//! of its own, and all share one HTTPS client.

#![cfg_attr(
    test,
    allow(
        clippy::needless_raw_string_hashes,
        reason = "UPDATE_EXPECT=1 writes golden values with hashes"
    )
)]

mod config;
mod failure;

#[cfg(feature = "elasticache")]
mod elasticache;
#[cfg(any(feature = "elasticache", feature = "s3"))]
mod pages;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "sfn")]
mod sfn;
#[cfg(feature = "sns")]
mod sns;
#[cfg(test)]
mod testing;

pub use config::Aws;
