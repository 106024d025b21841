//! The common cases without a step through the table for each token: what lies whole in one piece and is not packed.
//!
//! Nothing is decided here that `walker` would decide otherwise: whatever is cut, packed, unusual or wrong is left to
//! it, from the token on at which it stands.

use crate::blob::Blob;
use crate::field::{Raw, Role};
use crate::layout::{self, Op};
use crate::members::{Added, BYTES};
use crate::tally::Done;
use crate::token;
use crate::verdict::Kind;
use crate::walker::{Frame, Place, Walker};

/// The opcode in front of a key that expires at an instant in ms.
const EXPIRY_MS: u8 = 252;

/// A string that is all there and not packed.
struct Plain<'a> {
    text: &'a [u8],
    /// The value, where it is stored as an integer.
    integer: Option<i32>,
    /// Bytes of header and text.
    used: usize,
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
        let key = plain(behind)?;
        let before = 1 + key.used;
        match value {
            Op::Text(Role::Free) => {
                let used = before + plain(&rest[before..])?.used;
                self.key_done(kind, byte, (used - before) as u64);
                Some(used)
            }
            Op::Text(Role::Blob(blob)) => {
                let value = plain(&rest[before..])?;
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

    fn blob(&mut self, blob: Blob, value: &Plain<'_>) -> Option<()> {
        let size = value.text.len();
        if value.integer.is_some() || size > BYTES || (size as u64) < blob.least() {
            return None;
        }
        let found = blob.judge(value.text, &mut self.members).ok()?;
        self.record.found(blob, found);
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
                let text = plain(rest)?;
                self.stays_compared(text.used).then_some(text.used)
            }
            Op::Text(Role::Member) => {
                let text = plain(rest)?;
                self.member(&text).then_some(text.used)
            }
            Op::Text(Role::Blob(blob)) => {
                let value = plain(rest)?;
                self.blob(*blob, &value)?;
                Some(value.used)
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
    fn member(&mut self, text: &Plain<'_>) -> bool {
        if !self.marked {
            return true;
        }
        let room = self.stays_compared(text.used) && self.members.has_room(text.text.len() as u64 + 20);
        let added = match text.integer {
            _ if !room => return false,
            None => self.members.add(text.text),
            Some(value) => self.members.add_integer(i64::from(value)),
        };
        added == Added::New
    }
}

/// Reads a string that is all there and not packed.
#[inline]
fn plain(bytes: &[u8]) -> Option<Plain<'_>> {
    let (&first, behind) = bytes.split_first()?;
    let (header, length) = match first {
        0..=0x3f => (1, usize::from(first)),
        0x40..=0x7f => (2, usize::from(first & 0x3f) << 8 | usize::from(*behind.first()?)),
        0xc0..=0xc2 => return integer(first, behind),
        0x80 => (
            5,
            usize::try_from(u32::from_be_bytes(token::fixed(behind)?)).ok()?,
        ),
        _ => return None,
    };
    let used = header + length;
    Some(Plain {
        text: bytes.get(header..used)?,
        integer: None,
        used,
    })
}

fn integer(first: u8, behind: &[u8]) -> Option<Plain<'_>> {
    let (value, used) = match first {
        0xc0 => (i32::from(i8::from_le_bytes(token::fixed(behind)?)), 2),
        0xc1 => (i32::from(i16::from_le_bytes(token::fixed(behind)?)), 3),
        _ => (i32::from_le_bytes(token::fixed(behind)?), 5),
    };
    Some(Plain {
        text: &[],
        integer: Some(value),
        used,
    })
}
