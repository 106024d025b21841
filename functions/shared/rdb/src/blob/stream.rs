//! What the entries of a stream's listpack mean.
//!
//! A node begins with its master entry: how many records live in it, how many are deleted, the names of the fields
//! that its first record had, and a zero. Then follow the records: flags, the two differences of its identifier to the
//! node's, its own field names unless it has the master's, the values, and how many entries all that was (`t_stream.c`
//! of Valkey 9.1; `streamValidateListpackIntegrity` with deep checks is the least that is asked for here).

use serde::{Deserialize, Serialize};

use crate::blob::entry::{Entry, Sink};
use crate::broken::Flaw;
use crate::hex::Wide;

/// The flags of a record (stream.h, `STREAM_ITEM_FLAG_*`); there are no others.
const DELETED: i64 = 1;
const SAME_FIELDS: i64 = 2;

/// Entries of a record besides its values: flags and two differences; with fields of its own also their number.
const FRAME: u64 = 3;
const FRAME_WITH_FIELDS: u64 = 4;

/// How far into a stream's node the walk is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    /// Field names and values to pass before the next number.
    pass: Wide,
    /// The number that comes next.
    next: Number,
    /// Records that the master entry announces.
    live: Wide,
    deleted: Wide,
    /// Fields of the master entry.
    fields: Wide,
    /// Whole records so far, and how many were begun that are flagged as deleted.
    records: Wide,
    flagged: Wide,
    /// Whether the record in hand has the master's fields.
    same_fields: bool,
    /// Entries of the record in hand before the number that tells them.
    entries: Wide,
}

/// The numbers of a node, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Number {
    Live,
    Deleted,
    Fields,
    Zero,
    Flags,
    Milliseconds,
    Sequence,
    OwnFields,
    Entries,
}

/// What a whole node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Records that a reader of the stream is given.
    pub(crate) live: u64,
    /// Records that are still stored, but flagged as deleted.
    pub(crate) deleted: u64,
}

impl Sink for Node {
    #[inline]
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Flaw> {
        if self.pass.0 > 0 {
            self.pass.0 -= 1;
            return Ok(());
        }
        let found = match entry {
            Entry::Integer(number) => return self.number(number),
            Entry::Text(text) => match integer(text) {
                Some(number) => return self.number(number),
                None => text.len() as u64,
            },
            Entry::Long(length) => length,
        };
        let expected = self.next.name();
        Err(self.flaw(&format!("expected {expected}, found a text of `{found}` bytes")))
    }
}

impl Node {
    /// A node of which nothing was read.
    pub(crate) fn new() -> Self {
        Self {
            pass: Wide(0),
            next: Number::Live,
            live: Wide(0),
            deleted: Wide(0),
            fields: Wide(0),
            records: Wide(0),
            flagged: Wide(0),
            same_fields: false,
            entries: Wide(0),
        }
    }

    /// Judges the node once its listpack is walked.
    pub(crate) fn finish(&self) -> Result<Counts, Flaw> {
        if self.next != Number::Flags {
            let (expected, pass) = (self.next.name(), self.pass.0);
            return Err(self.flaw(&format!(
                "its listpack ends `{pass}` names and values before {expected}"
            )));
        }
        let (live, deleted) = (self.live.0, self.deleted.0);
        if self.records.0 != live + deleted {
            return Err(self.flaw(&format!(
                "its listpack ends, announced were `{live}` live records and `{deleted}` deleted ones"
            )));
        }
        let flagged = self.flagged.0;
        if flagged != deleted {
            return Err(self.flaw(&format!(
                "`{flagged}` records are flagged as deleted, announced were `{deleted}`"
            )));
        }
        Ok(Counts { live, deleted })
    }

    /// Whether a state from a cursor can be gone on with.
    pub(crate) fn is_plausible(&self) -> bool {
        let counts = [self.live, self.deleted, self.fields];
        if counts.iter().any(|count| i64::try_from(count.0).is_err()) {
            return false;
        }
        // The master's counts are known once its zero is waited for.
        let begun = self.records.0.checked_add(u64::from(self.next.is_in_record()));
        begun.is_some_and(|begun| begun <= self.live.0 + self.deleted.0 && self.flagged.0 <= begun)
            && self.flagged.0 <= self.deleted.0
    }

    /// Takes the number that comes next.
    fn number(&mut self, number: i64) -> Result<(), Flaw> {
        self.next = match self.next {
            Number::Live => {
                self.live = self.count(number)?;
                Number::Deleted
            }
            Number::Deleted => {
                self.deleted = self.count(number)?;
                Number::Fields
            }
            Number::Fields => {
                self.fields = self.count(number)?;
                self.pass = self.fields;
                Number::Zero
            }
            Number::Zero => {
                self.must_be(0, number)?;
                Number::Flags
            }
            Number::Flags => {
                self.flags(number)?;
                Number::Milliseconds
            }
            Number::Milliseconds => Number::Sequence,
            Number::Sequence if self.same_fields => {
                self.pass = self.fields;
                self.entries = Wide(self.fields.0 + FRAME);
                Number::Entries
            }
            Number::Sequence => Number::OwnFields,
            Number::OwnFields => {
                // A name and a value each; more than all bytes of a file need no exact number.
                self.pass = Wide(self.count(number)?.0.saturating_mul(2));
                self.entries = Wide(self.pass.0.saturating_add(FRAME_WITH_FIELDS));
                Number::Entries
            }
            Number::Entries => {
                self.must_be(self.entries.0, number)?;
                self.records.0 += 1;
                Number::Flags
            }
        };
        Ok(())
    }

    /// Begins a record.
    fn flags(&mut self, flags: i64) -> Result<(), Flaw> {
        let (live, deleted) = (self.live.0, self.deleted.0);
        if self.records.0 >= live + deleted {
            return Err(self.flaw(&format!(
                "found an entry behind the `{live}` live records and `{deleted}` deleted ones announced"
            )));
        }
        if flags & !(DELETED | SAME_FIELDS) != 0 {
            return Err(self.flaw(&format!(
                "found the flags `{flags}`, of which only 1 and 2 are known"
            )));
        }
        if flags & DELETED != 0 {
            if self.flagged == self.deleted {
                return Err(self.flaw(&format!(
                    "found one more record flagged as deleted than the `{deleted}` announced"
                )));
            }
            self.flagged.0 += 1;
        }
        self.same_fields = flags & SAME_FIELDS != 0;
        Ok(())
    }

    fn count(&self, number: i64) -> Result<Wide, Flaw> {
        u64::try_from(number).map(Wide).map_err(|_| {
            let expected = self.next.name();
            self.flaw(&format!("found `{number}` as {expected}"))
        })
    }

    fn must_be(&self, right: u64, number: i64) -> Result<(), Flaw> {
        if u64::try_from(number) == Ok(right) {
            return Ok(());
        }
        let expected = self.next.name();
        Err(self.flaw(&format!("expected `{right}` as {expected}, found `{number}`")))
    }

    #[cold]
    fn flaw(&self, what: &str) -> Flaw {
        let record = self.records.0;
        Flaw::corrupt(format!(
            "{what}, after `{record}` whole records of a stream's node"
        ))
    }
}

impl Number {
    fn name(self) -> &'static str {
        match self {
            Self::Live => "the number of live records",
            Self::Deleted => "the number of deleted records",
            Self::Fields => "the number of the master entry's fields",
            Self::Zero => "the end of the master entry",
            Self::Flags => "a record's flags",
            Self::Milliseconds => "a record's milliseconds",
            Self::Sequence => "a record's sequence number",
            Self::OwnFields => "the number of a record's fields",
            Self::Entries => "the number of a record's entries",
        }
    }

    fn is_in_record(self) -> bool {
        matches!(
            self,
            Self::Milliseconds | Self::Sequence | Self::OwnFields | Self::Entries
        )
    }
}

/// A number that is stored as digits: no engine writes it so, every engine reads it (listpack.c,
/// `lpGetIntegerIfValid`), if they are the digits that it would write.
fn integer(text: &[u8]) -> Option<i64> {
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number.to_string().as_bytes() == text).then_some(number)
}

#[cfg(test)]
mod tests;
