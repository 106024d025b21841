//! LZF streams: walked without decoding, or decoded with a bounded look-back.
//!
//! An instruction's first byte tells what it is (liblzf's `lzf_d.c` as in Valkey 9.1). Below 32 it begins a run of one
//! literal byte more than it says. Otherwise its upper three bits are a match's length less 2, where 7 means that one
//! more byte of length follows, and its lower five with the last byte are how far back the match begins, less 1.
//!
//! Both ways through a stream have a quick loop, which stops before anything that is cut or wrong, and a careful step
//! behind it, which alone refuses; so what is refused does not depend on where a piece ends.

use serde::{Deserialize, Serialize};

use crate::broken::Flaw;
use crate::hex::Wide;

/// A match begins at most this many bytes back, so decoding needs no more of what was decoded.
pub(crate) const WINDOW: usize = 1 << 13;

/// The longest run of literals; first bytes below it begin runs.
const RUN: usize = 32;

/// First bytes from here on begin matches with one more byte of length.
const LONG_MATCH: u8 = 7 << 5;

/// The longest match.
const MATCH: usize = 264;

/// Plain bytes that are made room for at once: few enough to be still in the first cache when they are written.
const CHUNK: usize = 1 << 13;

/// How far into an LZF stream the walk is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lzf {
    /// Bytes of the stream, and how many of them were taken.
    packed: Wide,
    taken: Wide,
    /// Bytes that it is announced to stand for, and how many of them were made.
    plain: Wide,
    made: Wide,
    /// Bytes of the run in hand that were not taken yet.
    literals: usize,
}

impl Lzf {
    /// A stream of `packed` bytes that is announced to stand for `plain` bytes.
    pub(crate) fn new(packed: u64, plain: u64) -> Self {
        Self {
            packed: Wide(packed),
            taken: Wide(0),
            plain: Wide(plain),
            made: Wide(0),
            literals: 0,
        }
    }

    /// Walks the stream without decoding it; gives how many of `bytes` were taken. What is not taken is the start of
    /// a match that is cut, or lies behind the stream.
    pub(crate) fn check(&mut self, bytes: &[u8]) -> Result<usize, Flaw> {
        let bytes = self.inside(bytes);
        let mut at = self.run(bytes).len();
        at += self.check_quickly(&bytes[at..]);
        while let Some(next) = self.next(&bytes[at..])? {
            at += self.begin(next);
            at += self.run(&bytes[at..]).len();
        }
        self.stop(at)
    }

    /// Walks the stream like [`Self::check`] and appends to `out` what it stands for, until that is about `room` bytes
    /// more. The caller keeps the last [`WINDOW`] decoded bytes in `out` (all, while they are fewer).
    pub(crate) fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>, room: usize) -> Result<usize, Flaw> {
        let bytes = self.inside(bytes);
        let full = out.len().saturating_add(room);
        let mut at = self.literals(bytes, out);
        loop {
            at += self.decode_quickly(&bytes[at..], out, full);
            if out.len() >= full {
                break;
            }
            let Some(next) = self.next(&bytes[at..])? else {
                break;
            };
            if next.distance > out.len() {
                return Err(self.reaches_too_far_back(next, out.len() as u64));
            }
            at += self.begin(next);
            if next.is_match() {
                let begin = out.len();
                out.resize(begin + next.length, 0);
                repeat(out, begin, next);
            } else {
                at += self.literals(&bytes[at..], out);
            }
        }
        self.stop(at)
    }

    /// Whether the stream is used up and stands for as many bytes as announced; one that ends otherwise is refused.
    pub(crate) fn is_over(&self) -> bool {
        self.taken == self.packed && self.made == self.plain
    }

    /// Whether a state from a cursor can be gone on with.
    pub(crate) fn is_plausible(&self) -> bool {
        let packed = self.packed.0.checked_sub(self.taken.0);
        let plain = self.plain.0.checked_sub(self.made.0);
        let (Some(packed), Some(plain)) = (packed, plain) else {
            return false;
        };
        let literals = self.literals as u64;
        self.literals <= RUN && literals <= packed && literals <= plain && (packed > 0 || plain == 0)
    }

    /// What of `bytes` belongs to the stream.
    fn inside<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let left = usize::try_from(self.packed.0 - self.taken.0).unwrap_or(usize::MAX);
        &bytes[..left.min(bytes.len())]
    }

    /// Takes what is there of the run in hand.
    fn run<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let run = &bytes[..self.literals.min(bytes.len())];
        self.literals -= run.len();
        self.taken.0 += run.len() as u64;
        self.made.0 += run.len() as u64;
        run
    }

    fn literals(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let run = self.run(bytes);
        out.extend_from_slice(run);
        run.len()
    }

    /// Goes into an instruction and gives how many bytes that takes; a match is made by it, a run's literals follow.
    fn begin(&mut self, next: Instruction) -> usize {
        let size = if next.is_match() {
            self.made.0 += next.length as u64;
            next.size
        } else {
            self.literals = next.length;
            1
        };
        self.taken.0 += size as u64;
        size
    }

    /// The next instruction, once all its bytes but a run's literals are there. Whether it fits into the stream shows
    /// in its first byte alone.
    fn next(&self, bytes: &[u8]) -> Result<Option<Instruction>, Flaw> {
        let Some(&first) = bytes.first() else {
            return Ok(None);
        };
        let mut head = [first, 0, 0];
        let size = Instruction::read(head).size;
        let left = self.packed.0 - self.taken.0;
        if size as u64 > left {
            return Err(self.flaw(&format!(
                "found an instruction of `{size}` bytes where `{left}` are left"
            )));
        }
        if usize::from(first) >= RUN {
            let Some(whole) = bytes.get(..size) else {
                return Ok(None);
            };
            head[..size].copy_from_slice(whole);
        }
        let next = Instruction::read(head);
        let (length, left) = (next.length, self.plain.0 - self.made.0);
        if length as u64 > left {
            return Err(self.flaw(&format!(
                "found an instruction for `{length}` bytes where `{left}` of the plain bytes are left"
            )));
        }
        if next.distance as u64 > self.made.0 {
            return Err(self.reaches_too_far_back(next, self.made.0));
        }
        Ok(Some(next))
    }

    /// Judges the end of the stream, if this is it.
    fn stop(&self, at: usize) -> Result<usize, Flaw> {
        if self.taken == self.packed && self.made != self.plain {
            let (made, plain) = (self.made.0, self.plain.0);
            return Err(self.flaw(&format!(
                "the stream ends after `{made}` plain bytes, announced were `{plain}`"
            )));
        }
        Ok(at)
    }

    #[cold]
    fn reaches_too_far_back(&self, next: Instruction, made: u64) -> Flaw {
        let distance = next.distance;
        self.flaw(&format!(
            "found a match that begins `{distance}` bytes back where only `{made}` were decoded"
        ))
    }

    #[cold]
    fn flaw(&self, what: &str) -> Flaw {
        let at = self.taken.0;
        Flaw::corrupt(format!("{what}, at byte `{at}` of an LZF stream"))
    }
}

/// One instruction.
#[derive(Debug, Clone, Copy)]
struct Instruction {
    /// Bytes that it takes in the stream, a run's literals among them.
    size: usize,
    /// Plain bytes that it makes.
    length: usize,
    /// How far back the match begins; 0 for a run of literals.
    distance: usize,
}

impl Instruction {
    /// Reads the first bytes of an instruction; what it does not have does not matter.
    #[inline]
    fn read(head: [u8; 3]) -> Self {
        let [first, second, third] = head.map(usize::from);
        if first < RUN {
            return Self {
                size: first + 2,
                length: first + 1,
                distance: 0,
            };
        }
        let (more, low) = if first >= usize::from(LONG_MATCH) {
            (Some(second), third)
        } else {
            (None, second)
        };
        Self {
            size: 2 + usize::from(more.is_some()),
            length: (first >> 5) + 2 + more.unwrap_or_default(),
            distance: ((first & 0x1f) << 8 | low) + 1,
        }
    }

    fn is_match(self) -> bool {
        self.distance > 0
    }
}

/// Writes a match at `begin`. One that is longer than it begins back repeats itself, and what is written doubles.
fn repeat(out: &mut [u8], begin: usize, next: Instruction) {
    let from = begin - next.distance;
    if next.distance == 1 {
        let byte = out[from];
        out[begin..begin + next.length].fill(byte);
        return;
    }
    let mut written = 0;
    while written < next.length {
        let size = (next.distance + written).min(next.length - written);
        out.copy_within(from..from + size, begin + written);
        written += size;
    }
}

mod quick;
#[cfg(test)]
mod tests;
