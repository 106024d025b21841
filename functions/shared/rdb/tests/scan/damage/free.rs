//! Where no CRC covers a file, some bytes may be others and the file still be one that an engine could have written.
//! This is the table of those bytes; a flipped bit anywhere else is refused.

use super::flips;
use crate::scan;

/// Why a byte may be another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Any other byte is refused.
    Held,
    /// Digits of a version that is read too.
    Version,
    /// The byte of a type or opcode whose record happens to have the same layout.
    Type,
    /// The length of a text, where what stands behind the longer or shorter one happens to be right as well.
    Length,
    /// The form of a listpack's entry, where another has the same size.
    Form,
    /// Letters of names, members, fields and values.
    Text,
    /// A number stored in place of a text.
    Number,
    /// The score of a member.
    Score,
    /// Instants: expiries, idle times, when a consumer was seen.
    Time,
    /// Ids of streams and groups, which nothing else in the file repeats, and counts of deliveries and reads.
    Counter,
    /// Number of a database, and the sizes that are announced for one.
    Database,
    /// A module's name and its own values.
    Module,
    /// Where a reference of LZF points: to another place before it that says the same or gives another text.
    Reference,
}

use Class::{
    Counter, Database, Form, Held, Length, Module, Number, Reference, Score, Text, Time, Type, Version,
};

/// A file in parts, each with why its bytes may be others.
type Parts = Vec<(Class, Vec<u8>)>;

fn of(parts: &[(Class, &[u8])]) -> Parts {
    parts
        .iter()
        .map(|&(class, bytes)| (class, bytes.to_vec()))
        .collect()
}

/// A file of these parts between a header and an end without a CRC.
fn file(parts: Parts) -> Parts {
    let head = of(&[(Held, b"REDIS"), (Version, b"0011")]);
    [head, parts, of(&[(Held, &[255]), (Held, &[0; 8])])].concat()
}

/// A key of this type.
fn key(rdb_type: u8, value: &[(Class, &[u8])]) -> Parts {
    let key = of(&[(Type, &[rdb_type]), (Length, &[1]), (Text, b"k")]);
    [key, of(value)].concat()
}

/// A blob of these parts, behind its length.
fn sized(parts: Parts) -> Parts {
    let size = parts.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() as u8;
    [of(&[(Held, &[size])]), parts].concat()
}

/// A listpack of texts of one byte each.
fn listpack(texts: &[u8]) -> Parts {
    let count = texts.len() as u8;
    let head = of(&[(Held, &[7 + 3 * count, 0, 0, 0, count, 0])]);
    let entries = texts
        .iter()
        .flat_map(|&text| of(&[(Form, &[0x81]), (Text, &[text]), (Held, &[2])]));
    let parts: Parts = head
        .into_iter()
        .chain(entries)
        .chain(of(&[(Held, &[255])]))
        .collect();
    sized(parts)
}

fn key_of(rdb_type: u8, value: Parts) -> Parts {
    [key(rdb_type, &[]), value].concat()
}

const LZF: [(Class, &[u8]); 4] = [
    (Held, &[0xc3, 7, 7, 3]),
    (Text, b"abcd"),
    (Held, &[0x20]),
    (Reference, &[3]),
];

fn values() -> Vec<(&'static str, Parts)> {
    let zipmap: &[(Class, &[u8])] = &[
        (Held, &[1, 1]),
        (Text, b"f"),
        (Held, &[1, 1]),
        (Text, b"vu"),
        (Held, &[255]),
    ];
    let ziplist: &[(Class, &[u8])] = &[
        (Held, &[16, 0, 0, 0, 13, 0, 0, 0, 2, 0, 0, 1]),
        (Text, b"m"),
        (Held, &[3]),
        (Number, &[0xf5]),
        (Held, &[255]),
    ];
    vec![
        ("string", key(0, &[(Held, &[1]), (Text, b"v")])),
        ("integer", key(0, &[(Held, &[0xc1]), (Number, &[7, 7])])),
        ("LZF", key(0, &LZF)),
        ("list", key(1, &[(Held, &[1, 1]), (Text, b"v")])),
        ("set", key(2, &[(Held, &[1, 1]), (Text, b"v")])),
        (
            "ASCII score",
            key(3, &[(Held, &[1, 1]), (Text, b"v"), (Held, &[1]), (Score, b"5")]),
        ),
        (
            "hash",
            key(4, &[(Held, &[1, 1]), (Text, b"f"), (Held, &[1]), (Text, b"v")]),
        ),
        (
            "binary score",
            key(5, &[(Held, &[1, 1]), (Text, b"v"), (Score, &[7; 8])]),
        ),
        (
            "module",
            key(
                7,
                &[(Module, &[0x40, 9]), (Held, &[2]), (Module, &[9]), (Held, &[0])],
            ),
        ),
        ("zipmap", key_of(9, sized(of(zipmap)))),
        ("ziplist", key_of(12, sized(of(ziplist)))),
        (
            "intset",
            key_of(
                11,
                sized(of(&[(Held, &[2, 0, 0, 0, 2, 0, 0, 0]), (Number, &[5, 0, 9, 0])])),
            ),
        ),
        ("listpack of pairs", key_of(16, listpack(b"fv"))),
        ("listpack of members", key_of(20, listpack(b"ab"))),
        (
            "quicklist",
            key_of(
                18,
                [
                    of(&[(Held, &[2, 1, 1]), (Text, b"v"), (Held, &[2])]),
                    listpack(b"a"),
                ]
                .concat(),
            ),
        ),
        ("stream", key(21, &stream())),
    ]
}

/// A stream without nodes: a group with one id pending, which its consumer claims.
fn stream() -> [(Class, &'static [u8]); 11] {
    [
        (Held, &[0, 0]),
        (Counter, &[5, 2, 0, 0, 5, 1, 3]),
        (Held, &[1]),
        (Length, &[1]),
        (Text, b"g"),
        (Counter, &[5, 2, 1]),
        (Held, &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        (Time, &[9; 8]),
        (Counter, &[3]),
        (Held, &[1, 1]),
        (Text, b"c"),
    ]
}

/// Every sort of value and opcode, as small as it can be.
fn table() -> Vec<(&'static str, Parts)> {
    let string = || key(0, &[(Held, &[1]), (Text, b"v")]);
    let before = [
        of(&[
            (Type, &[254]),
            (Database, &[1]),
            (Type, &[251]),
            (Database, &[1, 1]),
        ]),
        of(&[
            (Type, &[250]),
            (Length, &[2]),
            (Text, b"no"),
            (Length, &[2]),
            (Text, b"te"),
        ]),
        of(&[(Type, &[252]), (Time, &[9; 8]), (Type, &[249]), (Time, &[9])]),
        string(),
        of(&[(Type, &[253]), (Time, &[9; 4]), (Type, &[248]), (Time, &[9])]),
        string(),
    ];
    let function = of(&[
        (Type, &[245]),
        (Held, &[12]),
        (Held, b"#!"),
        (Text, b"lua name=x"),
    ]);
    let mut rows = values();
    // The stream's last part: when its consumer was seen and active, and what it claims.
    if let Some((_, stream)) = rows.last_mut() {
        stream.extend(of(&[(Time, &[9; 16]), (Held, &[1]), (Held, &[1; 16])]));
    }
    rows.push(("what stands before a key", before.concat()));
    rows.push(("function", function));
    rows.into_iter()
        .map(|(name, parts)| (name, file(parts)))
        .collect()
}

pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let joined = |parts: Parts| parts.into_iter().flat_map(|(_, bytes)| bytes).collect();
    table()
        .into_iter()
        .map(|(name, parts)| (name, joined(parts)))
        .collect()
}

#[test]
fn a_flipped_bit_without_a_crc_is_refused_or_free() {
    let mut wrong = Vec::new();
    for ((name, parts), (_, file)) in table().into_iter().zip(files()) {
        let whole = scan(&file).unwrap_or_else(|broken| panic!("{name}: {broken}"));
        assert_eq!(whole.bytes, file.len() as u64, "{name}");
        let classes: Vec<Class> = parts
            .iter()
            .flat_map(|(class, bytes)| vec![*class; bytes.len()])
            .collect();
        for (bit, flipped) in flips(&file) {
            if classes[bit / 8] == Held && scan(&flipped).is_ok() {
                wrong.push(format!(
                    "{name}: bit {} of byte {}, {:#04x}",
                    bit % 8,
                    bit / 8,
                    file[bit / 8]
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "accepted with a byte that is held:\n{}",
        wrong.join("\n")
    );
}

/// No class is in the table for nothing: of each some flip is accepted.
#[test]
fn every_class_is_free() {
    let mut accepted = std::collections::BTreeSet::new();
    for ((_, parts), (_, file)) in table().into_iter().zip(files()) {
        let mut bits = flips(&file);
        for (class, bytes) in parts {
            let free = bits
                .by_ref()
                .take(bytes.len() * 8)
                .any(|(_, flipped)| scan(&flipped).is_ok());
            if free {
                accepted.insert(class);
            }
        }
    }
    for class in [
        Version, Type, Text, Number, Score, Time, Counter, Database, Module, Reference,
    ] {
        assert!(accepted.contains(&class), "{class:?}");
    }
}
