//! Reads the object in pieces, judges them in order, and stops in time.

use crate::{Cursor, Settings};
use backup_core::names::ObjectKey;
use backup_core::ports::{CallError, CallErrorKind, ReadRange, ReadRangeParams};
use backup_core::snapshot::ExportedObject;
use backup_core::{Error, ErrorName};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Longest time kept back for handing out the cursor and for the GETs in flight.
const MARGIN_MAX: Duration = Duration::from_mins(1);

/// How far one invocation came.
pub(crate) enum Progress {
    /// Out of time.
    Stopped(Box<Cursor>),
    /// Read to the end, and sound.
    Judged {
        verdict: Box<rdb::Verdict>,
        sha256: String,
        millis: u64,
    },
}

/// Scanner and hash, always fed the same bytes.
pub(crate) struct Reader {
    scanner: rdb::Scanner,
    hash: Sha256,
    millis: u64,
}

impl Reader {
    /// At the first byte.
    pub(crate) fn start(object: &ExportedObject, now: Timestamp) -> Self {
        let options = rdb::Options::new(now.as_millisecond()).with_size(object.size);
        Self {
            scanner: rdb::Scanner::new(options),
            hash: Sha256::new(),
            millis: 0,
        }
    }

    /// Where an earlier invocation stopped.
    pub(crate) fn resume(object: &ExportedObject, cursor: Cursor) -> Result<Self, Error> {
        let (scanner, hash, millis) = cursor.restore(object)?;
        Ok(Self {
            scanner,
            hash,
            millis,
        })
    }

    /// Reads on, until the end or until a quarter of the time (a minute at most) is left.
    ///
    /// The first piece is always judged: a call that makes no progress would be called for ever.
    pub(crate) async fn read<P: ReadRange>(
        mut self,
        ports: &P,
        settings: Settings,
        key: &ObjectKey,
        object: &ExportedObject,
        remaining: impl Fn() -> Duration,
    ) -> Result<Progress, Error> {
        let at_first = remaining();
        let margin = (at_first / 4).min(MARGIN_MAX);
        let spent = |before: u64| before.saturating_add(millis(at_first.saturating_sub(remaining())));
        let pieces = pieces(self.scanner.offset(), object.size, settings.piece_bytes.max(1));
        let reads = pieces.map(|(start, length)| read_piece(ports, key, object, start, length));
        let mut reads = stream::iter(reads).buffered(settings.pieces_in_flight.max(1));
        while let Some(piece) = reads.try_next().await? {
            self.scanner.feed(&piece).map_err(|broken| judge(key, &broken))?;
            self.hash.update(&piece);
            if self.scanner.offset() < object.size && remaining() <= margin {
                let cursor = Cursor::new(object, &self.scanner, &self.hash, spent(self.millis));
                return Ok(Progress::Stopped(Box::new(cursor)));
            }
        }
        let verdict = self.scanner.finish().map_err(|broken| judge(key, &broken))?;
        let sha256 = base16ct::lower::encode_string(&self.hash.finalize());
        Ok(Progress::Judged {
            verdict: Box::new(verdict),
            sha256,
            millis: spent(self.millis),
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The first piece of a call, in bytes. What shares the line with it is small as well, so that a call makes
/// progress on a slow line or with little time; each piece after it is twice as long until the full length.
const FIRST_PIECE: u64 = 256 << 10;

/// Start and length of each piece from `offset` to `size`.
pub(crate) fn pieces(offset: u64, size: u64, piece: u64) -> impl Iterator<Item = (u64, u64)> {
    let first = (offset, piece.min(FIRST_PIECE));
    let next = move |(start, length): &(u64, u64)| {
        Some((start.checked_add(*length)?, length.saturating_mul(2).min(piece)))
    };
    let all = std::iter::successors(Some(first), next);
    all.take_while(move |(start, _)| *start < size)
        .map(move |(start, length)| (start, length.min(size - start)))
}

async fn read_piece<P: ReadRange>(
    ports: &P,
    key: &ObjectKey,
    object: &ExportedObject,
    start: u64,
    length: u64,
) -> Result<bytes::Bytes, Error> {
    let params = ReadRangeParams {
        key: key.clone(),
        etag: object.etag.clone(),
        version_id: object.version_id.clone(),
        start,
        length,
    };
    let piece = ports
        .read_range(&params)
        .await
        .map_err(|error| changed(key, object, error))?;
    if piece.len() as u64 == length {
        return Ok(piece);
    }
    // A body cut on its way looks whole to the scanner until its end; the next attempt reads it again.
    let text = format!(
        "`{key}` gave `{}` bytes from `{start}` on instead of `{length}`",
        piece.len()
    );
    Err(Error::new(ErrorName::ServiceUnavailable, text))
}

/// A pinned read that finds another object, or none, says that the export is no longer what it was.
fn changed(key: &ObjectKey, object: &ExportedObject, error: CallError) -> Error {
    match error.kind {
        CallErrorKind::PreconditionFailed | CallErrorKind::NotFound => Error {
            name: ErrorName::ObjectChanged,
            message: format!(
                "`{key}` is no longer the object with etag `{}` that the export left; find out who wrote or \
                 deleted it, then start a new run",
                object.etag
            ),
            source: Some(error),
        },
        _ => error.into(),
    }
}

fn judge(key: &ObjectKey, broken: &rdb::Broken) -> Error {
    let name = match broken.kind {
        rdb::BrokenKind::Corrupt | rdb::BrokenKind::Truncated => ErrorName::Corrupt,
        rdb::BrokenKind::Unsupported | rdb::BrokenKind::NotJudgeable => ErrorName::NotVerifiable,
    };
    Error::new(name, format!("`{key}` is {broken}"))
}
