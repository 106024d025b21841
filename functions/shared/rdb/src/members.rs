//! Whether a value holds one of its entries twice, exactly and in bounded memory.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

/// Most entries of one value that are compared.
pub(crate) const ENTRIES: u64 = 4096;

/// Most bytes of one value in the file, and most plain bytes of its entries, that are compared.
pub(crate) const BYTES: usize = 1 << 20;

/// Up to this many entries share one word of the filter.
const FEW: usize = 12;

/// Words of the filter for more: 16 bits for each of [`ENTRIES`], each of which sets two, so that hardly any new entry
/// has to be looked for.
const WORDS: usize = 1024;

/// Texts of up to this many bytes are their own print.
const SHORT: usize = 16;

/// Marks that are compared at once.
const LANES: usize = 16;

/// The entries of one value: sets' members, hashes' fields, names and ids of a stream's groups.
///
/// What is told the same was compared whole, byte by byte. A filter tells most new entries without looking at the
/// others; it is seeded anew in each process, so that nobody can prepare a value that escapes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members {
    /// The long texts, one behind the other; behind the last one the text that is being taken.
    bytes: Vec<u8>,
    /// Where in `bytes` that text begins.
    start: usize,
    /// Bytes of all texts.
    size: u64,
    /// The entries, and once they are many a mark of each that tells it from nearly all others.
    entries: Vec<Entry>,
    marks: Vec<u32>,
    /// Most entries that are taken.
    room: u64,
    /// The entry that was claimed last: the next one mostly lies close behind.
    claimed: usize,
    /// The filter while there are few entries.
    word: u64,
    /// The filter for more; empty until it is needed.
    words: Vec<u64>,
    seed: Seed,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    print: Print,
    /// Where a long text begins.
    start: u32,
    /// Whether the entry was asked for by [`Members::claim`].
    claimed: bool,
}

/// What differs for different entries, but for long texts whose hashes collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Print {
    /// The integer, the bytes of a short text, or the hash of a long one.
    value: [u64; 2],
    /// Bytes of the text; [`INTEGER`] for an integer, in whichever way it is stored.
    length: u32,
}

const INTEGER: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct Seed {
    texts: RandomState,
    /// Odd, so that the upper bits of a product depend on all bits of a print (Dietzfelbinger's multiply-shift).
    factor: u64,
}

impl Default for Seed {
    fn default() -> Self {
        let texts = RandomState::default();
        let factor = texts.hash_one(WORDS) | 1;
        Self { texts, factor }
    }
}

impl Seed {
    /// A mark, of which any bits are as good as others.
    #[inline]
    fn mark(&self, print: Print) -> u32 {
        let [low, high] = print.value;
        let mixed = (high ^ u64::from(print.length)).wrapping_mul(self.factor) ^ low;
        let [.., a, b, c, d] = mixed.wrapping_mul(self.factor).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// The place of a mark in the filter: the index of its word, and its two bits there.
#[inline]
fn place(mark: u32) -> (usize, u64) {
    let bits = 1 << (mark >> 16 & 63) | 1 << (mark >> 10 & 63);
    ((mark >> 22) as usize, bits)
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    /// The value holds the same entry already.
    Twice,
    /// There are too many entries to compare.
    Full,
}

/// What is known of an entry that should be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claimed {
    Once,
    /// It was claimed before.
    Twice,
    /// There is no such entry.
    Unknown,
}

impl Members {
    /// Forgets all entries, and takes up to `room` new ones.
    #[inline]
    pub(crate) fn clear(&mut self, room: u64) {
        self.room = room;
        self.claimed = 0;
        self.entries.clear();
        self.marks.clear();
        self.bytes.clear();
        self.start = 0;
        self.size = 0;
        self.word = 0;
    }

    /// Adds a text that is at hand.
    #[inline]
    pub(crate) fn add(&mut self, text: &[u8]) -> Added {
        if !self.has_room(text.len() as u64) {
            return Added::Full;
        }
        self.size += text.len() as u64;
        match plain_print(text) {
            Some(print) => self.insert(print),
            None => self.add_long(text),
        }
    }

    fn add_long(&mut self, text: &[u8]) -> Added {
        let print = self.long_print(text);
        self.bytes.extend_from_slice(text);
        self.keep_long(print)
    }

    /// Adds the long text behind the others, and drops it again if it is not new.
    fn keep_long(&mut self, print: Print) -> Added {
        let added = self.insert(print);
        if added == Added::New {
            self.start = self.bytes.len();
        } else {
            self.bytes.truncate(self.start);
        }
        added
    }

    /// Adds an integer; a text with the same digits is the same entry.
    #[inline]
    pub(crate) fn add_integer(&mut self, value: i64) -> Added {
        self.insert(Print {
            value: [value.cast_unsigned(), 0],
            length: INTEGER,
        })
    }

    /// Where the bytes of the next text go; what lies there already is the look-back of its decoding.
    pub(crate) fn open(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether a text of that many bytes would still be compared.
    #[inline]
    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        (self.entries.len() as u64) < self.room && bytes <= BYTES as u64 && self.size + bytes <= BYTES as u64
    }

    /// Adds the text whose bytes were put behind the others.
    pub(crate) fn close(&mut self) -> Added {
        let text = &self.bytes[self.start..];
        if !self.has_room(text.len() as u64) {
            self.bytes.truncate(self.start);
            return Added::Full;
        }
        self.size += text.len() as u64;
        match plain_print(text) {
            None => self.keep_long(self.long_print(text)),
            Some(print) => {
                self.bytes.truncate(self.start);
                self.insert(print)
            }
        }
    }

    /// Looks for a text that was added, given in two parts, and marks it.
    pub(crate) fn claim(&mut self, parts: [&[u8]; 2]) -> Claimed {
        self.bytes.extend_from_slice(parts[0]);
        self.bytes.extend_from_slice(parts[1]);
        let text = &self.bytes[self.start..];
        let print = plain_print(text).unwrap_or_else(|| self.long_print(text));
        let found = self.find(print, self.seed.mark(print), self.claimed);
        self.claimed = found.unwrap_or(self.claimed);
        self.bytes.truncate(self.start);
        match found.and_then(|index| self.entries.get_mut(index)) {
            None => Claimed::Unknown,
            Some(entry) if entry.claimed => Claimed::Twice,
            Some(entry) => {
                entry.claimed = true;
                Claimed::Once
            }
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "what it takes goes through memory otherwise, for every member of a file"
    )]
    #[inline(always)]
    fn insert(&mut self, print: Print) -> Added {
        if self.entries.len() as u64 >= self.room {
            return Added::Full;
        }
        let mark = self.seed.mark(print);
        if self.may_hold(mark) && self.find(print, mark, 0).is_some() {
            return Added::Twice;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "no more than 1 MiB of texts are kept"
        )]
        let start = self.start as u32;
        if self.entries.len() >= FEW {
            self.marks.push(mark);
        }
        self.entries.push(Entry {
            print,
            start,
            claimed: false,
        });
        Added::New
    }

    /// Asks the filter, and puts the mark into it.
    #[inline]
    fn may_hold(&mut self, mark: u32) -> bool {
        let (place, bits) = place(mark);
        let word = if self.entries.len() < FEW {
            &mut self.word
        } else {
            if self.entries.len() == FEW {
                self.widen();
            }
            &mut self.words[place]
        };
        let held = *word & bits == bits;
        *word |= bits;
        held
    }

    /// Goes over to the filter for many entries.
    #[cold]
    fn widen(&mut self) {
        self.words.clear();
        self.words.resize(WORDS, 0);
        let Self {
            marks, entries, seed, ..
        } = self;
        marks.clear();
        marks.extend(entries.iter().map(|entry| seed.mark(entry.print)));
        for &mark in &self.marks {
            let (place, bits) = place(mark);
            self.words[place] |= bits;
        }
    }

    #[inline]
    fn long_print(&self, text: &[u8]) -> Print {
        Print {
            value: [self.seed.texts.hash_one(text), 0],
            length: u32::try_from(text.len()).unwrap_or(INTEGER),
        }
    }

    /// The entry that equals the one of that print, whose text, if it is long, is the one that is being taken. It is
    /// looked for from `first` on, and then before.
    fn find(&self, print: Print, mark: u32, first: usize) -> Option<usize> {
        if self.marks.is_empty() {
            return self.entries.iter().position(|entry| self.is_same(entry, print));
        }
        let first = first.min(self.marks.len()) / LANES * LANES;
        let (before, behind) = self.marks.split_at(first);
        let behind = (first..).step_by(LANES).zip(behind.chunks(LANES));
        let before = (0..).step_by(LANES).zip(before.chunks(LANES));
        // Counted, without an early end within the lanes, so that they are compared at once.
        let same = |lanes: &[u32]| lanes.iter().map(|&other| u32::from(other == mark)).sum::<u32>();
        let likely = behind.chain(before).filter(|(_, lanes)| same(lanes) > 0);
        likely
            .flat_map(|(index, lanes)| index..index + lanes.len())
            .find(|&index| {
                self.entries
                    .get(index)
                    .is_some_and(|entry| self.is_same(entry, print))
            })
    }

    fn is_same(&self, entry: &Entry, print: Print) -> bool {
        if entry.print != print {
            return false;
        }
        let (start, length) = (entry.start as usize, print.length as usize);
        let long = print.length != INTEGER && length > SHORT;
        !long || self.bytes.get(start..start + length) == self.bytes.get(self.start..)
    }
}

/// The print of a text that is short or the digits of an integer; none of others.
#[expect(
    clippy::inline_always,
    reason = "what it gives goes through memory otherwise, for every member of a file"
)]
#[inline(always)]
fn plain_print(text: &[u8]) -> Option<Print> {
    if let Some(b'0'..=b'9' | b'-') = text.first()
        && let Some(value) = integer(text)
    {
        return Some(Print {
            value: [value.cast_unsigned(), 0],
            length: INTEGER,
        });
    }
    // Both parts overlap where there are fewer bytes than two parts have: copies of a known size are no calls.
    let value = match *text {
        [] => [0; 2],
        [only] => [u64::from(only), 0],
        [first, .., last] if text.len() < 4 => [
            u64::from(first) | u64::from(last) << 8,
            u64::from(text[text.len() / 2]),
        ],
        _ if text.len() < 8 => {
            let part = |bytes: Option<&[u8; 4]>| bytes.map(|&bytes| u64::from(u32::from_le_bytes(bytes)));
            [part(text.first_chunk())?, part(text.last_chunk())?]
        }
        _ if text.len() <= SHORT => {
            let part = |bytes: Option<&[u8; 8]>| bytes.map(|&bytes| u64::from_le_bytes(bytes));
            [part(text.first_chunk())?, part(text.last_chunk())?]
        }
        _ => return None,
    };
    Some(Print {
        value,
        length: u32::try_from(text.len()).ok()?,
    })
}

/// The integer that engines would store for this text: its digits as they would be written, nothing else.
fn integer(text: &[u8]) -> Option<i64> {
    /// Digits and sign of the least integer.
    const LONGEST: usize = 20;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let canonical = match digits {
        [b'0'] => !negative,
        [b'1'..=b'9', ..] => text.len() <= LONGEST,
        _ => false,
    };
    let value = digits.iter().try_fold(0_u64, |value, digit| {
        let digit = u64::from(digit.wrapping_sub(b'0'));
        value.checked_mul(10)?.checked_add(digit).filter(|_| digit < 10)
    });
    match (negative, value?) {
        _ if !canonical => None,
        (false, value) => i64::try_from(value).ok(),
        (true, value) => 0_i64.checked_sub_unsigned(value),
    }
}

#[cfg(test)]
mod tests;
