//! The format as a table: what follows each opcode and each object type.
//!
//! Type names are those of `rdb_type_string` in redis-check-rdb.c (7.4) and valkey-check-rdb.c (9.1).

use crate::blob::Blob;
use crate::broken::Flaw;
use crate::field::{Count, Number, Raw, Role};
use crate::verdict::{Kind, Magic};

/// One step through a record; each takes at least one byte, so that no count makes the walk spin in place.
#[derive(Debug)]
pub(crate) enum Op {
    /// A string: header and payload.
    Text(Role),
    /// One length-coded number.
    Number(Number),
    /// A field of fixed width.
    Raw(Raw),
    /// The ASCII score of type 3.
    Score,
    /// A count, then the body that many times.
    Each(Count, &'static [Op]),
    /// A length-coded tag, then the body it stands for.
    Pick(&'static Choice),
}

/// The bodies a tag can stand for.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) what: &'static str,
    pub(crate) cases: &'static [(u8, &'static [Op])],
    /// Tags follow one another until tag 0.
    pub(crate) until_zero: bool,
}

/// What a record is called and what follows its first byte.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    /// What sort of value a key record holds; none for an opcode's record.
    pub(crate) kind: Option<Kind>,
    pub(crate) ops: &'static [Op],
}

const KEY: Op = Op::Text(Role::Key);
const FREE: Op = Op::Text(Role::Free);
const MEMBER: Op = Op::Text(Role::Member);
const SCORE: Op = Op::Raw(Raw::Score);
const TIME: Op = Op::Raw(Raw::Time);
const ID_PART: Op = Op::Number(Number::StreamIdPart);
const CODED_FIELD_EXPIRY: Op = Op::Number(Number::FieldExpiryAfter);
const MODULE_ID: Op = Op::Number(Number::ModuleId);

const fn blob(blob: Blob) -> Op {
    Op::Text(Role::Blob(blob))
}

const fn value(name: &'static str, kind: Kind, ops: &'static [Op]) -> Layout {
    Layout {
        name,
        kind: Some(kind),
        ops,
    }
}

const fn record(name: &'static str, ops: &'static [Op]) -> Layout {
    Layout {
        name,
        kind: None,
        ops,
    }
}

/// A module's own values, each behind a tag that tells how long it is (rdb.h, `RDB_MODULE_OPCODE_*`).
static MODULE_VALUES: Choice = Choice {
    what: "a module value's tag",
    cases: &[
        (1, &[Op::Number(Number::ModuleInteger)]),
        (2, &[Op::Number(Number::ModuleInteger)]),
        (3, &[Op::Raw(Raw::ModuleFloat)]),
        (4, &[Op::Raw(Raw::ModuleDouble)]),
        (5, &[FREE]),
    ],
    until_zero: true,
};

/// A node of a quicklist: one element by itself, or a listpack of them (quicklist.h, `QUICKLIST_NODE_CONTAINER_*`).
static NODE: Choice = Choice {
    what: "a quicklist node's container",
    cases: &[
        (1, &[Op::Text(Role::PlainNode)]),
        (2, &[blob(Blob::NodeListpack)]),
    ],
    until_zero: false,
};

const STREAM_NODES: Op = Op::Each(
    Count::StreamNodes,
    &[Op::Text(Role::StreamNodeId), blob(Blob::StreamListpack)],
);
const STREAM_LENGTH: Op = Op::Number(Number::StreamLength);
const PENDING: Op = Op::Each(
    Count::Pending,
    &[Op::Raw(Raw::PendingId), TIME, Op::Number(Number::DeliveryCount)],
);
const CONSUMER_PENDING: Op = Op::Each(Count::ConsumerPending, &[Op::Raw(Raw::ConsumerPendingId)]);
const GROUP: Op = Op::Text(Role::GroupName);
const CONSUMER: Op = Op::Text(Role::ConsumerName);
/// Consumers with a seen time, and since version 3 an active time.
const CONSUMERS: Op = Op::Each(Count::Consumers, &[CONSUMER, TIME, CONSUMER_PENDING]);
const CONSUMERS_3: Op = Op::Each(Count::Consumers, &[CONSUMER, TIME, TIME, CONSUMER_PENDING]);
const ENTRIES_READ: Op = Op::Number(Number::EntriesRead);

static STREAM: [Op; 6] = [
    KEY,
    STREAM_NODES,
    STREAM_LENGTH,
    ID_PART,
    ID_PART,
    Op::Each(Count::Groups, &[GROUP, ID_PART, ID_PART, PENDING, CONSUMERS]),
];

/// Versions 2 and 3: last id, first id, greatest deleted id, entries added, then the groups.
macro_rules! later_stream {
    ($consumers:ident) => {
        [
            KEY,
            STREAM_NODES,
            STREAM_LENGTH,
            ID_PART,
            ID_PART,
            ID_PART,
            ID_PART,
            ID_PART,
            ID_PART,
            Op::Number(Number::EntriesAdded),
            Op::Each(
                Count::Groups,
                &[GROUP, ID_PART, ID_PART, ENTRIES_READ, PENDING, $consumers],
            ),
        ]
    };
}
static STREAM_2: [Op; 11] = later_stream!(CONSUMERS);
static STREAM_3: [Op; 11] = later_stream!(CONSUMERS_3);

/// Object types by number; 6 and 8 are turned away before the table is asked.
static TYPES: [Layout; 26] = [
    value("string", Kind::String, &[KEY, FREE]),
    value(
        "list-linked",
        Kind::List,
        &[KEY, Op::Each(Count::Elements, &[FREE])],
    ),
    value(
        "set-hashtable",
        Kind::Set,
        &[KEY, Op::Each(Count::Elements, &[MEMBER])],
    ),
    value(
        "zset-v1",
        Kind::Zset,
        &[KEY, Op::Each(Count::Elements, &[MEMBER, Op::Score])],
    ),
    value(
        "hash-hashtable",
        Kind::Hash,
        &[KEY, Op::Each(Count::Elements, &[MEMBER, FREE])],
    ),
    value(
        "zset-v2",
        Kind::Zset,
        &[KEY, Op::Each(Count::Elements, &[MEMBER, SCORE])],
    ),
    value("module-pre-release", Kind::Module, &[KEY]),
    value(
        "module-value",
        Kind::Module,
        &[KEY, MODULE_ID, Op::Pick(&MODULE_VALUES)],
    ),
    value("unused", Kind::Module, &[KEY]),
    value("hash-zipmap", Kind::Hash, &[KEY, blob(Blob::Zipmap)]),
    value("list-ziplist", Kind::List, &[KEY, blob(Blob::ListZiplist)]),
    value("set-intset", Kind::Set, &[KEY, blob(Blob::Intset)]),
    value("zset-ziplist", Kind::Zset, &[KEY, blob(Blob::ZsetZiplist)]),
    value("hash-ziplist", Kind::Hash, &[KEY, blob(Blob::HashZiplist)]),
    value(
        "quicklist",
        Kind::List,
        &[KEY, Op::Each(Count::Elements, &[blob(Blob::NodeZiplist)])],
    ),
    value("stream", Kind::Stream, &STREAM),
    value("hash-listpack", Kind::Hash, &[KEY, blob(Blob::HashListpack)]),
    value("zset-listpack", Kind::Zset, &[KEY, blob(Blob::ZsetListpack)]),
    value(
        "quicklist-v2",
        Kind::List,
        &[KEY, Op::Each(Count::Elements, &[Op::Pick(&NODE)])],
    ),
    value("stream-v2", Kind::Stream, &STREAM_2),
    value("set-listpack", Kind::Set, &[KEY, blob(Blob::SetListpack)]),
    value("stream-v3", Kind::Stream, &STREAM_3),
    value(
        "hash-hashtable-md-pre-release",
        Kind::Hash,
        &[
            KEY,
            Op::Each(
                Count::Elements,
                &[Op::Number(Number::FieldExpiryAt), MEMBER, FREE],
            ),
        ],
    ),
    value(
        "hash-listpack-md-pre-release",
        Kind::Hash,
        &[KEY, blob(Blob::HashTriples)],
    ),
    value(
        "hash-hashtable-md",
        Kind::Hash,
        &[
            KEY,
            Op::Raw(Raw::LeastFieldExpiry),
            Op::Each(Count::Elements, &[CODED_FIELD_EXPIRY, MEMBER, FREE]),
        ],
    ),
    value(
        "hash-listpack-md",
        Kind::Hash,
        &[KEY, Op::Raw(Raw::LeastFieldExpiry), blob(Blob::HashTriples)],
    ),
];

/// Valkey gave the number 22 another meaning than Redis.
static VALKEY_HASH_2: Layout = value(
    "hash-volatile-items",
    Kind::Hash,
    &[
        KEY,
        Op::Each(Count::Elements, &[MEMBER, FREE, Op::Raw(Raw::FieldExpiry)]),
    ],
);

pub(crate) static HEADER: Layout = record("header", &[Op::Raw(Raw::Header)]);
pub(crate) static TRAILER: Layout = record("trailer", &[Op::Raw(Raw::Trailer)]);

static SLOT_IMPORT: Layout = record(
    "slot-import",
    &[
        FREE,
        Op::Each(
            Count::SlotRanges,
            &[Op::Number(Number::Slot), Op::Number(Number::Slot)],
        ),
    ],
);
static SLOT_INFO: Layout = record(
    "slot-info",
    &[
        Op::Number(Number::Slot),
        Op::Number(Number::SlotCount),
        Op::Number(Number::SlotCount),
    ],
);
static FUNCTION: Layout = record("function", &[Op::Text(Role::FunctionLibrary)]);
static MODULE_AUX: Layout = record(
    "module-aux",
    &[
        MODULE_ID,
        Op::Number(Number::AuxWhenOpcode),
        Op::Number(Number::AuxWhen),
        Op::Pick(&MODULE_VALUES),
    ],
);
static IDLE: Layout = record("idle-time", &[Op::Number(Number::IdleTime)]);
static FREQUENCY: Layout = record("access-frequency", &[Op::Raw(Raw::Frequency)]);
static AUX: Layout = record("aux", &[Op::Text(Role::AuxName), Op::Text(Role::AuxValue)]);
static RESIZE_DB: Layout = record(
    "resize-db",
    &[Op::Number(Number::HintKeys), Op::Number(Number::HintExpires)],
);
static EXPIRY_MS: Layout = record("expiry-ms", &[Op::Raw(Raw::ExpiryMillis)]);
static EXPIRY: Layout = record("expiry", &[Op::Raw(Raw::ExpirySeconds)]);
static SELECT_DB: Layout = record("select-db", &[Op::Number(Number::Database)]);

/// Names of types that only newer Redis writes, from 26 on.
const NEWER: [&str; 8] = [
    "stream v4 of RDB 13",
    "stream v5 of RDB 14",
    "array of RDB 14",
    "hash template of RDB 15",
    "hash template of RDB 15",
    "hash template of RDB 15",
    "hash template of RDB 15",
    "rate limiter of RDB 15",
];

/// The opcode that ends the file.
pub(crate) const EOF: u8 = 255;

/// What follows `byte` where a record starts; [`EOF`] is the caller's.
pub(crate) fn find(magic: Magic, byte: u8) -> Result<&'static Layout, Flaw> {
    Ok(match byte {
        6 => {
            return Err(Flaw::not_judgeable(
                "a module value of an RDB 8 release candidate (type `6`) can only be read by its module",
            ));
        }
        246 => {
            return Err(Flaw::unsupported(
                "a function of a Redis 7.0 release candidate (opcode `246`), which no engine from 7.2 on reads",
            ));
        }
        243 if magic == Magic::Redis => {
            return Err(Flaw::unsupported(
                "key metadata of RDB 13 (opcode `243` after the magic `REDIS`)",
            ));
        }
        243 => &SLOT_IMPORT,
        244 => &SLOT_INFO,
        245 => &FUNCTION,
        247 => &MODULE_AUX,
        248 => &IDLE,
        249 => &FREQUENCY,
        250 => &AUX,
        251 => &RESIZE_DB,
        252 => &EXPIRY_MS,
        253 => &EXPIRY,
        254 => &SELECT_DB,
        22 if magic == Magic::Valkey => &VALKEY_HASH_2,
        _ => value_type(magic, byte)?,
    })
}

/// The layout of a key record of that type, if it is read.
#[inline]
pub(crate) fn of_value(magic: Magic, byte: u8) -> Option<&'static Layout> {
    match byte {
        6 | 8 => None,
        0..=21 => TYPES.get(usize::from(byte)),
        _ => find(magic, byte).ok(),
    }
}

fn value_type(magic: Magic, byte: u8) -> Result<&'static Layout, Flaw> {
    // Valkey left the common numbering after 21; what Redis means by the later ones is not in its files.
    let known = byte != 8 && (magic == Magic::Redis || byte <= 21);
    match TYPES.get(usize::from(byte)) {
        Some(layout) if known => Ok(layout),
        _ => Err(Flaw::unsupported(
            match NEWER.get(usize::from(byte).wrapping_sub(TYPES.len())) {
                Some(name) if magic == Magic::Redis => format!("{name} (type `{byte}`)"),
                _ => format!("object type or opcode `{byte}` is unknown after the magic `{magic}`"),
            },
        )),
    }
}

#[cfg(test)]
mod tests;
