//! Where the bytes of a shard come from when a snapshot of it is made.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads a shard's data as a complete RDB file.
///
/// It is asked at `CreateSnapshot`; what it answers is kept with the snapshot. An error makes the snapshot end as
/// `failed`, with the text in the events.
pub trait ReadContent: Debug + Send + Sync {
    /// The RDB file as of now.
    fn read(&self) -> Result<Arc<[u8]>, String>;
}

/// Bytes that stay as they are.
#[derive(Debug, Clone)]
pub struct FixedContent(pub Arc<[u8]>);

impl FixedContent {
    /// A shared source of these bytes.
    pub fn shared(bytes: &[u8]) -> Arc<dyn ReadContent> {
        Arc::new(Self(Arc::from(bytes)))
    }
}

impl ReadContent for FixedContent {
    fn read(&self) -> Result<Arc<[u8]>, String> {
        Ok(Arc::clone(&self.0))
    }
}

/// A file, read afresh for each snapshot.
#[derive(Debug, Clone)]
pub struct FileContent(pub PathBuf);

impl ReadContent for FileContent {
    fn read(&self) -> Result<Arc<[u8]>, String> {
        std::fs::read(&self.0)
            .map(Arc::from)
            .map_err(|error| format!("cannot read `{}`: {error}", self.0.display()))
    }
}

/// The sources by content id. They are not saved: whoever loads a world attaches them again.
#[derive(Debug, Clone, Default)]
pub struct Contents(BTreeMap<String, Arc<dyn ReadContent>>);

impl Contents {
    /// Attaches, or replaces, the source of a content id.
    pub fn attach(&mut self, id: &str, source: Arc<dyn ReadContent>) {
        self.0.insert(id.to_owned(), source);
    }

    pub(crate) fn read(&self, id: &str) -> Result<Arc<[u8]>, String> {
        self.0
            .get(id)
            .ok_or_else(|| format!("no content is attached as `{id}`"))?
            .read()
    }
}
