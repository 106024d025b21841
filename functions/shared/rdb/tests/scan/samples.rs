//! Small files that cover the format between them, made by hand and by engines.

use rdb::Kind;

use crate::writer::{Form, Intset, Listpack, Stream, Tag, Writer, Ziplist, Zipmap, module_id};

/// One value of one RDB type.
#[derive(Clone)]
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

/// The same value twice: its blob as it is, and compressed.
fn blob(rdb_type: u8, kind: Kind, encoding: &'static str, bytes: &[u8]) -> [Value; 2] {
    [Form::Plain, Form::Packed].map(|form| {
        let writer = Writer::part().in_form(form, bytes);
        value(rdb_type, kind, encoding, writer)
    })
}

/// Pairs of score and member or of field and value, with an integer and a text that every encoding stores its own way.
const PAIRS: [&str; 6] = ["member", "1", "7", "-70000", "a longer member, longer", "0.5"];

/// Types 0 to 21, in order, which both magics share.
pub(crate) fn common_values() -> Vec<Value> {
    let mut values = plain_values();
    values.extend(blob_values());
    values.extend(stream_values());
    values.sort_by_key(|value| value.rdb_type);
    values
}

/// Values that are written element by element.
fn plain_values() -> Vec<Value> {
    let new = Writer::part;
    let scores = new().len(4).text("a").raw(b"\x033.5").text("b").raw(&[254]);
    let scores = scores.text("c").raw(&[255]).text("d").raw(b"\x02-1");
    let double = |number: f64| number.to_le_bytes();
    let module = new().len(module_id("snapkeep-", 3)).tags(&[
        Tag::Signed(-5),
        Tag::Unsigned(1 << 40),
        Tag::Float(0.5),
        Tag::Double(0.5),
        Tag::Text("x"),
    ]);
    let long = "a text that says the same thing again: a text that says the same thing";
    vec![
        value(0, Kind::String, "string", new().text("v")),
        value(0, Kind::String, "string", new().raw(&[0xc0, 7])),
        value(0, Kind::String, "string", new().raw(&[0xc2, 7, 0, 0, 1])),
        value(0, Kind::String, "string", new().packed(long)),
        value(1, Kind::List, "list-linked", new().len(3).texts(&["a", "", "a"])),
        value(2, Kind::Set, "set-hashtable", new().len(2).text("a").packed(long)),
        value(3, Kind::Zset, "zset-v1", scores),
        value(
            4,
            Kind::Hash,
            "hash-hashtable",
            new().len(2).texts(&["f", "v"]).packed(long).text("v"),
        ),
        value(
            5,
            Kind::Zset,
            "zset-v2",
            new()
                .len(2)
                .text("a")
                .raw(&double(1.5))
                .text("b")
                .raw(&double(1.5)),
        ),
        value(7, Kind::Module, "module-value", module),
    ]
}

/// Values that are one blob or some of them, plain and compressed.
fn blob_values() -> Vec<Value> {
    let sixteen = "sixteen bytes...".repeat(20);
    let ziplist = Ziplist::of(&["a", "-1", "12", "300"]).text(&sixteen).text("b");
    let nodes = |form| {
        let writer = Writer::part().len(2).in_form(form, &ziplist.bytes());
        writer.in_form(form, &Ziplist::of(&["b"]).bytes())
    };
    let containers = |form| {
        let writer = Writer::part().lens(&[3, 1]).in_form(form, sixteen.as_bytes());
        let writer = writer.len(2).in_form(form, &Listpack::of(&["a", "5"]).bytes());
        writer.len(1).in_form(form, b"plain")
    };
    let zipmap = Zipmap::new()
        .pair("f", &sixteen)
        .pair_with_unused("g", "", 3)
        .pair(&sixteen, "v");
    let mut values: Vec<Value> = [
        blob(9, Kind::Hash, "hash-zipmap", &zipmap.bytes()),
        blob(10, Kind::List, "list-ziplist", &ziplist.bytes()),
        blob(
            11,
            Kind::Set,
            "set-intset",
            &Intset::of(4, &[-70_000, 0, 7, 70_000]).bytes(),
        ),
        blob(12, Kind::Zset, "zset-ziplist", &Ziplist::of(&PAIRS).bytes()),
        blob(13, Kind::Hash, "hash-ziplist", &Ziplist::of(&PAIRS).bytes()),
        blob(16, Kind::Hash, "hash-listpack", &Listpack::of(&PAIRS).bytes()),
        blob(17, Kind::Zset, "zset-listpack", &Listpack::of(&PAIRS).bytes()),
        blob(20, Kind::Set, "set-listpack", &Listpack::of(&PAIRS).bytes()),
    ]
    .concat();
    for form in [Form::Plain, Form::Packed] {
        values.push(value(14, Kind::List, "quicklist", nodes(form)));
        values.push(value(18, Kind::List, "quicklist-v2", containers(form)));
    }
    values
}

/// Streams of the three versions, with and without what a stream may lack.
fn stream_values() -> Vec<Value> {
    let encodings = ["stream", "stream-v2", "stream-v3"];
    let of = |stream: Stream, form| {
        let encoding = encodings[usize::from(stream.version) - 1];
        value(stream.rdb_type(), Kind::Stream, encoding, stream.write_in(form))
    };
    (1..=3)
        .flat_map(|version| {
            [
                of(Stream::sample(version), Form::Plain),
                of(Stream::sample(version), Form::Packed),
                of(Stream::empty(version), Form::Plain),
            ]
        })
        .collect()
}

/// Types 22 to 25 as Redis means them.
pub(crate) fn redis_values() -> Vec<Value> {
    let new = Writer::part;
    let least = || new().raw(&9000_u64.to_le_bytes());
    let pre_release = new()
        .len(2)
        .len(0)
        .texts(&["f", "v"])
        .len(5000)
        .texts(&["g", "w"]);
    let triples = Listpack::of(&["f", "v", "9000", "g", "w", "9500", "7", "x", "0"]).bytes();
    let md = least().lens(&[2, 1]).texts(&["f", "v"]).len(0).texts(&["g", "w"]);
    let [plain, packed] = blob(23, Kind::Hash, "hash-listpack-md-pre-release", &triples);
    vec![
        value(22, Kind::Hash, "hash-hashtable-md-pre-release", pre_release),
        plain,
        packed,
        value(24, Kind::Hash, "hash-hashtable-md", md),
        value(25, Kind::Hash, "hash-listpack-md", least().text(&triples)),
        value(25, Kind::Hash, "hash-listpack-md", least().packed(&triples)),
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
        .len(module_id("snapkeep-", 3))
        .lens(&[2, 1])
        .tags(&[Tag::Text("aux")])
        .raw(&[245])
        .text("#!lua name=x\nreturn 1");
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
    (0..)
        .zip(common_values())
        .fold(writer, |writer, (number, value)| {
            writer
                .key(value.rdb_type, &format!("key {number}"))
                .raw(&value.bytes)
        })
}

/// Hand-made files; each version family once, and one without a CRC.
pub(crate) fn hand_made() -> Vec<(&'static str, Vec<u8>)> {
    let redis = redis_values()
        .iter()
        .fold(everything(Writer::redis(12)), |writer, value| {
            writer.key(value.rdb_type, "k").raw(&value.bytes)
        });
    let import = Writer::valkey()
        .raw(&[243])
        .text([b'a'; 40])
        .lens(&[1, 0, 16_383]);
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
                .text(Zipmap::new().pair("f", "v").bytes())
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
