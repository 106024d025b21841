//! The contract: pieces in, verdict out.

use crc_fast::{CrcAlgorithm, Digest};
use serde::{Deserialize, Serialize};

use crate::broken::{Broken, Flaw};
use crate::cursor::{Cursor, CursorError};
use crate::tally::LARGEST;
use crate::token::LONGEST;
use crate::verdict::{Crc, Verdict};
use crate::walker::{Place, Walker};

/// Walk and CRC take turns on blocks of this size, so that the second finds the bytes in the processor's cache.
const BLOCK: usize = 64 * 1024;

/// What a scan is told beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Options {
    /// The instant at which expiries are judged, in ms since 1970.
    pub now_ms: i64,
    /// How many of the largest values to remember, at most 32; 10 unless said otherwise.
    pub largest: u8,
    /// Size of the file in bytes, where it is known: a length that reaches beyond it is then refused where it
    /// stands, not where the file ends.
    pub size: Option<u64>,
    /// Whether names of keys may appear in what is handed out; false unless asked for.
    #[serde(default)]
    pub names: bool,
}

/// An incremental scan of one file.
///
/// What it says does not depend on how the file is cut into pieces. After the first refusal every call repeats it.
/// Memory: a few KiB, whatever the file holds.
#[derive(Debug, Clone)]
pub struct Scanner {
    pub(crate) walker: Walker,
    pub(crate) crc: Digest,
    /// Bytes fed so far.
    fed: u64,
    /// The start of a token whose end has not been fed.
    held: Vec<u8>,
    /// Where a cursor leads to, and the CRC of what lies before.
    safe_at: u64,
    pub(crate) safe_crc: u64,
    pub(crate) broken: Option<Broken>,
}

impl Options {
    /// Options with the instant at which expiries are judged, in ms since 1970.
    pub fn new(now_ms: i64) -> Self {
        Self {
            now_ms,
            largest: 10,
            size: None,
            names: false,
        }
    }

    /// Remembers this many of the largest values, at most 32.
    #[must_use]
    pub fn with_largest(self, largest: u8) -> Self {
        Self {
            largest: largest.min(LARGEST),
            ..self
        }
    }

    /// Names the broken key and the keys of the largest values, also in cursors. Names are data: ask only where
    /// their reader may see them.
    #[must_use]
    pub fn with_names(self) -> Self {
        Self { names: true, ..self }
    }

    /// Tells the size of the file in bytes.
    #[must_use]
    pub fn with_size(self, size: u64) -> Self {
        Self {
            size: Some(size),
            ..self
        }
    }
}

impl Scanner {
    /// A scan at the start of a file.
    pub fn new(options: Options) -> Self {
        let options = options.with_largest(options.largest);
        Self::at(Walker::new(options), 0, 0, None)
    }

    pub(crate) fn at(walker: Walker, fed: u64, crc: u64, broken: Option<Broken>) -> Self {
        Self {
            walker,
            crc: Digest::new_with_init_state(CrcAlgorithm::Crc64Redis, crc),
            fed,
            held: Vec::new(),
            safe_at: fed,
            safe_crc: crc,
            broken,
        }
    }

    /// Goes on after the bytes that went into `cursor`. A cursor of another version, or one that was changed so that
    /// it contradicts itself, is refused.
    pub fn resume(cursor: Cursor) -> Result<Self, CursorError> {
        cursor.into_scanner()
    }

    /// The state at [`Scanner::cursor_offset`], from which another process goes on.
    ///
    /// Values are compared and unpacked in memory that no cursor carries. Within such a value the cursor is that of
    /// its beginning, so after [`Scanner::resume`] the file is fed from [`Cursor::offset`] on. That lies behind at
    /// most about 1 MiB, but for a compressed collection of more than that.
    pub fn cursor(&self) -> Cursor {
        Cursor::of(self)
    }

    /// Number of bytes fed so far.
    pub fn offset(&self) -> u64 {
        self.fed
    }

    /// The offset of the cursor that [`Scanner::cursor`] would give now: at most [`Scanner::offset`].
    pub fn cursor_offset(&self) -> u64 {
        match self.broken {
            None => self.safe_at,
            Some(_) => self.fed,
        }
    }

    /// Takes the next bytes of the file, any number of them.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        bytes.chunks(BLOCK).try_for_each(|block| match &self.broken {
            Some(broken) => Err(broken.clone()),
            None => self
                .block(block)
                .inspect_err(|broken| self.broken = Some(broken.clone())),
        })
    }

    /// Ends the scan: the file has no more bytes.
    pub fn finish(self) -> Result<Verdict, Broken> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        let walker = &self.walker;
        let (Place::End, Some(head)) = (walker.place, walker.head) else {
            return Err(self.cut_short());
        };
        let tally = &walker.tally;
        let (with_expiry, expired) = tally.expiries();
        Ok(Verdict {
            magic: head.magic,
            version: head.version,
            bytes: self.fed,
            crc: if walker.trailer.is_some_and(|crc| crc != 0) {
                Crc::Right
            } else {
                Crc::Absent
            },
            aux: tally.aux(),
            other_aux: tally.other_aux,
            keys: tally.keys,
            expires: with_expiry,
            expired,
            functions: tally.functions,
            databases: tally.databases(),
            other_databases: tally.other_databases(),
            types: tally.types(),
            encodings: tally.encodings(head.magic),
            largest: tally.largest(),
            not_checked: tally.not_checked,
        })
    }

    fn block(&mut self, block: &[u8]) -> Result<(), Broken> {
        let before = self.fed;
        self.fed += block.len() as u64;
        let rest = self.complete_token(block)?;
        let taken = self.walker.walk(rest)?;
        if self.walker.place != Place::End {
            self.held.extend_from_slice(&rest[taken..]);
        }
        let covered = self
            .walker
            .body_end
            .map_or(self.fed, |end| end.clamp(before, self.fed));
        let covered = usize::try_from(covered - before).unwrap_or(block.len());
        let safe_at = self.walker.safe_at();
        if safe_at > self.safe_at {
            // It moves only with what this block completes, so the bytes before it are at hand.
            let split = usize::try_from(safe_at.saturating_sub(before)).map_or(covered, |at| at.min(covered));
            self.crc.update(&block[..split]);
            (self.safe_at, self.safe_crc) = (safe_at, self.crc.get_state());
            self.crc.update(&block[split..covered]);
        } else {
            self.crc.update(&block[..covered]);
        }
        self.check_end()
    }

    /// Walks the token that earlier blocks left cut, as far as this block completes it; gives what is left of the
    /// block.
    fn complete_token<'a>(&mut self, block: &'a [u8]) -> Result<&'a [u8], Broken> {
        if self.held.is_empty() {
            return Ok(block);
        }
        let before = self.held.len();
        // One round, because no token is longer; nothing would be lost if one were.
        for more in block.chunks(LONGEST) {
            self.held.extend_from_slice(more);
            let taken = self.walker.walk(&self.held)?;
            if taken > 0 {
                self.held.clear();
                return Ok(&block[taken.saturating_sub(before).min(block.len())..]);
            }
        }
        Ok(&[])
    }

    /// Once the structure is over: the trailer must be right, and nothing may follow it.
    fn check_end(&self) -> Result<(), Broken> {
        if self.walker.place != Place::End {
            return Ok(());
        }
        let crc = self.crc.finalize();
        if let Some(trailer) = self
            .walker
            .trailer
            .filter(|&trailer| trailer != 0 && trailer != crc)
        {
            let meaning = format!("the trailer's CRC-64 is `{trailer:016x}`, that of the file `{crc:016x}`");
            let offset = self.walker.body_end.unwrap_or(self.walker.walked);
            return Err(Broken {
                offset,
                ..self.walker.broken(Flaw::corrupt(meaning))
            });
        }
        if self.fed > self.walker.walked {
            return Err(self.walker.broken(Flaw::corrupt(
                "found bytes behind the end of the file's structure",
            )));
        }
        Ok(())
    }

    fn cut_short(&self) -> Broken {
        let walker = &self.walker;
        let meaning = match walker.place {
            Place::Between | Place::End => "the file ends where a record or its end mark is due".to_owned(),
            Place::Header | Place::Trailer | Place::In(_) => {
                format!("the file ends within a `{}`", walker.whereabouts())
            }
        };
        Broken {
            offset: self.fed,
            ..walker.broken(Flaw::truncated(meaning))
        }
    }
}
