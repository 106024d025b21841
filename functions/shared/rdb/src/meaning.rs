//! What each number, fixed field and string stands for, and which values are refused.

use crate::blob::FIELD_EXPIRY_MAX;
use crate::broken::Flaw;
use crate::field::{Number, Raw};
use crate::hex::Wide;
use crate::members::{Added, Claimed};
use crate::token;
use crate::verdict::Magic;
use crate::walker::{Head, Walker};

/// Cluster hash slots (CLUSTER KEYSLOT).
const SLOTS: u64 = 16_384;

/// Newest version read, per magic, and Valkey's first.
const REDIS_NEWEST: u16 = 12;
const VALKEY_ONLY: u16 = 80;

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
            Number::StreamLength if value != self.record.entries.0 => {
                return Err(Flaw::corrupt(format!(
                    "a stream's length is `{value}`, its nodes hold `{}` live entries",
                    self.record.entries.0
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
            Raw::PendingId if self.marked => {
                let prefix = self.record.group_prefix(b'p');
                self.members.open().extend_from_slice(&prefix);
                self.members.open().extend_from_slice(bytes);
                match self.members.close() {
                    Added::New => {}
                    Added::Full => self.give_up_comparing(),
                    Added::Twice => {
                        return Err(Flaw::corrupt(
                            "found a duplicate: an entry is pending twice in its group",
                        ));
                    }
                }
            }
            Raw::ConsumerPendingId if self.marked => {
                let prefix = self.record.group_prefix(b'p');
                match self.members.claim([&prefix, bytes]) {
                    Claimed::Once => {}
                    Claimed::Twice => {
                        return Err(Flaw::corrupt(
                            "found a duplicate: an entry is pending with two consumers",
                        ));
                    }
                    Claimed::Unknown => {
                        return Err(Flaw::corrupt(
                            "a consumer's pending entry is not among those of its group",
                        ));
                    }
                }
            }
            Raw::Score
            | Raw::FieldExpiry
            | Raw::PendingId
            | Raw::ConsumerPendingId
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
