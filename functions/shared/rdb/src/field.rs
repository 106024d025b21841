//! The things that stand in a record: what they are called, how wide and how small they can be.

use crate::blob::Blob;
use crate::broken::Flaw;
use crate::token::Text;

/// What a string is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Key,
    /// A string value, list element, hash value or module text: any bytes.
    Free,
    /// A set's or sorted set's member or a hash's field: any bytes, but only once in its value.
    Member,
    /// An element that is a quicklist node by itself.
    PlainNode,
    AuxName,
    AuxValue,
    FunctionLibrary,
    /// The 16-byte id under which a stream's node is filed.
    StreamNodeId,
    GroupName,
    ConsumerName,
    /// A serialized small collection.
    Blob(Blob),
}

/// What a length-coded number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    Database,
    HintKeys,
    HintExpires,
    IdleTime,
    Slot,
    SlotCount,
    ModuleId,
    AuxWhenOpcode,
    AuxWhen,
    ModuleInteger,
    StreamLength,
    StreamIdPart,
    EntriesAdded,
    EntriesRead,
    DeliveryCount,
    /// Absolute instant in ms, 0 for none (pre-GA).
    FieldExpiryAt,
    /// 0 for none, else the distance in ms from the hash's least expiry, plus 1.
    FieldExpiryAfter,
}

/// What a field of fixed width is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
    Header,
    Trailer,
    ExpirySeconds,
    ExpiryMillis,
    Frequency,
    Score,
    LeastFieldExpiry,
    FieldExpiry,
    PendingId,
    /// A pending entry's id among those of a consumer.
    ConsumerPendingId,
    Time,
    ModuleFloat,
    ModuleDouble,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Elements,
    StreamNodes,
    Groups,
    Pending,
    Consumers,
    ConsumerPending,
    SlotRanges,
}

impl Raw {
    /// Width in bytes.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::Frequency => 1,
            Self::ExpirySeconds | Self::ModuleFloat => 4,
            Self::Header => 9,
            Self::PendingId | Self::ConsumerPendingId => 16,
            Self::Trailer
            | Self::ExpiryMillis
            | Self::Score
            | Self::LeastFieldExpiry
            | Self::FieldExpiry
            | Self::Time
            | Self::ModuleDouble => 8,
        }
    }
}

impl Role {
    /// Refuses a string that cannot be what its place says, as far as its header tells.
    pub(crate) fn check(self, text: Text) -> Result<(), Flaw> {
        let (what, least, exact) = match self {
            Self::StreamNodeId => ("a stream node's id", 16, true),
            Self::PlainNode if text.plain() == Some(0) => {
                return Err(Flaw::corrupt("an empty quicklist node, which no engine stores"));
            }
            Self::Blob(blob) => (blob.name(), blob.least(), false),
            Self::Key
            | Self::Free
            | Self::Member
            | Self::PlainNode
            | Self::AuxName
            | Self::AuxValue
            | Self::FunctionLibrary
            | Self::GroupName
            | Self::ConsumerName => return Ok(()),
        };
        match text.plain() {
            None => Err(Flaw::corrupt(format!(
                "expected {what}, found a string encoded as an integer"
            ))),
            Some(bytes) if bytes < least || (exact && bytes > least) => {
                let bound = if exact { "exactly" } else { "at least" };
                Err(Flaw::corrupt(format!(
                    "expected {bound} `{least}` bytes for {what}, found `{bytes}`"
                )))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Count {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Elements => "the number of elements",
            Self::StreamNodes => "the number of stream nodes",
            Self::Groups => "the number of consumer groups",
            Self::Pending => "the number of pending entries",
            Self::Consumers => "the number of consumers",
            Self::ConsumerPending => "the number of a consumer's pending entries",
            Self::SlotRanges => "the number of slot ranges",
        }
    }
}

impl Number {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Database => "a database number",
            Self::HintKeys | Self::HintExpires => "an announced size",
            Self::IdleTime => "an idle time",
            Self::Slot | Self::SlotCount => "slot information",
            Self::ModuleId => "a module's id",
            Self::AuxWhenOpcode | Self::AuxWhen => "a module's aux time",
            Self::ModuleInteger => "a module's integer",
            Self::StreamLength => "a stream's length",
            Self::StreamIdPart => "half of a stream id",
            Self::EntriesAdded | Self::EntriesRead => "a count of stream entries",
            Self::DeliveryCount => "a delivery count",
            Self::FieldExpiryAt | Self::FieldExpiryAfter => "a hash field's expiry",
        }
    }
}
