//! Zipmaps: the hashes of Redis before 2.6.
//!
//! A count of the pairs in one byte, the pairs, the end mark `0xff`. A field is its length (one byte, or `0xfe` and
//! four) and its bytes; a value is its length, the number of unused bytes behind it, its bytes and those unused ones
//! (zipmap.c, `zipmapValidateIntegrity`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Sink, WHOLE, in_stages};
use crate::broken::Flaw;
use crate::hex::Wide;

#[cfg(test)]
mod tests;

const END: u8 = 0xff;

/// The first byte of a length that takes four more. No shorter length is written that way.
const WIDE_LENGTH: u8 = 0xfe;

/// The count when there are or were too many pairs for it.
const UNCOUNTED: u8 = 0xfe;

/// Walks one zipmap in pieces; a field and its value are handed out one after the other, both as texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Zipmap {
    size: Wide,
    /// Bytes taken so far.
    at: u64,
    /// Number of pairs the first byte names.
    announced: u8,
    /// Values handed out.
    seen: u64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    Count,
    Field,
    Value,
    /// Inside a text that is passed by counting, `left` bytes before its end.
    Long {
        text: u32,
        left: u32,
        behind: Behind,
    },
    /// Before this many unused bytes.
    Unused(u8),
    Over,
}

/// What follows a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Behind {
    Value,
    /// This many unused bytes, then a field or the end.
    Unused(u8),
}

impl Zipmap {
    /// A zipmap of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            size: Wide(size),
            at: 0,
            announced: 0,
            seen: 0,
            stage: Stage::Count,
        }
    }

    /// Takes what it can of `bytes` and says how many those are; what is left is to be presented again, with more
    /// behind it.
    pub(crate) fn walk(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        in_stages(bytes, |rest| {
            let used = match self.stage {
                Stage::Count => self.count(rest)?,
                Stage::Field if rest.first() == Some(&END) => self.end()?,
                Stage::Field | Stage::Value => self.text(rest, sink)?,
                Stage::Long { .. } => self.long(rest, sink)?,
                Stage::Unused(left) => self.unused(rest, left),
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
        if self.stage == Stage::Count {
            return self.at == 0 && self.seen == 0;
        }
        let end_mark = u64::from(!self.is_over());
        let before_end = self
            .size
            .0
            .checked_sub(self.at)
            .and_then(|left| left.checked_sub(end_mark));
        let Some(before_end) = before_end else {
            return false;
        };
        let counted = self.at > 0 && self.seen <= self.at;
        counted
            && match self.stage {
                Stage::Count | Stage::Field | Stage::Value => true,
                Stage::Long { text, left, behind } => {
                    left <= text && u64::from(left) + behind.unused() <= before_end
                }
                Stage::Unused(left) => u64::from(left) <= before_end,
                Stage::Over => before_end == 0,
            }
    }

    fn count(&mut self, bytes: &[u8]) -> Result<usize, Flaw> {
        let Wide(size) = self.size;
        if size < 2 {
            return Err(flaw(
                format_args!("expected at least `2` bytes, found `{size}`"),
                0,
            ));
        }
        let Some(&announced) = bytes.first() else {
            return Ok(0);
        };
        self.announced = announced;
        self.stage = Stage::Field;
        Ok(1)
    }

    /// Takes the head of a field or a value, and the text behind it unless that is long and cut.
    fn text(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        let Some((head, text, behind)) = self.head(bytes)? else {
            return Ok(0);
        };
        let left = self.before_end();
        let size = head as u64 + u64::from(text) + behind.unused();
        if size > left {
            let what = format_args!(
                "a text of `{size}` bytes with its head does not fit into the `{left}` that are left"
            );
            return Err(flaw(what, self.at));
        }
        let all = usize::try_from(text)
            .ok()
            .and_then(|text| bytes[head..].get(..text));
        if let Some(all) = all {
            self.give(Entry::Text(all), behind, sink)?;
            return Ok(head + all.len());
        }
        if u64::from(text) <= WHOLE as u64 {
            return Ok(0);
        }
        self.stage = Stage::Long {
            text,
            left: text,
            behind,
        };
        Ok(head)
    }

    /// The size of a head, the length of the text it announces and what follows that; none when it is cut.
    fn head(&self, bytes: &[u8]) -> Result<Option<(usize, u32, Behind)>, Flaw> {
        let left = self.before_end();
        let Some(&first) = bytes.first() else {
            return Ok(None);
        };
        let is_value = self.stage == Stage::Value;
        if first == END {
            return Err(flaw(format_args!("expected a value, found an end mark"), self.at));
        }
        if left == 0 {
            return Err(flaw(
                format_args!("expected the end mark, found another text"),
                self.at,
            ));
        }
        let size = if first == WIDE_LENGTH { 5 } else { 1 } + usize::from(is_value);
        if size as u64 > left {
            let what = format_args!("the head of a text does not fit into the `{left}` bytes that are left");
            return Err(flaw(what, self.at));
        }
        let Some(head) = bytes.get(..size) else {
            return Ok(None);
        };
        let text = match *head {
            [WIDE_LENGTH, a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]),
            _ => first.into(),
        };
        if first == WIDE_LENGTH && text < WIDE_LENGTH.into() {
            let what = format_args!("the length `{text}` is written in five bytes, it belongs into one");
            return Err(flaw(what, self.at));
        }
        let behind = if is_value {
            Behind::Unused(head[size - 1])
        } else {
            Behind::Value
        };
        Ok(Some((size, text, behind)))
    }

    /// Passes what is left of a long text.
    fn long(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        let Stage::Long { text, left, behind } = self.stage else {
            return Ok(0);
        };
        let passed = u32::try_from(bytes.len()).map_or(left, |there| left.min(there));
        let left = left - passed;
        self.stage = Stage::Long { text, left, behind };
        if left == 0 {
            self.give(Entry::Long(text.into()), behind, sink)?;
        }
        Ok(passed as usize)
    }

    fn give(&mut self, entry: Entry<'_>, behind: Behind, sink: &mut impl Sink) -> Result<(), Flaw> {
        sink.entry(entry)?;
        self.stage = match behind {
            Behind::Value => Stage::Value,
            Behind::Unused(0) => Stage::Field,
            Behind::Unused(unused) => Stage::Unused(unused),
        };
        self.seen += u64::from(behind != Behind::Value);
        Ok(())
    }

    fn unused(&mut self, bytes: &[u8], left: u8) -> usize {
        let passed = u8::try_from(bytes.len()).map_or(left, |there| left.min(there));
        self.stage = match left - passed {
            0 => Stage::Field,
            left => Stage::Unused(left),
        };
        passed.into()
    }

    fn end(&mut self) -> Result<usize, Flaw> {
        let left = self.before_end();
        if left != 0 {
            return Err(flaw(format_args!("`{left}` bytes follow the end mark"), self.at));
        }
        let (announced, seen) = (self.announced, self.seen);
        if seen == 0 {
            return Err(flaw(
                format_args!("expected at least one pair, found none"),
                self.at,
            ));
        }
        if announced != UNCOUNTED && u64::from(announced) != seen {
            let what = format_args!("the first byte names `{announced}` pairs, there are `{seen}`");
            return Err(flaw(what, self.at));
        }
        self.stage = Stage::Over;
        Ok(1)
    }

    /// Number of bytes before the place of the end mark.
    fn before_end(&self) -> u64 {
        self.size.0 - 1 - self.at
    }
}

impl Behind {
    fn unused(self) -> u64 {
        match self {
            Self::Value => 0,
            Self::Unused(unused) => unused.into(),
        }
    }
}

#[cold]
fn flaw(what: fmt::Arguments<'_>, at: u64) -> Flaw {
    Flaw::corrupt(format!("{what}, at byte `{at}` of the zipmap"))
}
