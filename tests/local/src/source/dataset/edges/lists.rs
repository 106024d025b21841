//! Lists: one node, many, plain and compressed ones, and entries of every form a small encoding has.

use super::super::on;
use super::{Keys, LIST_DEPTH, LIST_SIZE, Setting, noise, text};
use redis::Cmd;

/// Size of a node (entries, or -1 to -5 for 4 to 64 KiB) and how many nodes at either end are not compressed.
pub(super) fn settings(size: &str, depth: &str) -> Vec<Setting> {
    vec![(LIST_SIZE, size.to_owned()), (LIST_DEPTH, depth.to_owned())]
}

/// Lengths at which an entry changes its form: 6-, 12- and 32-bit lengths and back-lengths of one to three bytes in a
/// listpack, previous lengths of one or five bytes in a ziplist, a node of one's own.
pub(super) const ENTRY_LENGTHS: [usize; 24] = [
    0, 1, 62, 63, 64, 65, 122, 123, 124, 125, 126, 127, 128, 248, 249, 250, 251, 252, 253, 254, 4_095, 4_096,
    8_180, 16_384,
];

/// Integers at which an entry changes its form: 4, 7, 8, 13, 16, 24, 32 and 64 bits.
pub(super) fn integers() -> Vec<i64> {
    let edges = [0, 12, 13, 127, 4095, 32_767, 8_388_607, 2_147_483_647, i64::MAX];
    edges
        .into_iter()
        .flat_map(|edge: i64| {
            [
                edge - 1,
                edge,
                edge.saturating_add(1),
                -edge,
                !edge,
                !edge.saturating_add(1),
            ]
        })
        .collect()
}

pub(super) fn all(keys: &mut Keys) {
    for count in [1, 2, 5, 127, 128, 129, 3_000] {
        keys.add(&format!("list of {count} texts"), |key| {
            push(key, (0..count).map(|n| text(20, n)))
        });
        keys.add(&format!("list of {count} pieces of noise"), |key| {
            push(key, (0..count).map(|n| noise(30, n)))
        });
    }
    keys.add("list of integers", |key| {
        vec![on("RPUSH", key).arg(integers()).take()]
    });
    keys.add("list of lengths", |key| {
        push(key, ENTRY_LENGTHS.iter().map(|n| text(*n, 1)))
    });
    keys.add("list of lengths downwards", |key| {
        push(key, ENTRY_LENGTHS.iter().rev().map(|n| noise(*n, 1)))
    });
    for length in [4_096, 8_191, 8_192, 8_193, 65_535, 65_537, 300_000] {
        keys.add(&format!("list with {length} of text among small ones"), |key| {
            push(key, [text(3, 1), text(length, 2), text(3, 3)])
        });
        keys.add(&format!("list with {length} of noise among small ones"), |key| {
            push(key, [text(3, 1), noise(length, 2), noise(length, 3)])
        });
    }
    keys.add("list without its middle", |key| {
        let mut commands = push(key, (0..2_000).map(|n| text(25, n)));
        commands.push(on("LREM", key).arg(0).arg(text(25, 900)).take());
        commands.push(
            on("LINSERT", key)
                .arg("BEFORE")
                .arg(text(25, 1_200))
                .arg(noise(9_000, 1))
                .take(),
        );
        commands.push(on("LSET", key).arg(700).arg(text(9_000, 1)).take());
        commands.push(on("LSET", key).arg(10).arg("").take());
        commands.push(on("LTRIM", key).arg(5).arg(-6).take());
        commands
    });
    keys.add("list pushed from both ends", |key| {
        (0..400)
            .map(|n| {
                on(if n % 2 == 0 { "LPUSH" } else { "RPUSH" }, key)
                    .arg(text(60, n))
                    .take()
            })
            .collect()
    });
}

pub(super) fn push(key: &[u8], elements: impl IntoIterator<Item = Vec<u8>>) -> Vec<Cmd> {
    let elements: Vec<Vec<u8>> = elements.into_iter().collect();
    elements
        .chunks(500)
        .map(|chunk| on("RPUSH", key).arg(chunk).take())
        .collect()
}
