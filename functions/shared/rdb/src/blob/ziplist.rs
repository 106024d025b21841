//! Ziplists: entries with the length of the one before in front of each.
//!
//! A header of ten bytes (total size, offset of the last entry, number of entries), the entries, the end mark `0xff`.
//! An entry is the size of the entry before it in one byte, or in `0xfe` and four, then an encoding byte, for longer
//! texts more of the length, and the payload (ziplist.c, `ziplistValidateIntegrity`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Sink, WHOLE, in_stages};
use crate::broken::Flaw;
use crate::hex::Wide;

#[cfg(test)]
mod tests;

const HEADER: usize = 10;
const END: u8 = 0xff;

/// The first byte of a size that takes four more.
const WIDE_PREVIOUS: u8 = 0xfe;

/// The header's count when there are too many entries for it.
const UNCOUNTED: u16 = u16::MAX;

/// Walks one ziplist in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ziplist {
    size: Wide,
    /// Bytes taken so far; below 2^32 once the header was taken.
    at: u64,
    /// Offset of the last entry, as the header has it.
    tail: u32,
    /// Number of entries the header names.
    announced: u16,
    seen: u64,
    /// Size of the entry before `at`, 0 before the first.
    previous: u64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    Header,
    Entries,
    /// Inside a text that is passed by counting, `left` bytes before its end; `size` is that of its entry.
    Long {
        text: u64,
        size: u64,
        left: u64,
    },
    Over,
}

impl Ziplist {
    /// A ziplist of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            size: Wide(size),
            at: 0,
            tail: 0,
            announced: 0,
            seen: 0,
            previous: 0,
            stage: Stage::Header,
        }
    }

    /// Takes what it can of `bytes` and says how many those are; what is left is to be presented again, with more
    /// behind it.
    pub(crate) fn walk(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        in_stages(bytes, |rest| {
            let used = match self.stage {
                Stage::Header => self.header(rest)?,
                Stage::Entries => self.entries(rest, sink)?,
                Stage::Long { .. } => self.long(rest, sink)?,
                Stage::Over => 0,
            };
            self.at += used as u64;
            Ok(used)
        })
    }

    /// Whether the end mark was taken and everything fits together.
    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Whether a state that may come from anywhere can be gone on with.
    pub(crate) fn is_plausible(&self) -> bool {
        let Wide(size) = self.size;
        if self.stage == Stage::Header {
            return self.at == 0 && self.seen == 0 && self.previous == 0;
        }
        let sized = size > HEADER as u64 && u32::try_from(size).is_ok();
        let counted = HEADER as u64 <= self.at && self.seen <= self.at && self.previous <= self.at;
        sized
            && counted
            && match self.stage {
                Stage::Header | Stage::Entries => self.at < size,
                Stage::Long {
                    text,
                    size: all,
                    left,
                } => {
                    let begun = left <= text && text < all && all <= size;
                    begun && self.at < size && left < size - self.at && all <= self.at + left
                }
                Stage::Over => self.at == size,
            }
    }

    fn header(&mut self, bytes: &[u8]) -> Result<usize, Flaw> {
        let Wide(size) = self.size;
        if size <= HEADER as u64 {
            let what = format_args!("expected at least `{}` bytes, found `{size}`", HEADER + 1);
            return Err(flaw(what, 0));
        }
        let (&[total, tail, ..], Some(&[.., low, high])) =
            (bytes.as_chunks().0, bytes.first_chunk::<HEADER>())
        else {
            return Ok(0);
        };
        let total = u32::from_le_bytes(total);
        if u64::from(total) != size {
            let what = format_args!("the header names `{total}` bytes, there are `{size}`");
            return Err(flaw(what, 0));
        }
        self.tail = u32::from_le_bytes(tail);
        self.announced = u16::from_le_bytes([low, high]);
        self.stage = Stage::Entries;
        Ok(HEADER)
    }

    /// Takes entries until one is cut, the end mark was taken or a long text is begun.
    #[inline]
    fn entries(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        let before_end = self.size.0 - 1 - self.at;
        let inside = usize::try_from(before_end).map_or(bytes, |end| bytes.get(..end).unwrap_or(bytes));
        let mut taken = 0;
        while self.stage == Stage::Entries {
            let mut rest = &inside[taken..];
            let mut previous = self.previous;
            let mut seen = 0;
            while let Some((entry, used)) = usual(rest, previous) {
                sink.entry(entry)?;
                rest = &rest[used..];
                previous = used as u64;
                seen += 1;
            }
            self.previous = previous;
            self.seen += seen;
            taken = inside.len() - rest.len();
            let used = self.careful(&bytes[taken..], before_end - taken as u64, sink)?;
            if used == 0 {
                break;
            }
            taken += used;
        }
        Ok(taken)
    }

    /// Goes on where [`usual`] does not: at long texts, at the end mark, at what is cut or refused. There are `left`
    /// bytes before the place of the end mark.
    fn careful(&mut self, bytes: &[u8], left: u64, sink: &mut impl Sink) -> Result<usize, Flaw> {
        let at = self.size.0 - 1 - left;
        let Some(&first) = bytes.first() else {
            return Ok(0);
        };
        if first == END {
            return self.end(left, at);
        }
        if left == 0 {
            return Err(flaw(
                format_args!("expected the end mark, found another entry"),
                at,
            ));
        }
        let Some(before) = previous_size(bytes, left, self.previous, at)? else {
            return Ok(0);
        };
        let Some((head, text)) = frame(&bytes[before..], left - before as u64, at + before as u64)? else {
            return Ok(0);
        };
        let head = before + head;
        let size = head as u64 + text;
        if size > left {
            let what =
                format_args!("an entry of `{size}` bytes does not fit into the `{left}` that are left");
            return Err(flaw(what, at));
        }
        let all = usize::try_from(size).ok().and_then(|to| bytes.get(head..to));
        if let Some(text) = all {
            sink.entry(Entry::Text(text))?;
            self.seen += 1;
            self.previous = size;
            return Ok(head + text.len());
        }
        if text <= WHOLE as u64 {
            return Ok(0);
        }
        self.stage = Stage::Long {
            text,
            size,
            left: text,
        };
        Ok(head)
    }

    /// Takes the end mark, which stands `left` bytes before its place.
    fn end(&mut self, left: u64, at: u64) -> Result<usize, Flaw> {
        if left != 0 {
            return Err(flaw(format_args!("`{left}` bytes follow the end mark"), at));
        }
        let last = at - self.previous;
        if u64::from(self.tail) != last {
            let tail = self.tail;
            let what = format_args!("the header has the last entry at byte `{tail}`, it is at `{last}`");
            return Err(flaw(what, at));
        }
        if self.announced != UNCOUNTED && u64::from(self.announced) != self.seen {
            let (announced, seen) = (self.announced, self.seen);
            let what = format_args!("the header names `{announced}` entries, there are `{seen}`");
            return Err(flaw(what, at));
        }
        self.stage = Stage::Over;
        Ok(1)
    }

    /// Passes what is left of a long text.
    fn long(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        let Stage::Long { text, size, left } = self.stage else {
            return Ok(0);
        };
        let passed = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - passed as u64;
        self.stage = Stage::Long { text, size, left };
        if left == 0 {
            sink.entry(Entry::Long(text))?;
            self.seen += 1;
            self.previous = size;
            self.stage = Stage::Entries;
        }
        Ok(passed)
    }
}

/// The entry that `bytes` begin with and its size, if it is of the usual kinds, behind an entry of `previous` bytes, all there
/// and well-formed.
#[inline]
fn usual(bytes: &[u8], previous: u64) -> Option<(Entry<'_>, usize)> {
    let (before, rest) = match *bytes {
        [size @ 0..WIDE_PREVIOUS, ref rest @ ..] if u64::from(size) == previous => (1, rest),
        [WIDE_PREVIOUS, a, b, c, d, ref rest @ ..]
            if u64::from(u32::from_le_bytes([a, b, c, d])) == previous =>
        {
            (5, rest)
        }
        _ => return None,
    };
    let integer = |value: i64, size| Some((Entry::Integer(value), before + size));
    match *rest {
        [length @ 0..=0x3f, ref rest @ ..] => {
            let length = usize::from(length);
            Some((Entry::Text(rest.get(..length)?), before + 1 + length))
        }
        [high @ 0x40..=0x7f, low, ref rest @ ..] => {
            let length = u16::from_be_bytes([high & 0x3f, low]).into();
            Some((Entry::Text(rest.get(..length)?), before + 2 + length))
        }
        [0xc0, a, b, ..] => integer(i16::from_le_bytes([a, b]).into(), 3),
        [0xd0, a, b, c, d, ..] => integer(i32::from_le_bytes([a, b, c, d]).into(), 5),
        [0xe0, ref rest @ ..] => integer(i64::from_le_bytes(*rest.first_chunk()?), 9),
        [0xf0, a, b, c, ..] => integer((i32::from_le_bytes([0, a, b, c]) >> 8).into(), 4),
        [first @ 0xf1..=0xfd, ..] => integer((first - 0xf1).into(), 1),
        [0xfe, value, ..] => integer(i8::from_le_bytes([value]).into(), 2),
        _ => None,
    }
}

/// Judges the size of the entry before that at `at`, and gives how many bytes it is written in; none when it is cut.
fn previous_size(bytes: &[u8], left: u64, previous: u64, at: u64) -> Result<Option<usize>, Flaw> {
    let before = if bytes[0] == WIDE_PREVIOUS { 5 } else { 1 };
    if before as u64 >= left {
        let what = format_args!("the head of an entry does not fit into the `{left}` bytes that are left");
        return Err(flaw(what, at));
    }
    let found = match *bytes {
        [WIDE_PREVIOUS, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]),
        [WIDE_PREVIOUS, ..] => return Ok(None),
        _ => bytes[0].into(),
    };
    if u64::from(found) != previous {
        let what = format_args!("the entry before is said to take `{found}` bytes, it takes `{previous}`");
        return Err(flaw(what, at));
    }
    Ok(Some(before))
}

/// Sizes of what stands behind the size of the entry before: of the encoding byte with the length behind it, and of
/// what they announce. None when it is cut. There is at least one byte `left`.
fn frame(bytes: &[u8], left: u64, at: u64) -> Result<Option<(usize, u64)>, Flaw> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let head = match first {
        0..=0x3f | 0xc0 | 0xd0 | 0xe0 | 0xf0..=0xfe => 1,
        0x40..=0x7f => 2,
        0x80 => 5,
        _ => {
            let what = format_args!("found the encoding byte `{first:#04x}`, which no entry has");
            return Err(flaw(what, at));
        }
    };
    if head as u64 > left {
        let what = format_args!("the length of a text does not fit into the `{left}` bytes that are left");
        return Err(flaw(what, at));
    }
    let payload = match *bytes {
        [0x40..=0x7f, low, ..] => u16::from_be_bytes([first & 0x3f, low]).into(),
        [0x80, a, b, c, d, ..] => u32::from_be_bytes([a, b, c, d]).into(),
        [0x40..=0x80, ..] => return Ok(None),
        [0..=0x3f, ..] => first.into(),
        [0xc0, ..] => 2,
        [0xd0, ..] => 4,
        [0xe0, ..] => 8,
        [0xf0, ..] => 3,
        [0xfe, ..] => 1,
        _ => 0,
    };
    Ok(Some((head, payload)))
}

#[cold]
fn flaw(what: fmt::Arguments<'_>, at: u64) -> Flaw {
    Flaw::corrupt(format!("{what}, at byte `{at}` of the ziplist"))
}
