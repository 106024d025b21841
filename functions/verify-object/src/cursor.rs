//! Where one invocation stopped and the next goes on.

use crate::digest::Digests;
use crate::read::Reader;
use backup_core::ports::StoredChecksum;
use backup_core::snapshot::ExportedObject;
use backup_core::{Error, ErrorName};
use rdb::CursorError;
use serde::{Deserialize, Serialize};

/// The state of the whole judgement: scanner, digests, the object's own checksum, time spent.
///
/// The scanner's state may lie before what was read: the next invocation reads from [`Cursor::offset`] on and gives
/// the digests only what they do not cover yet. At most 16 KiB as JSON, because it travels inside the state
/// machine's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cursor {
    etag: String,
    /// Bytes that the digests cover; all before the scanner's offset where a cursor of 0.1.0 does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hashed: Option<u64>,
    sha256_state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crc_state: Option<String>,
    /// What S3 keeps, as the first invocation found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<StoredChecksum>,
    millis: u64,
    scan: Scan,
}

/// The scanner's state; one that another version of the scanner wrote may look like anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Scan {
    Known(Box<rdb::Cursor>),
    Other(serde_json::Value),
}

impl Cursor {
    /// Where `reader` can be gone on with.
    pub(crate) fn new(object: &ExportedObject, reader: &Reader, millis: u64) -> Self {
        let Reader { scanner, digests, .. } = reader;
        Self {
            etag: object.etag.clone(),
            hashed: Some(digests.hashed()),
            sha256_state: digests.sha256_state(),
            crc_state: digests.crc_state(),
            checksum: reader.stored.clone(),
            millis,
            scan: Scan::Known(Box::new(scanner.cursor())),
        }
    }

    /// Bytes judged so far; the next byte to read.
    pub fn offset(&self) -> u64 {
        match &self.scan {
            Scan::Known(scan) => scan.offset(),
            Scan::Other(scan) => scan["offset"].as_u64().unwrap_or_default(),
        }
    }

    /// Rebuilds the reader for the same object; a cursor of another object or one that was changed is refused.
    ///
    /// `None` where another version of the scanner wrote it: a run that was under way when the functions were
    /// deployed anew, or was re-driven after, reads the object from its start.
    pub(crate) fn restore(self, object: &ExportedObject) -> Result<Option<Reader>, Error> {
        let refused = |what: String| Error::new(ErrorName::InvalidInput, format!("`cursor` {what}"));
        if self.etag != object.etag {
            return Err(refused(format!(
                "is of the object with etag `{}`, not `{}`",
                self.etag, object.etag
            )));
        }
        let (offset, size) = (self.offset(), object.size);
        let Some(scanner) = self.scan.resume().map_err(refused)? else {
            tracing::warn!(
                shard = object.shard,
                offset,
                "the cursor is of another version: starting over"
            );
            return Ok(None);
        };
        if offset >= size {
            return Err(refused(format!(
                "has offset `{offset}`, allowed is less than the size `{size}`"
            )));
        }
        let hashed = self.hashed.unwrap_or(offset);
        if !(offset..=size).contains(&hashed) {
            return Err(refused(format!(
                "has hashed `{hashed}` bytes, allowed is from its offset `{offset}` to the size `{size}`"
            )));
        }
        let (stored, crc_state) = (self.checksum, self.crc_state.as_deref());
        let digests = Digests::restore(hashed, &self.sha256_state, stored.as_ref(), crc_state)
            .ok_or_else(|| refused("has the state of a digest that is none; start a new run".into()))?;
        Ok(Some(Reader {
            scanner,
            digests,
            stored,
            millis: self.millis,
        }))
    }
}

impl Scan {
    /// The scanner; `None` where another version wrote the state, and why it is none where this one did.
    fn resume(self) -> Result<Option<rdb::Scanner>, String> {
        match self {
            Self::Known(scan) => match rdb::Scanner::resume(*scan) {
                Ok(scanner) => Ok(Some(scanner)),
                Err(CursorError::Version { .. }) => Ok(None),
                Err(error) => Err(error.to_string()),
            },
            Self::Other(scan) if scan["version"] == rdb::CURSOR_VERSION => {
                Err("has a `scan` that no scanner left; start a new run".into())
            }
            Self::Other(_) => Ok(None),
        }
    }
}
