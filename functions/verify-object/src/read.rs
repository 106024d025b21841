//! Reads the object in pieces, judges them in order, and stops in time.

use crate::digest::Digests;
use crate::{Cursor, Settings, checksum};
use backup_core::names::ObjectKey;
use backup_core::ports::{
    CallError, CallErrorKind, PinnedObject, ReadChecksum, ReadRange, ReadRangeParams, StoredChecksum,
};
use backup_core::snapshot::ExportedObject;
use backup_core::{Error, ErrorName};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use std::time::Duration;

/// Longest time kept back for handing out the cursor and for the GETs in flight.
const MARGIN_MAX: Duration = Duration::from_mins(1);

/// What is read, and by whom.
pub(crate) struct Place<'a, P> {
    pub(crate) ports: &'a P,
    pub(crate) key: &'a ObjectKey,
    pub(crate) object: &'a ExportedObject,
}

/// How far one invocation came.
pub(crate) enum Progress {
    /// Out of time.
    Stopped(Box<Cursor>),
    /// Read to the end, and sound.
    Judged(Box<Judged>),
}

/// What there is to say of a sound object.
pub(crate) struct Judged {
    pub(crate) verdict: rdb::Verdict,
    /// Lower-case hex.
    pub(crate) sha256: String,
    /// What S3 keeps.
    pub(crate) stored: Option<StoredChecksum>,
    /// Whether `stored` was compared, and is right.
    pub(crate) compared: bool,
    pub(crate) millis: u64,
}

/// Scanner and digests over one object; the digests may be ahead of the scanner.
pub(crate) struct Reader {
    pub(crate) scanner: rdb::Scanner,
    pub(crate) digests: Digests,
    pub(crate) stored: Option<StoredChecksum>,
    pub(crate) millis: u64,
}

impl Reader {
    /// At the first byte, knowing the checksum that S3 keeps.
    pub(crate) async fn start<P: ReadChecksum>(place: &Place<'_, P>, now: Timestamp) -> Result<Self, Error> {
        let object = place.object;
        let pinned = PinnedObject {
            key: place.key.clone(),
            etag: object.etag.clone(),
            version_id: object.version_id.clone(),
        };
        let stored = place.ports.stored_checksum(&pinned).await;
        let stored = stored.map_err(|error| changed(place.key, object, error))?;
        let options = rdb::Options::new(now.as_millisecond()).with_size(object.size);
        Ok(Self {
            scanner: rdb::Scanner::new(options),
            digests: Digests::new(stored.as_ref()),
            stored,
            millis: 0,
        })
    }

    /// Reads on, until the end or until a quarter of the time (a minute at most) is left and the cursor has moved.
    pub(crate) async fn read<P: ReadRange>(
        mut self,
        place: &Place<'_, P>,
        settings: Settings,
        remaining: impl Fn() -> Duration,
    ) -> Result<Progress, Error> {
        let (key, size) = (place.key, place.object.size);
        let at_first = remaining();
        let margin = (at_first / 4).min(MARGIN_MAX);
        let spent = |before: u64| before.saturating_add(millis(at_first.saturating_sub(remaining())));
        let stop = Stop::new(self.scanner.offset(), size);
        let pieces = pieces(self.scanner.offset(), size, settings.piece_bytes.max(1));
        let reads = pieces.map(|(start, length)| read_piece(place, start, length));
        let mut reads = stream::iter(reads).buffered(settings.pieces_in_flight.max(1));
        while let Some(piece) = reads.try_next().await? {
            let start = self.scanner.offset();
            self.scanner.feed(&piece).map_err(|broken| judge(key, &broken))?;
            self.digests.update(start, &piece);
            let may = stop.may(self.scanner.offset(), self.scanner.cursor_offset());
            if may && remaining() <= margin {
                let cursor = Cursor::new(place.object, &self, spent(self.millis));
                return Ok(Progress::Stopped(Box::new(cursor)));
            }
        }
        let millis = spent(self.millis);
        self.finish(key, millis).map(Box::new).map(Progress::Judged)
    }

    /// After the last byte: the structure first, because its refusal tells where, then the object's own checksum.
    fn finish(self, key: &ObjectKey, millis: u64) -> Result<Judged, Error> {
        let verdict = self.scanner.finish().map_err(|broken| judge(key, &broken))?;
        let sums = self.digests.finish();
        let compared = self
            .stored
            .as_ref()
            .map(|stored| checksum::compare(key, stored, &sums));
        Ok(Judged {
            verdict,
            sha256: base16ct::lower::encode_string(&sums.sha256),
            compared: compared.transpose()?.unwrap_or_default(),
            stored: self.stored,
            millis,
        })
    }
}

/// Decides where a call may stop: a call that makes no progress would be made again for ever.
///
/// What counts is the cursor's offset, not what was read: inside a value that is judged whole the cursor stays at its
/// start, so the call reads on until the value is over, however little time is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    began: u64,
    size: u64,
}

impl Stop {
    /// For a call whose cursor stood at `began`.
    pub(crate) fn new(began: u64, size: u64) -> Self {
        Self { began, size }
    }

    /// Whether a call that has read up to `read` may hand out a cursor at `cursor`; at the end it finishes instead.
    pub(crate) fn may(self, read: u64, cursor: u64) -> bool {
        cursor > self.began && read < self.size
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
    place: &Place<'_, P>,
    start: u64,
    length: u64,
) -> Result<bytes::Bytes, Error> {
    let Place { ports, key, object } = place;
    let params = ReadRangeParams {
        key: (*key).clone(),
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
