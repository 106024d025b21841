//! Listpacks: entries with a length behind each.
//!
//! A header of six bytes (total size, number of entries), the entries, the end mark `0xff`. An entry is an encoding
//! byte, for longer texts a length, the payload, and then the size of all that once more, so that a reader can go
//! backwards (listpack.c, `lpValidateIntegrity`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Sink, WHOLE, in_stages};
use crate::broken::Flaw;
use crate::hex::Wide;

#[cfg(test)]
mod tests;

const HEADER: usize = 6;
const END: u8 = 0xff;

/// The header's count when there are too many entries for it, or nobody counted them.
const UNCOUNTED: u16 = u16::MAX;

/// Walks one listpack in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listpack {
    size: Wide,
    /// Bytes taken so far; below 2^32 once the header was taken.
    at: u64,
    /// Number of entries the header names.
    announced: u16,
    seen: u64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    Header,
    Entries,
    /// Inside a text that is passed by counting, `left` bytes before the length behind it.
    Long {
        text: u64,
        head: u64,
        left: u64,
    },
    Over,
}

impl Listpack {
    /// A listpack of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            size: Wide(size),
            at: 0,
            announced: 0,
            seen: 0,
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
            return self.at == 0 && self.seen == 0;
        }
        let sized = size > HEADER as u64 && u32::try_from(size).is_ok();
        let counted = HEADER as u64 <= self.at && self.seen <= self.at;
        sized
            && counted
            && match self.stage {
                Stage::Header | Stage::Entries => self.at < size,
                Stage::Long { text, head, left } => {
                    let frames = matches!(head, 2 | 5) && text <= size && left <= text;
                    frames && self.at < size && left + narrow(head + text) as u64 <= size - 1 - self.at
                }
                Stage::Over => self.at == size,
            }
    }

    fn header(&mut self, bytes: &[u8]) -> Result<usize, Flaw> {
        let Wide(size) = self.size;
        if size <= HEADER as u64 {
            return Err(flaw(
                format_args!("expected at least `{}` bytes, found `{size}`", HEADER + 1),
                0,
            ));
        }
        let &[a, b, c, d, low, high, ..] = bytes else {
            return Ok(0);
        };
        let total = u32::from_le_bytes([a, b, c, d]);
        if u64::from(total) != size {
            return Err(flaw(
                format_args!("the header names `{total}` bytes, there are `{size}`"),
                0,
            ));
        }
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
            let mut seen = 0;
            while let Some((entry, used)) = usual(rest) {
                sink.entry(entry)?;
                rest = &rest[used..];
                seen += 1;
            }
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
        let Some((head, text)) = frame(bytes, left, at)? else {
            return Ok(0);
        };
        let size = head as u64 + text;
        if size + narrow(size) as u64 > left {
            let what =
                format_args!("an entry of `{size}` bytes does not fit into the `{left}` that are left");
            return Err(flaw(what, at));
        }
        let all = usize::try_from(size).ok().and_then(|to| bytes.get(head..to));
        if let Some(text) = all
            && let Some(width) = behind(&bytes[head + text.len()..], size, left - size, at + size)?
        {
            // Of what is all there, `usual` leaves anything but a long text only for a wrong length behind it.
            sink.entry(Entry::Text(text))?;
            self.seen += 1;
            return Ok(head + text.len() + width);
        }
        if text <= WHOLE as u64 {
            return Ok(0);
        }
        self.stage = Stage::Long {
            text,
            head: head as u64,
            left: text,
        };
        Ok(head)
    }

    /// Takes the end mark, which stands `left` bytes before its place.
    fn end(&mut self, left: u64, at: u64) -> Result<usize, Flaw> {
        if left != 0 {
            return Err(flaw(format_args!("`{left}` bytes follow the end mark"), at));
        }
        if self.announced != UNCOUNTED && u64::from(self.announced) != self.seen {
            let what = format_args!(
                "the header names `{}` entries, there are `{}`",
                self.announced, self.seen
            );
            return Err(flaw(what, at));
        }
        self.stage = Stage::Over;
        Ok(1)
    }

    /// Passes what is left of a long text and judges the length behind it.
    fn long(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        let Stage::Long { text, head, left } = self.stage else {
            return Ok(0);
        };
        let passed = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let left = left - passed as u64;
        self.stage = Stage::Long { text, head, left };
        if left > 0 {
            return Ok(passed);
        }
        let at = self.at + passed as u64;
        let Some(width) = behind(&bytes[passed..], head + text, self.size.0 - 1 - at, at)? else {
            return Ok(passed);
        };
        sink.entry(Entry::Long(text))?;
        self.seen += 1;
        self.stage = Stage::Entries;
        Ok(passed + width)
    }
}

/// Walks a listpack that is all there and has only [`usual`] entries. None where it is not, or anything but what an
/// entry means is wrong: then [`Listpack::walk`] says what.
#[inline]
pub(crate) fn walk_usual(bytes: &[u8], sink: &mut impl Sink) -> Option<Result<(), Flaw>> {
    let &[a, b, c, d, low, high, ref entries @ .., END] = bytes else {
        return None;
    };
    if usize::try_from(u32::from_le_bytes([a, b, c, d])) != Ok(bytes.len()) {
        return None;
    }
    let (mut rest, mut seen) = (entries, 0);
    while let Some((entry, used)) = usual(rest) {
        if let Err(flaw) = sink.entry(entry) {
            return Some(Err(flaw));
        }
        rest = &rest[used..];
        seen += 1;
    }
    let announced = u16::from_le_bytes([low, high]);
    let counted = announced == UNCOUNTED || u64::from(announced) == seen;
    (rest.is_empty() && counted).then_some(Ok(()))
}

/// The entry that `bytes` begin with and its size, if it is of the usual kinds, all there and well-formed.
#[expect(clippy::inline_always, reason = "an entry goes through memory otherwise")]
#[inline(always)]
fn usual(bytes: &[u8]) -> Option<(Entry<'_>, usize)> {
    let integer = |value: i64, size| Some((Entry::Integer(value), size));
    match *bytes {
        [value @ 0..=0x7f, 1, ..] => integer(value.into(), 2),
        [first @ 0x80..=0xbf, ref rest @ ..] => {
            let length = usize::from(first & 0x3f);
            let (text, behind) = rest.split_at_checked(length)?;
            let sound = behind
                .first()
                .is_some_and(|&size| usize::from(size) == length + 1);
            sound.then_some((Entry::Text(text), length + 2))
        }
        [high @ 0xc0..=0xdf, low, 2, ..] => integer(
            (i16::from_be_bytes([high << 3, 0]) >> 3 | i16::from(low)).into(),
            3,
        ),
        [high @ 0xe0..=0xef, low, ref rest @ ..] => {
            let length = u16::from_be_bytes([high & 0x0f, low]);
            let (text, behind) = rest.split_at_checked(length.into())?;
            let size = length + 2;
            let width = match *behind {
                [one @ 0..=0x7f, ..] if u16::from(one) == size => 1,
                [high @ 1..=0x7f, low @ 0x80..=0xff, ..]
                    if u16::from(high) << 7 | u16::from(low & 0x7f) == size =>
                {
                    2
                }
                _ => return None,
            };
            Some((Entry::Text(text), usize::from(size) + width))
        }
        [0xf1, a, b, 3, ..] => integer(i16::from_le_bytes([a, b]).into(), 4),
        [0xf2, a, b, c, 4, ..] => integer((i32::from_le_bytes([0, a, b, c]) >> 8).into(), 5),
        [0xf3, a, b, c, d, 5, ..] => integer(i32::from_le_bytes([a, b, c, d]).into(), 6),
        [0xf4, ref rest @ ..] => match rest.split_first_chunk() {
            Some((&bytes, &[9, ..])) => integer(i64::from_le_bytes(bytes), 10),
            _ => None,
        },
        _ => None,
    }
}

/// Sizes of the entry at `at`: of its encoding byte with the length behind it, and of what they announce. None when
/// the length is cut.
fn frame(bytes: &[u8], left: u64, at: u64) -> Result<Option<(usize, u64)>, Flaw> {
    let first = bytes[0];
    let head = match first {
        0..=0xdf | 0xf1..=0xf4 => 1,
        0xe0..=0xef => 2,
        0xf0 => 5,
        _ => {
            let what = format_args!("found the encoding byte `{first:#04x}`, which no entry begins with");
            return Err(flaw(what, at));
        }
    };
    if head as u64 > left {
        let what = format_args!("the length of a text does not fit into the `{left}` bytes that are left");
        return Err(flaw(what, at));
    }
    let payload = match *bytes {
        [0xe0..=0xef, low, ..] => u16::from_be_bytes([first & 0x0f, low]).into(),
        [0xf0, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]).into(),
        [0xe0..=0xf0, ..] => return Ok(None),
        [0..=0x7f, ..] => 0,
        [0x80..=0xbf, ..] => u64::from(first & 0x3f),
        [0xc0..=0xdf, ..] => 1,
        [0xf1..=0xf3, ..] => u64::from(first - 0xef),
        _ => 8,
    };
    Ok(Some((head, payload)))
}

/// Judges the length behind an entry of `size` bytes, with which `bytes` begin, and gives how many bytes it takes; none
/// when it is cut. There are `left` bytes before the end mark.
fn behind(bytes: &[u8], size: u64, left: u64, at: u64) -> Result<Option<usize>, Flaw> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let (expected, width) = backlen(size, first);
    let found = bytes.get(..width);
    if width as u64 > left || found.is_some_and(|found| found != &expected[..width]) {
        let what = format_args!("the length behind an entry of `{size}` bytes says something else");
        return Err(flaw(what, at));
    }
    Ok(found.map(<[u8]>::len))
}

/// The length behind an entry of `size` bytes if it is to begin with `first`, and how many bytes it takes: seven bits a
/// byte, the highest first, a set top bit in all but the first byte.
///
/// Sizes of nothing but ones take a byte more from engines before 2026, a zero in front (listpack.c,
/// `lpEncodeBacklen`; valkey-io/valkey pull request 3601, redis/redis pull request 15151). Each engine refuses the
/// other form, and files of both are sound.
fn backlen(size: u64, first: u8) -> ([u8; 5], usize) {
    let ones = matches!(size, 0x3fff | 0x1f_ffff | 0xfff_ffff);
    let width = narrow(size) + usize::from(ones && first == 0);
    let bytes = std::array::from_fn(|place| {
        let shift = 7 * width.saturating_sub(place + 1);
        let more = if place == 0 { 0 } else { 0x80 };
        (size >> shift).to_le_bytes()[0] & 0x7f | more
    });
    (bytes, width)
}

/// How many bytes of seven bits `size` takes.
fn narrow(size: u64) -> usize {
    match size {
        0..=0x7f => 1,
        0x80..=0x3fff => 2,
        0x4000..=0x1f_ffff => 3,
        0x20_0000..=0xfff_ffff => 4,
        _ => 5,
    }
}

#[cold]
fn flaw(what: fmt::Arguments<'_>, at: u64) -> Flaw {
    Flaw::corrupt(format!("{what}, at byte `{at}` of the listpack"))
}
