//! The common cases without a step through the table for each token: what lies whole in one piece.
//!
//! Nothing is decided here that `walker` would decide otherwise: whatever is cut, unusual or wrong is left to it, from
//! the token on at which it stands.

use crate::blob::Blob;
use crate::field::{Raw, Role};
use crate::layout::{self, Op};
use crate::lzf::Lzf;
use crate::members::{Added, BYTES};
use crate::tally::Done;
use crate::token::{self, Text};
use crate::verdict::Kind;
use crate::walker::{Frame, Place, Walker};

/// The opcode in front of a key that expires at an instant in ms.
const EXPIRY_MS: u8 = 252;

/// A string that is all there.
struct Whole<'a> {
    stored: Stored<'a>,
    /// Bytes of header and payload.
    used: usize,
}

enum Stored<'a> {
    Raw(&'a [u8]),
    Integer(i32),
    /// An LZF stream and the number of bytes it stands for.
    Packed(&'a [u8], u64),
}

impl Walker {
    /// Takes whole records, or whole steps through a collection, and gives the bytes taken.
    pub(crate) fn quick(&mut self, rest: &[u8]) -> usize {
        let within = self
            .options
            .size
            .is_none_or(|size| rest.len() as u64 <= size.saturating_sub(self.walked));
        if self.content.is_some() || self.options.names || !within {
            return 0;
        }
        match self.place {
            Place::Between => self.records(rest),
            Place::In(_) => self.rounds(rest),
            Place::Header | Place::Trailer | Place::End => 0,
        }
    }

    fn records(&mut self, rest: &[u8]) -> usize {
        let mut taken = 0;
        while let Some(used) = self.record(&rest[taken..]) {
            taken += used;
            self.walked += used as u64;
            if self.place != Place::Between {
                break;
            }
        }
        taken
    }

    /// Takes a key with its value, or a key up to its value if that is a collection of strings.
    fn record(&mut self, rest: &[u8]) -> Option<usize> {
        let (&byte, behind) = rest.split_first()?;
        if byte == EXPIRY_MS {
            let at = token::fixed(behind).filter(|_| self.record.expired.is_none())?;
            self.record.expired = Some(i64::from_le_bytes(at) < self.options.now_ms);
            return Some(9);
        }
        let layout = layout::of_value(self.head?.magic, byte)?;
        let (kind, [Op::Text(Role::Key), value, ..]) = (layout.kind?, layout.ops) else {
            return None;
        };
        let key = whole(behind)?;
        key.is_sound().then_some(())?;
        let before = 1 + key.used;
        match value {
            Op::Text(Role::Free) => {
                let value = whole(&rest[before..])?;
                value.is_sound().then_some(())?;
                self.key_done(kind, byte, value.used as u64);
                Some(before + value.used)
            }
            Op::Text(Role::Blob(blob)) => {
                let value = whole(&rest[before..])?;
                self.blob(*blob, &value)?;
                self.key_done(kind, byte, value.used as u64);
                Some(before + value.used)
            }
            _ => {
                self.record.begin_value(kind, byte, self.walked + before as u64);
                self.place = Place::In(byte);
                self.frames.push(Frame {
                    step: 1,
                    ..Frame::new(layout.ops, 1, 0)
                });
                Some(before)
            }
        }
    }

    fn blob(&mut self, blob: Blob, value: &Whole<'_>) -> Option<()> {
        let fits = |size: u64| size <= BYTES as u64 && size >= blob.least();
        let found = match value.stored {
            Stored::Raw(bytes) if fits(bytes.len() as u64) => blob.judge(bytes, &mut self.members),
            Stored::Packed(stream, plain) if fits(plain) => {
                self.gathered.clear();
                let unpacked =
                    Lzf::new(stream.len() as u64, plain).decode(stream, &mut self.gathered, usize::MAX);
                unpacked.and_then(|_| blob.judge(&self.gathered, &mut self.members))
            }
            _ => return None,
        };
        self.record.found(blob, found.ok()?);
        Some(())
    }

    #[inline]
    fn key_done(&mut self, kind: Kind, rdb_type: u8, bytes: u64) {
        self.tally.key_done(Done {
            kind,
            rdb_type,
            bytes,
            expired: self.record.expired,
            largest: self.options.largest,
            given_up: self.record.given_up,
            name: None,
        });
        self.record.key_done();
    }

    /// Takes steps of the innermost body, round after round.
    fn rounds(&mut self, rest: &[u8]) -> usize {
        let Some(&Frame {
            ops,
            mut step,
            mut rounds,
            ..
        }) = self.frames.last()
        else {
            return 0;
        };
        let mut taken = 0;
        while let Some(used) = ops.get(step).and_then(|op| self.op(op, &rest[taken..])) {
            taken += used;
            self.walked += used as u64;
            step += 1;
            if step == ops.len() && rounds > 1 {
                step = 0;
                rounds -= 1;
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            (frame.step, frame.rounds) = (step, rounds);
        }
        taken
    }

    #[inline]
    fn op(&mut self, op: &Op, rest: &[u8]) -> Option<usize> {
        match op {
            Op::Text(Role::Free) => {
                let text = whole(rest)?;
                (self.stays_compared(text.used) && text.is_sound()).then_some(text.used)
            }
            Op::Text(Role::Member) => {
                let text = whole(rest)?;
                self.member(&text).then_some(text.used)
            }
            Op::Text(Role::Blob(blob)) => {
                let value = whole(rest)?;
                self.blob(*blob, &value)?;
                Some(value.used)
            }
            Op::Pick(choice) if !choice.until_zero => {
                let (&tag, behind) = rest.split_first()?;
                let (_, body) = choice.cases.iter().find(|(case, _)| *case == tag)?;
                match body {
                    [Op::Text(Role::Blob(blob))] => {
                        let value = whole(behind)?;
                        self.blob(*blob, &value)?;
                        Some(1 + value.used)
                    }
                    _ => None,
                }
            }
            Op::Raw(Raw::Score) => {
                let score = f64::from_le_bytes(token::fixed(rest)?);
                (!score.is_nan()).then_some(8)
            }
            _ => None,
        }
    }

    /// Whether `used` more bytes leave the value within what is compared, or nothing of it is compared.
    #[inline]
    fn stays_compared(&self, used: usize) -> bool {
        !self.marked || self.walked + used as u64 - self.mark.at <= BYTES as u64
    }

    #[inline]
    fn member(&mut self, text: &Whole<'_>) -> bool {
        if !self.marked {
            return text.is_sound();
        }
        if !self.stays_compared(text.used) {
            return false;
        }
        let added = match text.stored {
            Stored::Raw(bytes) if self.members.has_room(bytes.len() as u64 + 20) => self.members.add(bytes),
            Stored::Integer(value) if self.members.has_room(20) => self.members.add_integer(i64::from(value)),
            _ => return false,
        };
        added == Added::New
    }
}

impl Whole<'_> {
    /// Whether the string is well-formed, whatever it holds.
    #[inline]
    fn is_sound(&self) -> bool {
        match self.stored {
            Stored::Raw(_) | Stored::Integer(_) => true,
            Stored::Packed(stream, plain) => Lzf::new(stream.len() as u64, plain).check(stream).is_ok(),
        }
    }
}

/// Reads a string that is all there.
#[expect(
    clippy::inline_always,
    reason = "what it gives goes through memory otherwise, for every string of a file"
)]
#[inline(always)]
fn whole(bytes: &[u8]) -> Option<Whole<'_>> {
    let (&first, behind) = bytes.split_first()?;
    let (header, length) = match first {
        0..=0x3f => (1, usize::from(first)),
        0x40..=0x7f => (2, usize::from(first & 0x3f) << 8 | usize::from(*behind.first()?)),
        0xc0 => return Some(integer(i32::from(i8::from_le_bytes(token::fixed(behind)?)), 2)),
        0xc1 => return Some(integer(i32::from(i16::from_le_bytes(token::fixed(behind)?)), 3)),
        0xc2 => return Some(integer(i32::from_le_bytes(token::fixed(behind)?), 5)),
        _ => return other(bytes),
    };
    let used = header + length;
    let stored = Stored::Raw(bytes.get(header..used)?);
    Some(Whole { stored, used })
}

#[inline]
fn integer(value: i32, used: usize) -> Whole<'static> {
    let stored = Stored::Integer(value);
    Whole { stored, used }
}

/// Reads a string that is neither short nor an integer.
fn other(bytes: &[u8]) -> Option<Whole<'_>> {
    let (text, header) = token::text(bytes).ok()??;
    let used = header.checked_add(usize::try_from(text.stored()).ok()?)?;
    let payload = bytes.get(header..used)?;
    let stored = match text {
        Text::Raw(_) => Stored::Raw(payload),
        Text::Integer(value) => Stored::Integer(value),
        Text::Lzf { plain, .. } => Stored::Packed(payload, plain),
    };
    Some(Whole { stored, used })
}
