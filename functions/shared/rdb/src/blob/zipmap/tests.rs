//! Zipmaps, well-formed and not.

use proptest::prelude::*;

use super::Zipmap;
use crate::blob::trial::{self, Kept};

/// A field, its value and how many unused bytes follow that.
type Pair = (Vec<u8>, Vec<u8>, u8);

fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(length @ 0..0xfe) => vec![length],
        _ => [&[0xfe], &u32::try_from(length).unwrap().to_le_bytes()[..]].concat(),
    }
}

/// Unused bytes hold anything; here what would be an end mark.
fn zipmap(pairs: &[Pair]) -> Vec<u8> {
    let inside = pairs.iter().flat_map(|(field, value, unused)| {
        let rest = vec![0xff; usize::from(*unused)];
        [
            length(field.len()).as_slice(),
            field,
            &length(value.len()),
            &[*unused],
            value,
            &rest,
        ]
        .concat()
    });
    framed(
        u8::try_from(pairs.len()).unwrap_or(0xfe),
        &inside.collect::<Vec<_>>(),
    )
}

fn framed(count: u8, inside: &[u8]) -> Vec<u8> {
    [&[count], inside, &[0xff]].concat()
}

fn kept(pairs: &[Pair]) -> Vec<Kept> {
    pairs
        .iter()
        .flat_map(|(field, value, _)| [Kept::text(field), Kept::text(value)])
        .collect()
}

fn accepted(pairs: &[Pair]) {
    let blob = zipmap(pairs);
    trial::check_accepted::<Zipmap>(&blob, &kept(pairs), &[]);
    trial::check_every_cut::<Zipmap>(&blob);
}

#[test]
fn pairs_come_as_field_and_value() {
    accepted(&[
        (b"foo".into(), b"bar".into(), 0),
        (b"hello".into(), b"world".into(), 0),
    ]);
    accepted(&[(vec![], vec![], 0)]);
    accepted(&[(vec![], vec![], 255)]);
    accepted(&[(b"f".into(), b"v".into(), 3), (b"g".into(), b"w".into(), 1)]);
}

#[test]
fn texts_of_every_length_class_are_whole_or_counted() {
    for length in [253, 254, 255, 256, 257, 600] {
        accepted(&[
            (vec![0xff; length], vec![0xfe; length], 2),
            (b"last".into(), vec![], 0),
        ]);
    }
}

#[test]
fn a_long_text_that_is_cut_is_counted() {
    let blob = zipmap(&[(vec![7; 300], vec![8; 301], 9)]);
    let mut walker = Zipmap::new(blob.len() as u64);
    let mut seen = trial::Seen::default();
    let mut taken = 0;
    for end in [100, 400, 615, blob.len()] {
        taken += walker.walk(&blob[taken..end], &mut seen).unwrap();
        assert_eq!(taken, end, "a long text is passed, not waited for");
    }
    assert_eq!(seen.entries(), [Kept::Long(300), Kept::Long(301)]);
    assert!(walker.is_over());
}

#[test]
fn counts_may_be_unknown() {
    trial::check_accepted::<Zipmap>(
        &framed(254, b"\x01a\x01\x00b"),
        &[Kept::text("a"), Kept::text("b")],
        &[],
    );
    let many = vec![(b"f".to_vec(), vec![], 0); 300];
    trial::check_accepted::<Zipmap>(&zipmap(&many), &kept(&many), &[500]);
}

fn refused(blob: &[u8], part: &str) {
    trial::check_refused::<Zipmap>(blob, part);
}

#[test]
fn frames_that_contradict_themselves_are_refused() {
    refused(
        &[],
        "expected at least `2` bytes, found `0`, at byte `0` of the zipmap",
    );
    refused(&[0xff], "found `1`");
    refused(
        &framed(0, &[]),
        "expected at least one pair, found none, at byte `1`",
    );
    refused(&framed(254, &[]), "expected at least one pair");
    refused(
        &[1, 1, b'a', 1, 0, b'b', 0],
        "expected the end mark, found another text, at byte `6`",
    );
    refused(
        &[1, 1, b'a', 0],
        "expected the end mark, found another text, at byte `3`",
    );
    refused(
        &framed(1, b"\x01a\x01\x00b\xff"),
        "`1` bytes follow the end mark, at byte `6`",
    );
    refused(
        &framed(2, b"\x01a\x01\x00b"),
        "names `2` pairs, there are `1`, at byte `6`",
    );
    refused(&framed(0, b"\x01a\x01\x00b"), "names `0` pairs");
    refused(&framed(255, b"\x01a\x01\x00b"), "names `255` pairs");
}

#[test]
fn texts_that_contradict_themselves_are_refused() {
    refused(
        &framed(1, b"\x01a"),
        "expected a value, found an end mark, at byte `3`",
    );
    // The reference tool reads this length byte as if it were 254; to zipmap.c's own description it is the end.
    refused(
        &framed(1, &[&b"\x01a\xff\0\x01\0\0\0"[..], &[b'b'; 256]].concat()),
        "expected a value, found an end mark",
    );
    refused(
        &framed(1, b"\xfe\x01\0\0\0a\x01\0b"),
        "the length `1` is written in five bytes",
    );
    refused(
        &framed(1, b"\x01a\xfe\x01\0\0\0\0b"),
        "the length `1` is written in five bytes",
    );
    refused(
        &framed(1, b"\xfe\x01\0\0"),
        "head of a text does not fit into the `4` bytes",
    );
    refused(
        &framed(1, b"\x01a\x00"),
        "head of a text does not fit into the `1` bytes",
    );
    refused(
        &framed(1, b"\x05a"),
        "a text of `6` bytes with its head does not fit into the `2`",
    );
    refused(
        &framed(1, b"\x01a\x02\x00b"),
        "a text of `4` bytes with its head does not fit into the `3`",
    );
    refused(
        &framed(1, b"\x01a\x01\x01b"),
        "a text of `4` bytes with its head does not fit into the `3`",
    );
    refused(
        &framed(1, b"\xfe\xff\xff\xff\xffa"),
        "a text of `4294967300` bytes",
    );
}

#[test]
fn implausible_states_are_told() {
    let blob = zipmap(&[(vec![7; 300], vec![8; 301], 9)]);
    let mut walker = Zipmap::new(blob.len() as u64);
    walker.walk(&blob[..400], &mut trial::Seen::default()).unwrap();
    let json = serde_json::to_string(&walker).unwrap();
    for (good, bad) in [
        ("\"at\":400", "\"at\":0"),
        ("\"at\":400", "\"at\":401"),
        ("\"at\":400", "\"at\":800"),
        ("\"seen\":0", "\"seen\":401"),
        ("\"left\":213", "\"left\":302"),
        ("\"left\":213", "\"left\":214"),
        ("\"unused\":9", "\"unused\":10"),
    ] {
        assert!(json.contains(good), "{json}");
        let forged: Zipmap = serde_json::from_str(&json.replace(good, bad)).unwrap();
        assert!(!forged.is_plausible(), "{forged:?}");
    }
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![8 => 0..20_usize, 2 => 240..300_usize, 1 => 300..900_usize];
    (length, any::<u8>()).prop_map(|(length, fill)| vec![fill; length])
}

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let unused = prop_oneof![3 => Just(0), 1 => any::<u8>()];
    prop::collection::vec((text(), text(), unused), 1..8)
}

proptest! {
    #[test]
    fn well_formed_zipmaps_are_accepted(pairs in pairs(), shares in trial::shares()) {
        let blob = zipmap(&pairs);
        trial::check_accepted::<Zipmap>(&blob, &kept(&pairs), &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn any_bytes_come_to_the_same_however_cut(
        inside in prop::collection::vec(prop_oneof![0..9_u8, any::<u8>()], 0..80),
        shares in trial::shares(),
    ) {
        let blob = framed(254, &inside);
        trial::check_cuts::<Zipmap>(&blob, &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn forged_states_never_panic(pairs in pairs(), cut in 0..=100_usize, numbers in trial::forged_numbers()) {
        let blob = zipmap(&pairs);
        let cut = trial::cut_at(blob.len(), &[cut])[0];
        trial::check_forged::<Zipmap>(&blob, cut, &numbers);
    }
}

#[test]
fn flips_come_to_the_same_however_cut() {
    let pairs = [
        (b"foo".to_vec(), b"bar".to_vec(), 0),
        (vec![1; 9], vec![0; 3], 2),
        (vec![0; 300], vec![9; 2], 1),
    ];
    trial::check_flips::<Zipmap>(&zipmap(&pairs), &[4, 30, 290]);
}
