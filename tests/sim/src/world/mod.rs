//! The fake AWS world: `ElastiCache`, S3 and SNS as one synchronous, deterministic model.
//!
//! A [`World`] has no clock, no sockets and no threads. Each operation takes `now`; jobs that take time (a snapshot, an
//! export) are settled lazily, at their own due time, by whatever call comes next. Port adapters drive it on virtual
//! time; the wire layer puts real protocols in front of it. It rejects what it does not model.
//!
//! It follows the project's fact sheet on `ElastiCache`. Points that nobody could confirm against a real account are
//! fields of [`elasticache::Assumptions`].

pub mod blobs;
pub mod content;
pub mod elasticache;
pub mod error;
pub mod faults;
mod ids;
pub mod log;
pub mod operation;
pub mod s3;
pub mod sns;

pub use blobs::{Blob, BlobStore, FolderBlobs, MemoryBlobs};
pub use content::{FileContent, FixedContent, ReadContent};
pub use error::{AwsError, CallError};
pub use faults::{ExportFault, Fault, SnapshotFault, When};
pub use operation::{Operation, Service};

use crate::world::blobs::BlobId;
use crate::world::content::Contents;
use crate::world::elasticache::{Assumptions, ElastiCache, Timings};
use crate::world::faults::Faults;
use crate::world::ids::Ids;
use crate::world::log::{Entry, Log};
use crate::world::s3::S3;
use crate::world::sns::Sns;
use jiff::{RoundMode, Timestamp, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tags or user metadata by key.
pub type Tags = BTreeMap<String, String>;

/// The account of the world: no real one has this number.
pub const ACCOUNT: &str = "000000000000";

/// What the world is like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The caller's account, which owns every cache and topic.
    pub account: String,
    /// The Region that answers.
    pub region: String,
    /// How long jobs take.
    pub timings: Timings,
    /// The unconfirmed points, as assumed.
    pub assumptions: Assumptions,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            account: ACCOUNT.to_owned(),
            region: "eu-west-1".to_owned(),
            timings: Timings::default(),
            assumptions: Assumptions::default(),
        }
    }
}

/// The whole of the fake AWS. Serializes to all that must survive a restart, save blobs and live contents.
#[derive(Debug, Serialize, Deserialize)]
pub struct World {
    /// What the world is like; may be changed between calls.
    pub config: Config,
    /// Armed faults.
    pub faults: Faults,
    /// What was called.
    pub log: Log,
    pub(crate) elasticache: ElastiCache,
    pub(crate) s3: S3,
    pub(crate) sns: Sns,
    pub(crate) ids: Ids,
    revision: u64,
    /// Where shards' data come from; to be attached again after loading.
    #[serde(skip)]
    pub contents: Contents,
    #[serde(skip, default = "memory_blobs")]
    pub(crate) blobs: Arc<dyn BlobStore>,
    /// Set while a call runs under [`Fault::Stale`].
    #[serde(skip)]
    pub(crate) stale: bool,
}

fn memory_blobs() -> Arc<dyn BlobStore> {
    Arc::new(MemoryBlobs::default())
}

/// The identity of one call: what faults and the log go by.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) argument: &'a str,
    pub(crate) now: Timestamp,
}

impl World {
    /// An empty world with its bytes in memory; the seed decides all opaque identifiers.
    pub fn new(config: Config, seed: u64) -> Self {
        Self::with_blobs(config, seed, memory_blobs())
    }

    /// An empty world with its bytes in the given store.
    pub fn with_blobs(config: Config, seed: u64, blobs: Arc<dyn BlobStore>) -> Self {
        Self {
            config,
            faults: Faults::default(),
            log: Log::default(),
            elasticache: ElastiCache::default(),
            s3: S3::default(),
            sns: Sns::default(),
            ids: Ids::new(seed),
            revision: 0,
            contents: Contents::default(),
            blobs,
            stale: false,
        }
    }

    /// Everything but blobs and live contents, as JSON.
    pub fn save(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// A world that was saved, with its blobs; the caller attaches the contents again.
    pub fn load(json: &str, blobs: Arc<dyn BlobStore>) -> serde_json::Result<Self> {
        let world: Self = serde_json::from_str(json)?;
        Ok(Self { blobs, ..world })
    }

    /// Grows whenever something worth saving has changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Arms a fault for the next `count` calls of an operation.
    pub fn arm(&mut self, operation: Operation, fault: Fault, count: u32) {
        self.faults.arm(operation, fault, When::next(count));
    }

    /// Settles every job that is due at `now`, each at its own due time.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some((due, job)) = self.elasticache.take_due(now) {
            self.settle(job, due);
            self.revision += 1;
        }
    }

    /// When the next job is due, if one is under way.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.elasticache.next_due()
    }

    /// The one way into every operation: faults, the clock, the log.
    pub(crate) fn call<T>(
        &mut self,
        call: &Call<'_>,
        run: impl FnOnce(&mut Self) -> Result<T, AwsError>,
    ) -> Result<T, CallError> {
        self.advance(call.now);
        let fault = self.faults.take_call(call.operation, call.argument);
        if let Some(error) = fault.as_ref().and_then(|fault| fault.before(call.operation)) {
            self.record(call, error.code(), false);
            return Err(error);
        }
        self.stale = fault == Some(Fault::Stale);
        let result = run(self);
        self.stale = false;
        let effective = result.is_ok();
        let replaced = fault.and_then(|fault| fault.after(call.operation));
        let answer = replaced.map_or_else(|| result.map_err(CallError::from), Err);
        self.record(
            call,
            answer.as_ref().map_or_else(CallError::code, |_| "ok"),
            effective,
        );
        answer
    }

    fn record(&mut self, call: &Call<'_>, answer: &str, effective: bool) {
        self.revision += u64::from(effective && call.operation.mutates());
        self.log.push(Entry {
            at: call.now,
            operation: call.operation,
            argument: call.argument.to_owned(),
            answer: answer.to_owned(),
            effective,
        });
    }

    /// An ARN of this account and Region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.config.region, self.config.account
        )
    }

    /// Stores bytes under a fresh name in a group of blobs.
    pub(crate) fn store(&mut self, group: &str, bytes: &[u8]) -> Result<BlobId, AwsError> {
        let id = BlobId::new(group, &format!("{:012}", self.ids.number()));
        self.blobs
            .put(&id, bytes)
            .map_err(|error| storage_failed(&error))?;
        Ok(id)
    }
}

/// A disk that fails is answered as AWS answers a failure of its own, with the reason for whoever runs the world.
pub(crate) fn storage_failed(error: &std::io::Error) -> AwsError {
    AwsError::new(
        500,
        "InternalError",
        format!("the world's blob store failed: {error}"),
    )
}

/// `SnapshotCreateTime` and S3's times have whole seconds (recorded answers).
pub(crate) fn whole_seconds(at: Timestamp) -> Timestamp {
    let floor = jiff::TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Floor);
    at.round(floor).unwrap_or(at)
}
