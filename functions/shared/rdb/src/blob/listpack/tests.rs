//! Listpacks, well-formed and not.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an encoder writes the low bytes of numbers it has judged"
)]

use proptest::prelude::*;

use super::{Listpack, backlen};
use crate::blob::trial::{self, Kept};

/// An entry and the encoding it is written with.
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
                length @ 0..64 => [&[0x80 | length as u8], bytes.as_slice()].concat(),
                length @ 64..4096 => [&(0xe000 | length as u16).to_be_bytes(), bytes.as_slice()].concat(),
                _ => Self::Wide(bytes.clone()).encoded(),
            },
            Self::Wide(bytes) => [&[0xf0], &(bytes.len() as u32).to_le_bytes()[..], bytes].concat(),
        }
    }
}

fn integer(value: i64) -> Vec<u8> {
    let bytes = value.to_le_bytes();
    let with = |first: u8, count: usize| [&[first], &bytes[..count]].concat();
    match value {
        0..=127 => vec![value as u8],
        -4096..=4095 => (0xc000 | value as u16 & 0x1fff).to_be_bytes().to_vec(),
        -32_768..=32_767 => with(0xf1, 2),
        -8_388_608..=8_388_607 => with(0xf2, 3),
        -2_147_483_648..=2_147_483_647 => with(0xf3, 4),
        _ => with(0xf4, 8),
    }
}

/// The length behind an entry, written from the description of the format: groups of seven bits, last group last.
fn behind(size: usize) -> Vec<u8> {
    let groups = (1..5).take_while(|group| size >> (7 * group) > 0).count();
    let mut bytes: Vec<_> = (0..=groups)
        .map(|group| (size >> (7 * group)) as u8 | 0x80)
        .collect();
    bytes.reverse();
    bytes[0] &= 0x7f;
    bytes
}

fn entry(encoded: &[u8]) -> Vec<u8> {
    [encoded, &behind(encoded.len())].concat()
}

/// A listpack of raw bytes between a header with `count` and the end mark.
fn framed(count: u16, inside: &[u8]) -> Vec<u8> {
    let size = inside.len() as u32 + 7;
    [&size.to_le_bytes(), &count.to_le_bytes()[..], inside, &[0xff]].concat()
}

fn listpack(entries: &[Written]) -> Vec<u8> {
    let inside: Vec<_> = entries
        .iter()
        .flat_map(|written| entry(&written.encoded()))
        .collect();
    framed(u16::try_from(entries.len()).unwrap_or(u16::MAX), &inside)
}

fn check(bytes: &[u8], expected: Kept) {
    let blob = framed(1, &entry(bytes));
    trial::check_accepted::<Listpack>(&blob, &[expected], &[7]);
    trial::check_every_cut::<Listpack>(&blob);
}

#[test]
fn every_encoding_gives_its_entry() {
    check(&[0x00], Kept::Integer(0));
    check(&[0x7f], Kept::Integer(127));
    check(&[0xc0, 0x80], Kept::Integer(128));
    check(&[0xcf, 0xff], Kept::Integer(4095));
    check(&[0xd0, 0x00], Kept::Integer(-4096));
    check(&[0xdf, 0xff], Kept::Integer(-1));
    check(&[0xf1, 0x00, 0x80], Kept::Integer(-32_768));
    check(&[0xf2, 0xff, 0xff, 0x7f], Kept::Integer(8_388_607));
    check(&[0xf2, 0x00, 0x00, 0x80], Kept::Integer(-8_388_608));
    check(&[0xf3, 0x00, 0x00, 0x00, 0x80], Kept::Integer(i32::MIN.into()));
    check(&[0xf4, 0, 0, 0, 0, 0, 0, 0, 0x80], Kept::Integer(i64::MIN));
    check(&[0xf4, 1, 0, 0, 0, 0, 0, 0, 0], Kept::Integer(1));
    check(b"\x80", Kept::text(""));
    check(b"\x83abc", Kept::text("abc"));
    check(b"\xe0\x03abc", Kept::text("abc"));
    check(b"\xf0\x03\0\0\0abc", Kept::text("abc"));
}

#[test]
fn texts_of_every_length_class_are_whole_or_counted() {
    for length in [
        63, 64, 125, 126, 127, 255, 256, 257, 4095, 4096, 16_377, 16_378, 16_379,
    ] {
        let written = Written::Text(vec![0xff; length]);
        trial::check_accepted::<Listpack>(
            &listpack(std::slice::from_ref(&written)),
            &[written.kept()],
            &[9, 10, 200],
        );
    }
}

#[test]
fn a_long_text_that_is_cut_is_counted() {
    let blob = listpack(&[Written::Text(vec![7; 300]), Written::Integer(5)]);
    let mut walker = Listpack::new(blob.len() as u64);
    let mut seen = trial::Seen::default();
    let taken = walker.walk(&blob[..100], &mut seen).unwrap();
    assert_eq!(taken, 100, "a long text is passed, not waited for");
    walker.walk(&blob[100..], &mut seen).unwrap();
    assert_eq!(seen.entries(), [Kept::Long(300), Kept::Integer(5)]);
    assert!(walker.is_over());
}

#[test]
fn lengths_behind_entries_have_one_form_but_for_three_sizes() {
    for (size, bytes) in [
        (1, &[1][..]),
        (127, &[127]),
        (128, &[1, 0x80]),
        (16_382, &[0x7f, 0xfe]),
        (16_383, &[0x7f, 0xff]),
        (16_383, &[0, 0xff, 0xff]),
        (16_384, &[1, 0x80, 0x80]),
        (2_097_151, &[0x7f, 0xff, 0xff]),
        (2_097_151, &[0, 0xff, 0xff, 0xff]),
        (268_435_455, &[0x7f, 0xff, 0xff, 0xff]),
        (268_435_455, &[0, 0xff, 0xff, 0xff, 0xff]),
        (u64::from(u32::MAX), &[0x0f, 0xff, 0xff, 0xff, 0xff]),
    ] {
        let (found, width) = backlen(size, bytes[0]);
        assert_eq!(&found[..width], bytes, "{size}");
    }
}

#[test]
fn both_forms_of_a_length_of_ones_are_accepted() {
    let text = vec![0xff; 16_383 - 5];
    let encoded = Written::Wide(text.clone()).encoded();
    for behind in [&[0x7f, 0xff][..], &[0, 0xff, 0xff]] {
        let blob = framed(2, &[&encoded, behind, &entry(&[9])].concat());
        let kept = [Kept::text(&text), Kept::Integer(9)];
        trial::check_accepted::<Listpack>(&blob, &kept, &[300, 16_389, 16_390, 16_391]);
    }
    for (behind, part) in [
        (&[][..], "does not fit into the `16383`"),
        (&[0x7f], "does not fit into the `16384`"),
        (&[0, 0xff], "says something else, at byte `16389`"),
        (&[0, 0x7f, 0xff], "says something else"),
    ] {
        refused(&framed(1, &[&encoded, behind].concat()), part);
    }
}

#[test]
fn counts_may_be_unknown() {
    trial::check_accepted::<Listpack>(&framed(0, &[]), &[], &[]);
    trial::check_accepted::<Listpack>(&framed(u16::MAX, &[]), &[], &[]);
    let one = entry(&[9]);
    trial::check_accepted::<Listpack>(&framed(u16::MAX, &one), &[Kept::Integer(9)], &[]);
    let many = listpack(&vec![Written::Integer(1); 65_535]);
    assert_eq!(trial::whole::<Listpack>(&many).entries.len(), 65_535);
}

fn refused(blob: &[u8], part: &str) {
    trial::check_refused::<Listpack>(blob, part);
}

#[test]
fn frames_that_contradict_themselves_are_refused() {
    refused(
        &[],
        "expected at least `7` bytes, found `0`, at byte `0` of the listpack",
    );
    refused(&[6, 0, 0, 0, 0, 0], "found `6`");
    refused(&[8, 0, 0, 0, 0, 0, 0xff], "names `8` bytes, there are `7`");
    refused(
        &[7, 0, 0, 0, 0, 0, 0],
        "expected the end mark, found another entry, at byte `6`",
    );
    refused(&framed(0, &[0xff]), "`1` bytes follow the end mark, at byte `6`");
    refused(&framed(1, &[0xff, 0xff]), "`2` bytes follow the end mark");
    refused(
        &framed(2, &entry(&[9])),
        "names `2` entries, there are `1`, at byte `8`",
    );
    refused(&framed(0, &entry(&[9])), "names `0` entries");
    refused(&framed(65_534, &entry(&[9])), "names `65534` entries");
}

#[test]
fn entries_that_contradict_themselves_are_refused() {
    for first in 0xf5..0xff {
        refused(&framed(1, &[first, 1]), &format!("encoding byte `{first:#04x}`"));
    }
    refused(
        &framed(1, &[9, 2]),
        "behind an entry of `1` bytes says something else, at byte `7`",
    );
    refused(&framed(1, &[0x80, 0x81]), "behind an entry of `1` bytes");
    refused(&framed(1, b"\x83abc\x05"), "behind an entry of `4` bytes");
    refused(
        &framed(1, &[0xf4, 1, 2, 3, 4, 5, 6, 7, 8, 8]),
        "behind an entry of `9` bytes",
    );
    refused(
        &framed(1, &[&[0xe0, 200][..], &[1; 200], &[1, 0x4a]].concat()),
        "an entry of `202` bytes says",
    );
    refused(
        &framed(1, &[&[0xe1, 44][..], &[1; 300], &[2, 0xaf]].concat()),
        "an entry of `302` bytes says",
    );
    // The reader of listpack.c goes on backwards into the text here, whose zeros change nothing; no writer does that.
    refused(&framed(1, &[0x82, 0, 0, 0x83]), "behind an entry of `3` bytes");
}

#[test]
fn entries_that_reach_too_far_are_refused() {
    refused(
        &framed(1, &[9]),
        "an entry of `1` bytes does not fit into the `1` that are left",
    );
    refused(
        &framed(1, b"\x83abc"),
        "an entry of `4` bytes does not fit into the `4`",
    );
    refused(
        &framed(1, &[0xe0]),
        "length of a text does not fit into the `1` bytes",
    );
    refused(
        &framed(1, &[0xf0, 1, 0, 0]),
        "length of a text does not fit into the `4` bytes",
    );
    refused(
        &framed(1, b"\xf0\xff\xff\xff\xffabc"),
        "an entry of `4294967300` bytes",
    );
    refused(&framed(1, &[0xf4, 1, 2]), "an entry of `9` bytes");
    refused(
        &[9, 0, 0, 0, 1, 0, 0x81, b'a', 2],
        "an entry of `2` bytes does not fit",
    );
}

#[test]
fn implausible_states_are_told() {
    let blob = listpack(&[Written::Text(vec![7; 300])]);
    let mut walker = Listpack::new(blob.len() as u64);
    walker.walk(&blob[..50], &mut trial::Seen::default()).unwrap();
    let json = serde_json::to_string(&walker).unwrap();
    for (good, bad) in [
        ("\"at\":50", "\"at\":5"),
        ("\"at\":50", "\"at\":299"),
        ("\"size\":\"137\"", "\"size\":\"100000137\""),
        ("\"seen\":0", "\"seen\":51"),
        ("\"head\":2", "\"head\":0"),
        ("\"left\":258", "\"left\":301"),
        ("\"text\":300", "\"text\":9007199254740991"),
    ] {
        assert!(json.contains(good), "{json}");
        let forged: Listpack = serde_json::from_str(&json.replace(good, bad)).unwrap();
        assert!(!forged.is_plausible(), "{forged:?}");
    }
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![8 => 0..70_usize, 2 => 100..300_usize, 1 => 4000..5000_usize];
    (length, any::<u8>()).prop_map(|(length, fill)| vec![fill; length])
}

fn entries() -> impl Strategy<Value = Vec<Written>> {
    let integers = (any::<i64>(), 0..64_u32).prop_map(|(value, shift)| Written::Integer(value >> shift));
    let one = prop_oneof![
        3 => integers,
        3 => texts().prop_map(Written::Text),
        1 => texts().prop_map(Written::Wide),
    ];
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn well_formed_listpacks_are_accepted(entries in entries(), shares in trial::shares()) {
        let blob = listpack(&entries);
        let kept: Vec<_> = entries.iter().map(Written::kept).collect();
        trial::check_accepted::<Listpack>(&blob, &kept, &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn any_bytes_come_to_the_same_however_cut(inside in prop::collection::vec(any::<u8>(), 0..80), shares in trial::shares()) {
        trial::check_cuts::<Listpack>(&inside, &trial::cut_at(inside.len(), &shares));
        let blob = framed(u16::MAX, &inside);
        trial::check_cuts::<Listpack>(&blob, &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn forged_states_never_panic(entries in entries(), cut in 0..=100_usize, numbers in trial::forged_numbers()) {
        let blob = listpack(&entries);
        let cut = trial::cut_at(blob.len(), &[cut])[0];
        trial::check_forged::<Listpack>(&blob, cut, &numbers);
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
    let blob = listpack(&entries);
    trial::check_flips::<Listpack>(&blob, &[8, 20]);
    let long = listpack(&[Written::Text(vec![0; 300]), Written::Integer(3)]);
    trial::check_flips::<Listpack>(&long, &[20, 290]);
}
