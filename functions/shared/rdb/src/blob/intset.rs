//! Intsets: sorted integers of one width.
//!
//! A header of eight bytes (width of an integer in bytes, number of them), then the integers, all little endian,
//! strictly ascending (intset.c, `intsetValidateIntegrity`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Sink};
use crate::broken::Flaw;
use crate::hex::Wide;

#[cfg(test)]
mod tests;

const HEADER: usize = 8;

/// Walks one intset in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Intset {
    size: Wide,
    /// Bytes taken so far; below 2^36 once the header was taken.
    at: u64,
    /// None before the header.
    width: Option<Width>,
    /// The bits of the integer before `at`; none before the first.
    previous: Option<Wide>,
}

/// Bytes of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Width {
    Two = 2,
    Four = 4,
    Eight = 8,
}

impl Intset {
    /// An intset of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            size: Wide(size),
            at: 0,
            width: None,
            previous: None,
        }
    }

    /// Takes what it can of `bytes` and says how many those are; what is left is to be presented again, with more
    /// behind it.
    pub(crate) fn walk(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Flaw> {
        let mut taken = 0;
        if self.width.is_none() {
            taken = self.header(bytes)?;
        }
        let rest = &bytes[taken..];
        let inside =
            usize::try_from(self.size.0 - self.at).map_or(rest, |end| rest.get(..end).unwrap_or(rest));
        let used = match self.width {
            None => 0,
            Some(Width::Two) => self.integers(inside, |raw| i16::from_le_bytes(raw).into(), sink)?,
            Some(Width::Four) => self.integers(inside, |raw| i32::from_le_bytes(raw).into(), sink)?,
            Some(Width::Eight) => self.integers(inside, i64::from_le_bytes, sink)?,
        };
        self.at += used as u64;
        Ok(taken + used)
    }

    /// Whether all integers were taken.
    pub(crate) fn is_over(&self) -> bool {
        self.width.is_some() && self.at == self.size.0
    }

    /// Whether a state that may come from anywhere can be gone on with.
    pub(crate) fn is_plausible(&self) -> bool {
        match self.width {
            None => self.at == 0 && self.previous.is_none(),
            Some(_) => HEADER as u64 <= self.at && self.at <= self.size.0,
        }
    }

    fn header(&mut self, bytes: &[u8]) -> Result<usize, Flaw> {
        let Wide(size) = self.size;
        if size < HEADER as u64 {
            return Err(flaw(
                format_args!("expected at least `{HEADER}` bytes, found `{size}`"),
                0,
            ));
        }
        let &[width, count, ..] = bytes.as_chunks().0 else {
            return Ok(0);
        };
        let width = match u32::from_le_bytes(width) {
            2 => Width::Two,
            4 => Width::Four,
            8 => Width::Eight,
            other => {
                let what = format_args!("expected integers of `2`, `4` or `8` bytes, found `{other}`");
                return Err(flaw(what, 0));
            }
        };
        let count = u32::from_le_bytes(count);
        if count == 0 {
            return Err(flaw(format_args!("expected at least one integer, found none"), 4));
        }
        if HEADER as u64 + u64::from(count) * width as u64 != size {
            let bytes = width as u64;
            let what = format_args!("`{count}` integers of `{bytes}` bytes do not fill a blob of `{size}`");
            return Err(flaw(what, 4));
        }
        self.width = Some(width);
        self.at = HEADER as u64;
        Ok(HEADER)
    }

    /// Takes all integers that are there.
    #[inline]
    fn integers<const N: usize>(
        &mut self,
        bytes: &[u8],
        value: impl Fn([u8; N]) -> i64,
        sink: &mut impl Sink,
    ) -> Result<usize, Flaw> {
        let (integers, _) = bytes.as_chunks();
        let mut previous = self.previous.map(|Wide(bits)| bits.cast_signed());
        for (place, &raw) in integers.iter().enumerate() {
            let value = value(raw);
            if previous.is_some_and(|previous| previous >= value) {
                let what = format_args!("an integer is not above the one before it");
                return Err(flaw(what, self.at + (place * N) as u64));
            }
            previous = Some(value);
            sink.entry(Entry::Integer(value))?;
        }
        self.previous = previous.map(|value| Wide(value.cast_unsigned()));
        Ok(integers.len() * N)
    }
}

#[cold]
fn flaw(what: fmt::Arguments<'_>, at: u64) -> Flaw {
    Flaw::corrupt(format!("{what}, at byte `{at}` of the intset"))
}
