//! What each number, fixed field and string stands for, and which values are refused.

use serde::{Deserialize, Serialize};

use crate::broken::Flaw;
use crate::field::{Count, Number, Raw, Role};
use crate::hex::{Bytes, Wide};
use crate::layout::Layout;
use crate::tally::{AUX_NAMES, AUX_VALUE, Tally};
use crate::token::{self, Text};
use crate::verdict::{Kind, Magic};
use crate::walker::{Head, Walker};

/// Cluster hash slots (CLUSTER KEYSLOT).
const SLOTS: u64 = 16_384;

/// Greatest expiry of a hash field on Redis in ms (ebuckets.h, `EB_EXPIRE_TIME_MAX`); one more means none.
const FIELD_EXPIRY_MAX: u64 = (1 << 48) - 1;

/// Newest version read, per magic, and Valkey's first.
const REDIS_NEWEST: u16 = 12;
const VALKEY_ONLY: u16 = 80;

/// What a record is known to be while it is walked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Record {
    /// Whether the expiry read before a key has passed.
    pub(crate) expired: Option<bool>,
    /// Whether an idle time or access frequency was read before a key.
    access: bool,
    /// Offset of the value's first byte.
    pub(crate) value_at: u64,
    /// Sort of value and RDB type, from the type byte on.
    key: Option<(Kind, u8)>,
    /// Keys that the writer announces, until it announces their expiries too.
    hint_keys: Wide,
    /// Nodes of the stream.
    nodes: Wide,
    /// Entries in the group's pending list that no consumer has claimed so far.
    unclaimed: Wide,
    /// The least expiry among a Redis hash's fields, in ms.
    least_expiry: Wide,
    /// Index in [`AUX_NAMES`] of the note that is being read.
    aux: Option<u8>,
    /// The note's name or value as far as it is kept; none when it is not kept.
    collected: Option<Bytes>,
}

impl Record {
    /// Takes a record's first byte. What is read before a key belongs to that key only, and comes once.
    pub(crate) fn begin(&mut self, byte: u8, layout: &Layout) -> Result<(), Flaw> {
        if let Some(kind) = layout.kind {
            self.key = Some((kind, byte));
            return Ok(());
        }
        let (again, what) = match byte {
            252 | 253 => (self.expired.is_some(), "a second expiry for one key"),
            248 | 249 => (self.access, "a second access time for one key"),
            _ => return self.must_not_wait_for_a_key(layout.name),
        };
        if again {
            Err(Flaw::corrupt(format!("found {what}")))
        } else {
            Ok(())
        }
    }

    /// Refuses anything but a key after an expiry or access time.
    pub(crate) fn must_not_wait_for_a_key(&self, found: &str) -> Result<(), Flaw> {
        if self.expired.is_some() || self.access {
            return Err(Flaw::corrupt(format!(
                "expected a key after its expiry or access time, found {found}"
            )));
        }
        Ok(())
    }

    /// The key that is being walked; none in an opcode's record.
    pub(crate) fn key_in_hand(&self) -> Option<(Kind, u8)> {
        self.key
    }

    /// Judges a count before its elements are walked.
    pub(crate) fn count(&mut self, count: Count, value: u64) -> Result<(), Flaw> {
        match count {
            Count::Elements if value == 0 => {
                return Err(Flaw::corrupt("an empty collection, which no engine stores"));
            }
            Count::StreamNodes => self.nodes = Wide(value),
            Count::Pending => self.unclaimed = Wide(value),
            Count::ConsumerPending => {
                let Some(left) = self.unclaimed.0.checked_sub(value) else {
                    return Err(Flaw::corrupt(
                        "the consumers of a group have more pending entries than the group",
                    ));
                };
                self.unclaimed = Wide(left);
            }
            Count::Elements | Count::Groups | Count::Consumers | Count::SlotRanges => {}
        }
        Ok(())
    }

    /// Judges what was counted once it is walked.
    pub(crate) fn counted(&self, count: Count) -> Result<(), Flaw> {
        if count == Count::Consumers && self.unclaimed.0 > 0 {
            let left = self.unclaimed.0;
            return Err(Flaw::corrupt(format!(
                "`{left}` pending entries of a group belong to no consumer"
            )));
        }
        Ok(())
    }

    /// Forgets what belonged to the key. The numbers of its value need no reset: each is read before it is asked for.
    pub(crate) fn key_done(&mut self) {
        self.expired = None;
        self.access = false;
        self.key = None;
    }

    /// Starts to collect a note; integers have no payload, so their digits are the note.
    pub(crate) fn note_begins(&mut self, role: Role, text: Text) {
        let wanted = role == Role::AuxName || (role == Role::AuxValue && self.aux.is_some());
        self.collected = match text {
            _ if !wanted => None,
            Text::Raw(_) => Some(Bytes::default()),
            Text::Integer(value) => Some(Bytes(value.to_string().into_bytes())),
            Text::Lzf { .. } => None,
        };
    }

    pub(crate) fn collect(&mut self, bytes: &[u8]) {
        if let Some(Bytes(collected)) = &mut self.collected {
            let room = AUX_VALUE - collected.len().min(AUX_VALUE);
            collected.extend(bytes.iter().take(room));
        }
    }

    pub(crate) fn aux_name_done(&mut self) {
        let name = self.collected.take();
        self.aux = (0..)
            .zip(AUX_NAMES)
            .find(|(_, known)| name.as_ref().is_some_and(|name| name.0 == known.as_bytes()))
            .map(|(i, _)| i);
    }

    pub(crate) fn aux_value_done(&mut self, tally: &mut Tally) {
        match (self.aux.take(), self.collected.take()) {
            (Some(name), Some(value)) => tally.note(name, &value.0),
            _ => tally.other_aux += 1,
        }
    }

    /// Whether this record can belong to a walk that is at offset `walked`.
    pub(crate) fn is_plausible(&self, walked: u64) -> bool {
        self.value_at <= walked
            && self.aux.is_none_or(|name| usize::from(name) < AUX_NAMES.len())
            && self
                .collected
                .as_ref()
                .is_none_or(|bytes| bytes.0.len() <= AUX_VALUE)
    }
}

impl Walker {
    /// Takes in a length-coded number.
    pub(crate) fn number(&mut self, number: Number, value: u64) -> Result<(), Flaw> {
        match number {
            Number::Database => match i32::try_from(value) {
                Ok(_) => self.tally.select(u32::try_from(value).unwrap_or_default()),
                Err(_) => {
                    return Err(Flaw::corrupt(format!(
                        "database number `{value}` is above `{}`",
                        i32::MAX
                    )));
                }
            },
            Number::HintKeys => self.record.hint_keys = Wide(value),
            Number::HintExpires => self.tally.announce(self.record.hint_keys.0, value),
            Number::IdleTime => self.record.access = true,
            Number::Slot if value >= SLOTS => {
                return Err(Flaw::corrupt(format!("slot `{value}` is not below `{SLOTS}`")));
            }
            Number::AuxWhenOpcode if value != 2 => {
                return Err(Flaw::corrupt(format!(
                    "expected tag `2` before a module's aux time, found `{value}`"
                )));
            }
            Number::StreamLength if value > 0 && self.record.nodes.0 == 0 => {
                return Err(Flaw::corrupt(format!(
                    "a stream of `{value}` entries has no nodes"
                )));
            }
            Number::FieldExpiryAt => check_field_expiry(value)?,
            Number::FieldExpiryAfter if value > 0 => {
                check_field_expiry(self.record.least_expiry.0.saturating_add(value - 1))?;
            }
            Number::Slot
            | Number::SlotCount
            | Number::ModuleId
            | Number::AuxWhenOpcode
            | Number::AuxWhen
            | Number::ModuleInteger
            | Number::StreamLength
            | Number::StreamIdPart
            | Number::EntriesAdded
            | Number::EntriesRead
            | Number::DeliveryCount
            | Number::FieldExpiryAfter => {}
        }
        Ok(())
    }

    /// Takes in a field of fixed width.
    pub(crate) fn raw(&mut self, raw: Raw, bytes: &[u8]) -> Result<(), Flaw> {
        match raw {
            Raw::Header => self.head = Some(header(bytes)?),
            Raw::Trailer => self.trailer = token::fixed(bytes).map(u64::from_le_bytes),
            Raw::ExpirySeconds => {
                let seconds = token::fixed(bytes).map_or(0, i32::from_le_bytes);
                self.record.expired = Some(i64::from(seconds) * 1000 < self.options.now_ms);
            }
            // Versions up to 8 wrote it in host order; every host that ElastiCache has is little-endian.
            Raw::ExpiryMillis => self.record.expired = Some(signed(bytes) < self.options.now_ms),
            Raw::Frequency => self.record.access = true,
            Raw::Score
                if token::fixed(bytes)
                    .map(f64::from_le_bytes)
                    .is_none_or(f64::is_nan) =>
            {
                return Err(Flaw::corrupt("a sorted set's score is not a number"));
            }
            Raw::LeastFieldExpiry => {
                self.record.least_expiry = Wide(token::fixed(bytes).map_or(0, u64::from_le_bytes));
                // No field with an expiry is written as one more than the greatest expiry.
                check_field_expiry(self.record.least_expiry.0.saturating_sub(1))?;
            }
            Raw::FieldExpiry if signed(bytes) < -1 => {
                return Err(Flaw::corrupt(format!(
                    "a hash field expires at `{}`",
                    signed(bytes)
                )));
            }
            Raw::Score
            | Raw::FieldExpiry
            | Raw::PendingId
            | Raw::Time
            | Raw::ModuleFloat
            | Raw::ModuleDouble => {}
        }
        Ok(())
    }
}

fn signed(bytes: &[u8]) -> i64 {
    token::fixed(bytes).map_or(0, i64::from_le_bytes)
}

fn check_field_expiry(at: u64) -> Result<(), Flaw> {
    if at > FIELD_EXPIRY_MAX {
        return Err(Flaw::corrupt(format!(
            "a hash field expires at `{at}`, beyond the greatest expiry"
        )));
    }
    Ok(())
}

impl Head {
    /// Whether this scanner reads files of this version.
    pub(crate) fn is_read(self) -> bool {
        match self.magic {
            Magic::Redis => (1..=REDIS_NEWEST).contains(&self.version),
            Magic::Valkey => self.version == VALKEY_ONLY,
        }
    }
}

/// Reads magic and version; a version that is not read here is told apart from what is no RDB file at all.
fn header(bytes: &[u8]) -> Result<Head, Flaw> {
    let (magic, digits) = match bytes {
        [b'R', b'E', b'D', b'I', b'S', digits @ ..] => (Magic::Redis, digits),
        [b'V', b'A', b'L', b'K', b'E', b'Y', digits @ ..] => (Magic::Valkey, digits),
        _ => {
            return Err(Flaw::corrupt(
                "expected `REDIS` or `VALKEY` at the start: this is no RDB file",
            ));
        }
    };
    let known_digits = digits.iter().all(u8::is_ascii_digit);
    let version = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok());
    let Some(version) = version.filter(|&version| known_digits && version > 0) else {
        return Err(Flaw::corrupt(format!(
            "expected an RDB version in digits after `{magic}`"
        )));
    };
    let head = Head { magic, version };
    if head.is_read() {
        return Ok(head);
    }
    let read = format!("read are REDIS 1 to {REDIS_NEWEST} and VALKEY {VALKEY_ONLY}");
    Err(Flaw::unsupported(format!(
        "RDB version `{version}` with the magic `{magic}`; {read}"
    )))
}
