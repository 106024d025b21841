//! Where bytes live: a small store of immutable blobs, in memory or in a folder.

mod folder;

pub use folder::FolderBlobs;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Name of a blob: lower-case letters, digits, hyphens and at most one `/`, so that it is a path anywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlobId(String);

impl BlobId {
    /// The blob `name` of a group of blobs, such as a bucket.
    pub(crate) fn new(group: &str, name: &str) -> Self {
        Self(format!("{group}/{name}"))
    }

    /// The name as a relative path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An open blob: it stays readable when the object is overwritten or deleted meanwhile.
pub trait Blob: Debug + Send + Sync {
    /// Size in bytes.
    fn size(&self) -> u64;

    /// Exactly `length` bytes from `offset`, both in bytes; reading past the end is an error.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// A store of immutable blobs.
pub trait BlobStore: Debug + Send + Sync {
    /// Stores a blob; after a crash it is there whole or not at all.
    fn put(&self, id: &BlobId, bytes: &[u8]) -> io::Result<()>;

    /// Opens a blob without reading it.
    fn open(&self, id: &BlobId) -> io::Result<Arc<dyn Blob>>;

    /// Removes a blob; one that is not there is removed already.
    fn delete(&self, id: &BlobId) -> io::Result<()>;

    /// Shows people which blob is the current version of an object, or that there is none.
    fn show(&self, bucket: &str, key: &str, current: Option<&BlobId>) -> io::Result<()>;
}

/// Blobs in memory.
#[derive(Debug, Default)]
pub struct MemoryBlobs(Mutex<BTreeMap<BlobId, Arc<[u8]>>>);

impl Blob for Arc<[u8]> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.checked_add(length).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(self.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?.to_vec())
    }
}

impl MemoryBlobs {
    /// A store of its own with the same blobs.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self(Mutex::new(self.blobs().clone()))
    }

    fn blobs(&self) -> std::sync::MutexGuard<'_, BTreeMap<BlobId, Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobStore for MemoryBlobs {
    fn put(&self, id: &BlobId, bytes: &[u8]) -> io::Result<()> {
        self.blobs().insert(id.clone(), Arc::from(bytes));
        Ok(())
    }

    fn open(&self, id: &BlobId) -> io::Result<Arc<dyn Blob>> {
        let bytes = self.blobs().get(id).cloned();
        Ok(Arc::new(bytes.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, id.as_str().to_owned())
        })?))
    }

    fn delete(&self, id: &BlobId) -> io::Result<()> {
        self.blobs().remove(id);
        Ok(())
    }

    fn show(&self, _bucket: &str, _key: &str, _current: Option<&BlobId>) -> io::Result<()> {
        Ok(())
    }
}
