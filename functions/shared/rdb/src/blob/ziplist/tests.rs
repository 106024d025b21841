//! Ziplists, well-formed and not.

#![expect(
    clippy::cast_possible_truncation,
    reason = "an encoder writes the low bytes of numbers it has judged"
)]

use proptest::prelude::*;

use super::Ziplist;
use crate::blob::trial::{self, Kept};

/// An entry and the way it is written.
#[derive(Debug, Clone)]
enum Written {
    Integer(i64),
    Text(Vec<u8>),
    /// A text whose length is written wider than it need be.
    Wide(Vec<u8>),
}

impl Written {
    fn kept(&self) -> Kept {
        match self {
            Self::Integer(value) => Kept::Integer(*value),
            Self::Text(bytes) | Self::Wide(bytes) => Kept::text(bytes),
        }
    }

    fn encoded(&self) -> Vec<u8> {
        match self {
            Self::Integer(value) => integer(*value),
            Self::Text(bytes) => match bytes.len() {
                length @ 0..64 => [&[length as u8], bytes.as_slice()].concat(),
                length @ 64..16_384 => [&(0x4000 | length as u16).to_be_bytes(), bytes.as_slice()].concat(),
                _ => Self::Wide(bytes.clone()).encoded(),
            },
            Self::Wide(bytes) => [&[0x80], &(bytes.len() as u32).to_be_bytes()[..], bytes].concat(),
        }
    }
}

fn integer(value: i64) -> Vec<u8> {
    let bytes = value.to_le_bytes();
    let with = |first: u8, count: usize| [&[first], &bytes[..count]].concat();
    match value {
        0..=12 => vec![0xf1 + bytes[0]],
        -128..=127 => with(0xfe, 1),
        -32_768..=32_767 => with(0xc0, 2),
        -8_388_608..=8_388_607 => with(0xf0, 3),
        -2_147_483_648..=2_147_483_647 => with(0xd0, 4),
        _ => with(0xe0, 8),
    }
}

/// The size of the entry before, in one byte where that is enough and `wide` does not ask for five.
fn before(size: usize, wide: bool) -> Vec<u8> {
    match u8::try_from(size) {
        Ok(size @ 0..0xfe) if !wide => vec![size],
        _ => [&[0xfe], &(size as u32).to_le_bytes()[..]].concat(),
    }
}

/// A ziplist of raw bytes between the header and the end mark, with the last entry at `tail`.
fn framed(tail: usize, count: u16, inside: &[u8]) -> Vec<u8> {
    let words = [inside.len() as u32 + 11, tail as u32].map(u32::to_le_bytes);
    [&words.concat(), &count.to_le_bytes()[..], inside, &[0xff]].concat()
}

/// Entries, each with whether the size before it is written in five bytes whatever it is.
fn ziplist(entries: &[(Written, bool)]) -> Vec<u8> {
    let (mut inside, mut previous) = (Vec::new(), 0);
    for (written, wide) in entries {
        let entry = [before(previous, *wide), written.encoded()].concat();
        previous = entry.len();
        inside.extend(entry);
    }
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    framed(10 + inside.len() - previous, count, &inside)
}

fn check(bytes: &[u8], expected: Kept) {
    let blob = framed(10, 1, &[&[0], bytes].concat());
    trial::check_accepted::<Ziplist>(&blob, &[expected], &[11]);
    trial::check_every_cut::<Ziplist>(&blob);
}

#[test]
fn every_encoding_gives_its_entry() {
    check(&[0xf1], Kept::Integer(0));
    check(&[0xfd], Kept::Integer(12));
    check(&[0xfe, 0x80], Kept::Integer(-128));
    check(&[0xc0, 0xff, 0x7f], Kept::Integer(32_767));
    check(&[0xf0, 0xff, 0xff, 0x7f], Kept::Integer(8_388_607));
    check(&[0xf0, 0x00, 0x00, 0x80], Kept::Integer(-8_388_608));
    check(&[0xd0, 0x00, 0x00, 0x00, 0x80], Kept::Integer(i32::MIN.into()));
    check(&[0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80], Kept::Integer(i64::MIN));
    check(b"\x00", Kept::text(""));
    check(b"\x03abc", Kept::text("abc"));
    check(b"\x40\x03abc", Kept::text("abc"));
    check(b"\x80\0\0\0\x03abc", Kept::text("abc"));
}

#[test]
fn texts_of_every_length_class_are_whole_or_counted() {
    for length in [63, 64, 250, 251, 252, 255, 256, 257, 16_383, 16_384] {
        let written = Written::Text(vec![0xff; length]);
        let blob = ziplist(&[(written.clone(), false), (Written::Integer(3), false)]);
        trial::check_accepted::<Ziplist>(&blob, &[written.kept(), Kept::Integer(3)], &[12, 13, 14, 200]);
    }
}

#[test]
fn sizes_before_may_be_wider_than_they_need_be() {
    let entries = [(Written::Integer(1), true), (Written::Text(vec![b'a'; 4]), true)];
    trial::check_accepted::<Ziplist>(
        &ziplist(&entries),
        &[Kept::Integer(1), Kept::text("aaaa")],
        &[12, 17],
    );
}

#[test]
fn a_long_text_that_is_cut_is_counted() {
    let blob = ziplist(&[(Written::Text(vec![7; 300]), false), (Written::Integer(5), false)]);
    let mut walker = Ziplist::new(blob.len() as u64);
    let mut seen = trial::Seen::default();
    let taken = walker.walk(&blob[..100], &mut seen).unwrap();
    assert_eq!(taken, 100, "a long text is passed, not waited for");
    walker.walk(&blob[100..], &mut seen).unwrap();
    assert_eq!(seen.entries(), [Kept::Long(300), Kept::Integer(5)]);
    assert!(walker.is_over());
}

#[test]
fn counts_may_be_unknown() {
    trial::check_accepted::<Ziplist>(&framed(10, 0, &[]), &[], &[]);
    trial::check_accepted::<Ziplist>(&framed(10, u16::MAX, &[0, 0xf2]), &[Kept::Integer(1)], &[]);
    let many = ziplist(&vec![(Written::Integer(1), false); 65_535]);
    assert_eq!(trial::whole::<Ziplist>(&many).entries.len(), 65_535);
}

fn refused(blob: &[u8], part: &str) {
    trial::check_refused::<Ziplist>(blob, part);
}

#[test]
fn frames_that_contradict_themselves_are_refused() {
    refused(
        &[],
        "expected at least `11` bytes, found `0`, at byte `0` of the ziplist",
    );
    refused(&[10, 0, 0, 0, 10, 0, 0, 0, 0, 0], "found `10`");
    refused(
        &[12, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0xff],
        "names `12` bytes, there are `11`",
    );
    refused(
        &[11, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0],
        "expected the end mark, found another entry, at byte `10`",
    );
    refused(
        &framed(10, 0, &[0xff]),
        "`1` bytes follow the end mark, at byte `10`",
    );
    refused(
        &framed(10, 2, &[0, 0xf2]),
        "names `2` entries, there are `1`, at byte `12`",
    );
    refused(&framed(10, 65_534, &[0, 0xf2]), "names `65534` entries");
    refused(
        &framed(11, 1, &[0, 0xf2]),
        "last entry at byte `11`, it is at `10`",
    );
    refused(
        &framed(10, 2, &[0, 0xf2, 2, 0xf2]),
        "last entry at byte `10`, it is at `12`",
    );
    refused(
        &framed(0xffff_ffff, 1, &[0, 0xf2]),
        "last entry at byte `4294967295`",
    );
    // The reference tool looks at the offset of an empty ziplist only for its size; writers put 10 there.
    refused(&framed(9, 0, &[]), "last entry at byte `9`, it is at `10`");
}

#[test]
fn entries_that_contradict_themselves_are_refused() {
    for first in (0x81..0xc0)
        .chain(0xc1..0xd0)
        .chain(0xd1..0xe0)
        .chain(0xe1..0xf0)
        .chain([0xff])
    {
        refused(
            &framed(10, 1, &[0, first, 0]),
            &format!("encoding byte `{first:#04x}`, which no entry has, at byte `11`"),
        );
    }
    refused(
        &framed(10, 1, &[1, 0xf2]),
        "said to take `1` bytes, it takes `0`, at byte `10`",
    );
    refused(
        &framed(12, 2, &[0, 0xf2, 3, 0xf2]),
        "said to take `3` bytes, it takes `2`, at byte `12`",
    );
    refused(
        &framed(12, 2, &[0, 0xf2, 0xfe, 2, 1, 0, 0, 0xf2]),
        "said to take `258` bytes, it takes `2`",
    );
}

#[test]
fn entries_that_reach_too_far_are_refused() {
    refused(
        &framed(10, 1, &[0]),
        "head of an entry does not fit into the `1` bytes",
    );
    refused(
        &framed(10, 1, &[0xfe, 0, 0, 0, 0]),
        "head of an entry does not fit into the `5` bytes",
    );
    refused(
        &framed(10, 1, &[0, 0x40]),
        "length of a text does not fit into the `1` bytes",
    );
    refused(
        &framed(10, 1, &[0, 0x80, 0, 0, 0]),
        "length of a text does not fit into the `4` bytes",
    );
    refused(
        &framed(10, 1, b"\x00\x03ab"),
        "an entry of `5` bytes does not fit into the `4` that are left",
    );
    refused(
        &framed(10, 1, b"\x00\x80\xff\xff\xff\xffab"),
        "an entry of `4294967301` bytes",
    );
    refused(&framed(10, 1, &[0, 0xe0, 1, 2]), "an entry of `10` bytes");
    refused(
        &[13, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 1, b'a'],
        "an entry of `3` bytes does not fit into the `2`",
    );
}

#[test]
fn implausible_states_are_told() {
    let blob = ziplist(&[(Written::Integer(3), false), (Written::Text(vec![7; 300]), false)]);
    let mut walker = Ziplist::new(blob.len() as u64);
    walker.walk(&blob[..50], &mut trial::Seen::default()).unwrap();
    let json = serde_json::to_string(&walker).unwrap();
    for (good, bad) in [
        ("\"at\":50", "\"at\":9"),
        ("\"at\":50", "\"at\":316"),
        ("\"size\":\"13c\"", "\"size\":\"10000013c\""),
        ("\"seen\":1", "\"seen\":51"),
        ("\"previous\":2", "\"previous\":51"),
        ("\"left\":265", "\"left\":301"),
        ("\"left\":265", "\"left\":266"),
        ("\"size\":303", "\"size\":9007199254740991"),
        ("\"size\":303", "\"size\":316"),
    ] {
        assert!(json.contains(good), "{json}");
        let forged: Ziplist = serde_json::from_str(&json.replace(good, bad)).unwrap();
        assert!(!forged.is_plausible(), "{forged:?}");
    }
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![8 => 0..70_usize, 2 => 100..300_usize, 1 => 16_300..16_400_usize];
    (length, any::<u8>()).prop_map(|(length, fill)| vec![fill; length])
}

fn entries() -> impl Strategy<Value = Vec<(Written, bool)>> {
    let integers = (any::<i64>(), 0..64_u32).prop_map(|(value, shift)| Written::Integer(value >> shift));
    let one = prop_oneof![
        3 => integers,
        3 => texts().prop_map(Written::Text),
        1 => texts().prop_map(Written::Wide),
    ];
    prop::collection::vec((one, prop::bool::weighted(0.1)), 0..12)
}

proptest! {
    #[test]
    fn well_formed_ziplists_are_accepted(entries in entries(), shares in trial::shares()) {
        let blob = ziplist(&entries);
        let kept: Vec<_> = entries.iter().map(|(written, _)| written.kept()).collect();
        trial::check_accepted::<Ziplist>(&blob, &kept, &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn any_bytes_come_to_the_same_however_cut(
        inside in prop::collection::vec(any::<u8>(), 0..80),
        shares in trial::shares(),
    ) {
        trial::check_cuts::<Ziplist>(&inside, &trial::cut_at(inside.len(), &shares));
        let blob = framed(10, u16::MAX, &[&[0], inside.as_slice()].concat());
        trial::check_cuts::<Ziplist>(&blob, &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn forged_states_never_panic(entries in entries(), cut in 0..=100_usize, numbers in trial::forged_numbers()) {
        let blob = ziplist(&entries);
        let cut = trial::cut_at(blob.len(), &[cut])[0];
        trial::check_forged::<Ziplist>(&blob, cut, &numbers);
    }
}

#[test]
fn flips_come_to_the_same_however_cut() {
    let entries = [
        Written::Integer(1),
        Written::Integer(-70_000),
        Written::Text(vec![b'a'; 9]),
        Written::Text(vec![0; 70]),
    ];
    let blob = ziplist(&entries.map(|written| (written, false)));
    trial::check_flips::<Ziplist>(&blob, &[11, 24]);
    let long = ziplist(&[(Written::Text(vec![0; 300]), false), (Written::Integer(3), false)]);
    trial::check_flips::<Ziplist>(&long, &[20, 290]);
}
