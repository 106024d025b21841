//! Where one invocation stopped and the next goes on.

use backup_core::snapshot::ExportedObject;
use backup_core::{Error, ErrorName};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};

/// The state of the whole judgement after exactly `offset` bytes: SHA-256, scanner, time spent.
///
/// At most 16 KiB as JSON, because it travels inside the state machine's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cursor {
    etag: String,
    sha256_state: String,
    millis: u64,
    scan: rdb::Cursor,
}

impl Cursor {
    /// The cursor after what `scanner` and `hash` were both fed.
    pub(crate) fn new(object: &ExportedObject, scanner: &rdb::Scanner, hash: &Sha256, millis: u64) -> Self {
        Self {
            etag: object.etag.clone(),
            sha256_state: base16ct::lower::encode_string(&hash.serialize()),
            millis,
            scan: scanner.cursor(),
        }
    }

    /// Bytes judged so far; the next byte to read.
    pub fn offset(&self) -> u64 {
        self.scan.offset()
    }

    /// Rebuilds scanner and hash for the same object; a cursor of another object or one that was changed is refused.
    pub(crate) fn restore(self, object: &ExportedObject) -> Result<(rdb::Scanner, Sha256, u64), Error> {
        let refused = |what: String| Error::new(ErrorName::InvalidInput, format!("`cursor` {what}"));
        if self.etag != object.etag {
            return Err(refused(format!(
                "is of the object with etag `{}`, not `{}`",
                self.etag, object.etag
            )));
        }
        if self.offset() >= object.size {
            let (offset, size) = (self.offset(), object.size);
            return Err(refused(format!(
                "has offset `{offset}`, allowed is less than the size `{size}`"
            )));
        }
        let mut state = SerializedState::<Sha256>::default();
        let hash = base16ct::lower::decode(&self.sha256_state, &mut state)
            .ok()
            .filter(|bytes| bytes.len() == SerializedState::<Sha256>::default().len())
            .map(<[u8]>::len)
            .and_then(|_| Sha256::deserialize(&state).ok())
            .ok_or_else(|| {
                refused("has a `sha256State` that is none; verify the object from its start".into())
            })?;
        let scanner = rdb::Scanner::resume(self.scan).map_err(|error| refused(error.to_string()))?;
        Ok((scanner, hash, self.millis))
    }
}
