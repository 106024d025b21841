//! Small collections that are stored as one string: which there are, and what their entries must be.

pub(crate) mod entry;
pub(crate) mod intset;
pub(crate) mod listpack;
pub(crate) mod stream;
#[cfg(test)]
mod trial;
pub(crate) mod ziplist;
pub(crate) mod zipmap;

use serde::{Deserialize, Serialize};

use crate::broken::Flaw;
use crate::hex::Wide;
use crate::members::{Added, ENTRIES, Members};
use crate::token;
use entry::{Entry, Sink};
use intset::Intset;
use listpack::Listpack;
use stream::{Counts, Node};
use ziplist::Ziplist;
use zipmap::Zipmap;

/// Greatest expiry of a hash field on Redis in ms (ebuckets.h, `EB_EXPIRE_TIME_MAX`); one more means none.
pub(crate) const FIELD_EXPIRY_MAX: u64 = (1 << 48) - 1;

/// A small collection by its encoding and by what its entries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blob {
    Zipmap,
    Intset,
    ListZiplist,
    ZsetZiplist,
    HashZiplist,
    NodeZiplist,
    SetListpack,
    ZsetListpack,
    HashListpack,
    /// Field, value and expiry.
    HashTriples,
    NodeListpack,
    StreamListpack,
}

/// How its entries are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Listpack,
    Ziplist,
    Zipmap,
    Intset,
}

/// A walk of one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Listpack(Listpack),
    Ziplist(Ziplist),
    Zipmap(Zipmap),
    Intset(Intset),
}

/// How far the walk is through one blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlobWalk {
    encoding: Encoding,
    /// Entries so far.
    entries: Wide,
    /// What the entries of a stream's node said so far.
    node: Option<Node>,
}

/// What a blob holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) entries: u64,
    pub(crate) stream: Option<Counts>,
    /// Whether no entry could be there twice unseen.
    pub(crate) compared: bool,
}

impl Blob {
    pub(crate) fn name(self) -> &'static str {
        match self.family() {
            Family::Listpack => "a listpack",
            Family::Ziplist => "a ziplist",
            Family::Zipmap => "a zipmap",
            Family::Intset => "an intset",
        }
    }

    /// Whether its entries must differ from one another; an intset's are in order, which shows it.
    fn has_members(self) -> bool {
        matches!(self.rules(), [Rule::Member, ..])
    }

    /// What the entries that belong together are, one after the other.
    fn rules(self) -> &'static [Rule] {
        match self {
            Self::Intset | Self::ListZiplist | Self::NodeZiplist | Self::NodeListpack => &[Rule::Free],
            Self::SetListpack => &[Rule::Member],
            Self::Zipmap | Self::HashZiplist | Self::HashListpack => &[Rule::Member, Rule::Free],
            Self::ZsetZiplist | Self::ZsetListpack => &[Rule::Member, Rule::Score],
            Self::HashTriples => &[Rule::Member, Rule::Free, Rule::Expiry],
            Self::StreamListpack => &[Rule::Stream],
        }
    }

    /// Entries without which the value would be empty; nodes may be empty where the engines skip them.
    fn least_entries(self) -> u64 {
        match self {
            Self::NodeZiplist | Self::NodeListpack => 0,
            // The number of entries, of deleted ones and of fields.
            Self::StreamListpack => 3,
            _ => self.rules().len() as u64,
        }
    }

    /// Least size in bytes: header, end mark and the least entries, each as small as it can be.
    pub(crate) fn least(self) -> u64 {
        let (frame, entry) = match self.family() {
            Family::Listpack => (7, 2),
            Family::Ziplist => (11, 2),
            Family::Zipmap => (2, 1),
            Family::Intset => (8, 2),
        };
        // A zipmap's value has a byte of unused space before it.
        let unused = u64::from(self == Self::Zipmap);
        frame + entry * self.least_entries() + unused
    }

    fn family(self) -> Family {
        match self {
            Self::Zipmap => Family::Zipmap,
            Self::Intset => Family::Intset,
            Self::ListZiplist | Self::ZsetZiplist | Self::HashZiplist | Self::NodeZiplist => Family::Ziplist,
            Self::SetListpack
            | Self::ZsetListpack
            | Self::HashListpack
            | Self::HashTriples
            | Self::NodeListpack
            | Self::StreamListpack => Family::Listpack,
        }
    }

    fn start(self, size: u64) -> Encoding {
        match self.family() {
            Family::Listpack => Encoding::Listpack(Listpack::new(size)),
            Family::Ziplist => Encoding::Ziplist(Ziplist::new(size)),
            Family::Zipmap => Encoding::Zipmap(Zipmap::new(size)),
            Family::Intset => Encoding::Intset(Intset::new(size)),
        }
    }

    /// Judges a blob that is at hand from its first to its last byte.
    #[inline]
    pub(crate) fn judge(self, bytes: &[u8], members: &mut Members) -> Result<Found, Flaw> {
        if self.family() == Family::Listpack {
            let mut judge = Judge::new(self, Some(members));
            if let Some(walked) = listpack::walk_usual(bytes, &mut judge) {
                return walked.and_then(|()| judge.finish(self, true));
            }
        }
        self.judge_carefully(bytes, members)
    }

    fn judge_carefully(self, bytes: &[u8], members: &mut Members) -> Result<Found, Flaw> {
        let mut judge = Judge::new(self, Some(members));
        let mut encoding = self.start(bytes.len() as u64);
        encoding.walk(bytes, &mut judge)?;
        judge.finish(self, encoding.is_over())
    }
}

impl Encoding {
    fn walk(&mut self, bytes: &[u8], judge: &mut Judge<'_>) -> Result<usize, Flaw> {
        match self {
            Self::Listpack(listpack) => listpack.walk(bytes, judge),
            Self::Ziplist(ziplist) => ziplist.walk(bytes, judge),
            Self::Zipmap(zipmap) => zipmap.walk(bytes, judge),
            Self::Intset(intset) => intset.walk(bytes, judge),
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::Listpack(listpack) => listpack.is_over(),
            Self::Ziplist(ziplist) => ziplist.is_over(),
            Self::Zipmap(zipmap) => zipmap.is_over(),
            Self::Intset(intset) => intset.is_over(),
        }
    }

    fn is_plausible(&self) -> bool {
        match self {
            Self::Listpack(listpack) => listpack.is_plausible(),
            Self::Ziplist(ziplist) => ziplist.is_plausible(),
            Self::Zipmap(zipmap) => zipmap.is_plausible(),
            Self::Intset(intset) => intset.is_plausible(),
        }
    }
}

impl BlobWalk {
    pub(crate) fn new(blob: Blob, size: u64) -> Self {
        Self {
            encoding: blob.start(size),
            entries: Wide(0),
            node: (blob == Blob::StreamListpack).then(Node::new),
        }
    }

    /// Takes what it can of `bytes`, which follow what it took before, and gives how many. A blob that comes in pieces
    /// is too large to compare its members.
    pub(crate) fn walk(&mut self, blob: Blob, bytes: &[u8]) -> Result<usize, Flaw> {
        let mut judge = self.judge(blob);
        let taken = self.encoding.walk(bytes, &mut judge);
        (self.entries, self.node) = (Wide(judge.entries), judge.node);
        taken
    }

    /// Judges the whole once its last byte was taken.
    pub(crate) fn finish(&self, blob: Blob) -> Result<Found, Flaw> {
        self.judge(blob).finish(blob, self.encoding.is_over())
    }

    fn judge(&self, blob: Blob) -> Judge<'static> {
        let judge = Judge::new(blob, None);
        let due = usize::try_from(self.entries.0 % judge.rules.len() as u64);
        Judge {
            due: due.unwrap_or(0),
            entries: self.entries.0,
            node: self.node.clone(),
            ..judge
        }
    }

    /// Whether this state, which comes from a cursor, can belong to a blob of that sort with `left` bytes to come.
    pub(crate) fn is_plausible(&self, blob: Blob) -> bool {
        let same = std::mem::discriminant(&self.encoding) == std::mem::discriminant(&blob.start(0));
        same && self.encoding.is_plausible()
            && i64::try_from(self.entries.0).is_ok()
            && self.node.is_some() == (blob == Blob::StreamListpack)
            && self.node.as_ref().is_none_or(Node::is_plausible)
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Anything.
    Free,
    /// A member or field, which the value holds once.
    Member,
    Score,
    Expiry,
    /// A part of a stream's node.
    Stream,
}

/// Judges entries by what they are in their sort of blob.
struct Judge<'a> {
    rules: &'static [Rule],
    /// Index of the next entry's rule.
    due: usize,
    entries: u64,
    node: Option<Node>,
    /// What members are compared with; none where there are no members, or too many.
    members: Option<&'a mut Members>,
}

impl Sink for Judge<'_> {
    #[expect(
        clippy::inline_always,
        reason = "a call for each entry is a tenth of the scan of small collections"
    )]
    #[inline(always)]
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Flaw> {
        let rule = self.rules[self.due];
        self.entries += 1;
        self.due += 1;
        if self.due == self.rules.len() {
            self.due = 0;
        }
        match rule {
            Rule::Free => Ok(()),
            Rule::Member => self.member(entry),
            Rule::Score => score(entry),
            Rule::Expiry => expiry(entry),
            Rule::Stream => self.node.as_mut().map_or(Ok(()), |node| node.entry(entry)),
        }
    }
}

impl<'a> Judge<'a> {
    /// Before the first entry.
    #[inline]
    fn new(blob: Blob, members: Option<&'a mut Members>) -> Self {
        let mut members = members.filter(|_| blob.has_members());
        if let Some(members) = &mut members {
            members.clear(ENTRIES);
        }
        Self {
            rules: blob.rules(),
            due: 0,
            entries: 0,
            node: (blob == Blob::StreamListpack).then(Node::new),
            members,
        }
    }

    #[inline]
    fn member(&mut self, entry: Entry<'_>) -> Result<(), Flaw> {
        let Some(members) = &mut self.members else {
            return Ok(());
        };
        let added = match entry {
            Entry::Integer(value) => members.add_integer(value),
            Entry::Text(text) => members.add(text),
            Entry::Long(_) => Added::Full,
        };
        match added {
            Added::New => Ok(()),
            Added::Full => {
                self.members = None;
                Ok(())
            }
            Added::Twice => Err(twice()),
        }
    }

    #[inline]
    fn finish(&self, blob: Blob, over: bool) -> Result<Found, Flaw> {
        let (name, entries, together) = (blob.name(), self.entries, self.rules.len());
        if !over {
            return Err(Flaw::corrupt(format!("expected {name} to be complete")));
        }
        if self.due > 0 {
            return Err(Flaw::corrupt(format!(
                "expected groups of `{together}` entries in {name}, found `{entries}` entries"
            )));
        }
        if entries < blob.least_entries() {
            return Err(Flaw::corrupt("an empty collection, which no engine stores"));
        }
        Ok(Found {
            entries,
            stream: self.node.as_ref().map(Node::finish).transpose()?,
            compared: self.members.is_some() || !blob.has_members(),
        })
    }
}

/// Refuses an entry that its value holds already.
pub(crate) fn twice() -> Flaw {
    Flaw::corrupt("found a duplicate: the value holds the same member or field before")
}

/// Refuses a score that is no number, as text that no engine writes is.
#[inline]
fn score(entry: Entry<'_>) -> Result<(), Flaw> {
    match entry {
        Entry::Integer(_) => Ok(()),
        Entry::Text(text) => token::check_score(text),
        Entry::Long(_) => token::check_score(b""),
    }
}

fn expiry(entry: Entry<'_>) -> Result<(), Flaw> {
    match entry {
        Entry::Integer(at) if u64::try_from(at).is_ok_and(|at| at <= FIELD_EXPIRY_MAX) => Ok(()),
        Entry::Integer(at) => Err(Flaw::corrupt(format!("a hash field expires at `{at}`"))),
        Entry::Text(_) | Entry::Long(_) => Err(Flaw::corrupt(
            "expected a hash field's expiry as an integer, found text",
        )),
    }
}

#[cfg(test)]
mod tests;
