//! Small files that cover the format between them, made by hand and by engines.

use rdb::Kind;

use crate::writer::Writer;

/// One value of one RDB type; what its blobs hold does not matter, so they are zeros.
pub(crate) struct Value {
    pub(crate) rdb_type: u8,
    pub(crate) kind: Kind,
    pub(crate) encoding: &'static str,
    pub(crate) bytes: Vec<u8>,
}

fn value(rdb_type: u8, kind: Kind, encoding: &'static str, writer: Writer) -> Value {
    Value {
        rdb_type,
        kind,
        encoding,
        bytes: writer.cut(),
    }
}

/// Types 0 to 21, in order, which both magics share.
pub(crate) fn common_values() -> Vec<Value> {
    let new = Writer::part;
    let scores = || {
        new()
            .len(4)
            .text("a")
            .raw(b"\x033.5")
            .text("b")
            .raw(&[254])
            .text("c")
            .raw(&[255])
    };
    let module = || {
        new()
            .len(u64::MAX)
            .lens(&[1, 5, 2, 1 << 40, 3])
            .raw(&[0; 4])
            .len(4)
            .raw(&[0; 8])
    };
    vec![
        value(0, Kind::String, "string", new().text("v")),
        value(0, Kind::String, "string", new().raw(&[0xc0, 7])),
        value(0, Kind::String, "string", new().raw(&[0xc2, 7, 0, 0, 1])),
        value(
            0,
            Kind::String,
            "string",
            new().raw(&[0xc3, 3, 0x40, 200, 1, 2, 3]),
        ),
        value(1, Kind::List, "list-linked", new().len(2).texts(&["a", ""])),
        value(2, Kind::Set, "set-hashtable", new().len(1).text("a")),
        value(3, Kind::Zset, "zset-v1", scores().text("d").raw(b"\x02-1")),
        value(4, Kind::Hash, "hash-hashtable", new().len(1).texts(&["f", "v"])),
        value(
            5,
            Kind::Zset,
            "zset-v2",
            new().len(1).text("a").raw(&1.5_f64.to_le_bytes()),
        ),
        value(7, Kind::Module, "module-value", module().len(5).text("x").len(0)),
        value(9, Kind::Hash, "hash-zipmap", new().zeros(5)),
        value(10, Kind::List, "list-ziplist", new().zeros(13)),
        value(11, Kind::Set, "set-intset", new().zeros(10)),
        value(12, Kind::Zset, "zset-ziplist", new().zeros(15)),
        value(13, Kind::Hash, "hash-ziplist", new().zeros(15)),
        value(14, Kind::List, "quicklist", new().len(2).zeros(11).zeros(11)),
        value(15, Kind::Stream, "stream", stream(&[], &[], 1)),
        value(15, Kind::Stream, "stream", new().lens(&[0, 0, 0, 0, 0])),
        value(16, Kind::Hash, "hash-listpack", new().zeros(11)),
        value(17, Kind::Zset, "zset-listpack", new().zeros(11)),
        value(
            18,
            Kind::List,
            "quicklist-v2",
            new().lens(&[2, 1]).text("plain").len(2).zeros(7),
        ),
        value(19, Kind::Stream, "stream-v2", stream(&[0, 1, 0, 0, 3], &[2], 1)),
        value(20, Kind::Set, "set-listpack", new().zeros(9)),
        value(21, Kind::Stream, "stream-v3", stream(&[0, 1, 0, 0, 3], &[2], 2)),
    ]
}

/// Types 22 to 25 as Redis means them.
pub(crate) fn redis_values() -> Vec<Value> {
    let new = Writer::part;
    let least = || new().raw(&9_u64.to_le_bytes());
    let pre_release = new()
        .len(2)
        .len(0)
        .texts(&["f", "v"])
        .len(5000)
        .texts(&["g", "w"]);
    vec![
        value(22, Kind::Hash, "hash-hashtable-md-pre-release", pre_release),
        value(23, Kind::Hash, "hash-listpack-md-pre-release", new().zeros(13)),
        value(
            24,
            Kind::Hash,
            "hash-hashtable-md",
            least().lens(&[1, 1]).texts(&["f", "v"]),
        ),
        value(25, Kind::Hash, "hash-listpack-md", least().zeros(13)),
    ]
}

/// Type 22 as Valkey means it: expiries behind the values, -1 for none.
pub(crate) fn valkey_value() -> Value {
    let none = Writer::part()
        .len(2)
        .texts(&["f", "v"])
        .raw(&(-1_i64).to_le_bytes());
    value(
        22,
        Kind::Hash,
        "hash-volatile-items",
        none.texts(&["g", "w"]).raw(&5_i64.to_le_bytes()),
    )
}

/// A stream with one node, one group with two pending entries, and two consumers that share them.
fn stream(more_ids: &[u64], entries_read: &[u64], times: usize) -> Writer {
    let consumer = |writer: Writer, name| writer.text(name).raw(&vec![0; 8 * times]).len(1).raw(&[7; 16]);
    let writer = Writer::part().len(1).text([1; 16]).zeros(13);
    let writer = writer
        .len(3)
        .lens(&[1, 2])
        .lens(more_ids)
        .len(1)
        .text("group")
        .lens(&[1, 2])
        .lens(entries_read);
    let writer = writer.len(2).raw(&[0; 24]).len(1).raw(&[1; 24]).len(300).len(2);
    consumer(consumer(writer, "alice"), "bob")
}

/// Every common type and opcode in one file.
fn everything(writer: Writer) -> Writer {
    let writer = writer
        .aux("redis-ver", "7.2.6")
        .aux("lua", "return 1")
        .raw(&[250])
        .text("redis-bits")
        .raw(&[0xc0, 64]);
    let writer = writer
        .raw(&[247])
        .len(1 << 60)
        .lens(&[2, 1, 5])
        .text("aux")
        .len(0)
        .raw(&[245])
        .text("#!lua");
    let writer = writer
        .select(0)
        .raw(&[251])
        .lens(&[3, 1])
        .raw(&[244])
        .lens(&[5, 1, 0]);
    let writer = writer
        .expiry_ms(1)
        .raw(&[249, 9])
        .string("first", "1")
        .select(300);
    let writer = writer
        .raw(&[253])
        .raw(&i32::MAX.to_le_bytes())
        .raw(&[248])
        .len(70_000);
    common_values().iter().fold(writer, |writer, value| {
        writer.key(value.rdb_type, "key").raw(&value.bytes)
    })
}

/// Hand-made files; each version family once, and one without a CRC.
pub(crate) fn hand_made() -> Vec<(&'static str, Vec<u8>)> {
    let redis = redis_values()
        .iter()
        .fold(everything(Writer::redis(12)), |writer, value| {
            writer.key(value.rdb_type, "k").raw(&value.bytes)
        });
    let import = Writer::valkey().raw(&[243]).zeros(40).lens(&[1, 0, 16_383]);
    let valkey = everything(import).key(22, "k").raw(&valkey_value().bytes);
    vec![
        ("redis 12", redis.clone().end()),
        ("redis 12 without CRC", redis.end_without_crc()),
        ("valkey 80", valkey.end()),
        (
            "redis 3",
            Writer::redis(3)
                .select(0)
                .string("k", "v")
                .key(9, "zipmap")
                .zeros(5)
                .end(),
        ),
    ]
}

/// Files that engines wrote, from the tests of redis/librdb (MIT, see the README beside them).
pub(crate) fn real() -> Vec<(&'static str, Vec<u8>)> {
    macro_rules! files {
        ($($name:literal)*) => {
            vec![$(($name, include_bytes!(concat!("../fixtures/rdb/", $name, ".rdb")).to_vec())),*]
        };
    }
    files!("stream_v11" "module_aux_v12" "quicklist2_v11" "plain_zset_v6" "multiple_dbs" "hash_with_expire_v12")
}

pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    [hand_made(), real()].concat()
}
