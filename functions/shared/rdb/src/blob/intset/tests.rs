//! Intsets, well-formed and not.

use proptest::prelude::*;

use super::Intset;
use crate::blob::trial::{self, Kept};

/// An intset of integers as they are given, in `width` bytes each.
fn intset(width: u32, integers: &[i64]) -> Vec<u8> {
    let raw = integers
        .iter()
        .flat_map(|value| value.to_le_bytes().into_iter().take(width as usize));
    framed(
        width,
        u32::try_from(integers.len()).unwrap(),
        &raw.collect::<Vec<_>>(),
    )
}

fn framed(width: u32, count: u32, inside: &[u8]) -> Vec<u8> {
    [&[width, count].map(u32::to_le_bytes).concat(), inside].concat()
}

fn kept(integers: &[i64]) -> Vec<Kept> {
    integers.iter().copied().map(Kept::Integer).collect()
}

fn accepted(width: u32, integers: &[i64]) {
    let blob = intset(width, integers);
    trial::check_accepted::<Intset>(&blob, &kept(integers), &[]);
    trial::check_every_cut::<Intset>(&blob);
}

#[test]
fn each_width_gives_its_integers() {
    accepted(2, &[0]);
    accepted(2, &[-32_768, -1, 0, 1, 32_767]);
    accepted(4, &[i32::MIN.into(), -1, 0, i32::MAX.into()]);
    accepted(8, &[i64::MIN, -1, 0, i64::MAX]);
}

#[test]
fn integers_may_be_wider_than_they_need_be() {
    // A set that has lost its large members keeps their width.
    accepted(8, &[1, 2]);
}

fn refused(blob: &[u8], part: &str) {
    trial::check_refused::<Intset>(blob, part);
}

#[test]
fn headers_that_contradict_the_blob_are_refused() {
    refused(
        &[],
        "expected at least `8` bytes, found `0`, at byte `0` of the intset",
    );
    refused(&[2, 0, 0, 0, 1, 0, 0], "found `7`");
    refused(&framed(3, 1, &[1, 2, 3]), "`2`, `4` or `8` bytes, found `3`");
    refused(&framed(0, 0, &[]), "found `0`");
    refused(&framed(0x0100_0002, 1, &[1, 0]), "found `16777218`");
    refused(&framed(2, 0, &[]), "expected at least one integer");
    refused(
        &framed(2, 2, &[1, 0]),
        "`2` integers of `2` bytes do not fill a blob of `10`, at byte `4`",
    );
    refused(&framed(2, 1, &[1, 0, 2, 0]), "do not fill");
    refused(&framed(4, 1, &[1, 0]), "do not fill");
    // In 32 bits this count would wrap round to what is there.
    refused(&framed(4, 0x4000_0001, &[1, 0, 0, 0]), "`1073741825` integers");
}

#[test]
fn integers_that_do_not_ascend_are_refused() {
    for width in [2, 4, 8] {
        refused(&intset(width, &[1, 1]), "not above the one before it");
        refused(&intset(width, &[1, 2, -3]), "not above");
        refused(&intset(width, &[0, -1]), &format!("at byte `{}`", 8 + width));
    }
}

#[test]
fn implausible_states_are_told() {
    let blob = intset(2, &[1, 2, 3]);
    let mut walker = Intset::new(blob.len() as u64);
    walker.walk(&blob[..10], &mut trial::Seen::default()).unwrap();
    let json = serde_json::to_string(&walker).unwrap();
    for (good, bad) in [
        ("\"at\":10", "\"at\":7"),
        ("\"at\":10", "\"at\":15"),
        ("\"two\"", "null"),
    ] {
        assert!(json.contains(good), "{json}");
        let forged: Intset = serde_json::from_str(&json.replace(good, bad)).unwrap();
        assert!(!forged.is_plausible(), "{forged:?}");
    }
}

fn integers(width: u32) -> impl Strategy<Value = (u32, Vec<i64>)> {
    let one = any::<i64>().prop_map(move |value| value >> (64 - 8 * width));
    prop::collection::btree_set(one, 1..40).prop_map(move |set| (width, set.into_iter().collect()))
}

proptest! {
    #[test]
    fn well_formed_intsets_are_accepted(
        (width, integers) in prop_oneof![integers(2), integers(4), integers(8)],
        shares in trial::shares(),
    ) {
        let blob = intset(width, &integers);
        trial::check_accepted::<Intset>(&blob, &kept(&integers), &trial::cut_at(blob.len(), &shares));
    }

    #[test]
    fn any_integers_come_to_the_same_however_cut(
        integers in prop::collection::vec(-3..100_i64, 1..20),
        shares in trial::shares(),
    ) {
        let blob = intset(4, &integers);
        let cuts = trial::cut_at(blob.len(), &shares);
        trial::check_cuts::<Intset>(&blob, &cuts);
        let ascending = integers.is_sorted_by(|one, next| one < next);
        prop_assert_eq!(trial::whole::<Intset>(&blob).flaw.is_none(), ascending);
    }

    #[test]
    fn forged_states_never_panic(cut in 0..=100_usize, numbers in trial::forged_numbers()) {
        let blob = intset(2, &[1, 2, 3, 4, 5, 6]);
        let cut = trial::cut_at(blob.len(), &[cut])[0];
        trial::check_forged::<Intset>(&blob, cut, &numbers);
    }
}

#[test]
fn flips_come_to_the_same_however_cut() {
    for width in [2, 4, 8] {
        trial::check_flips::<Intset>(&intset(width, &[-7, 0, 3, 900]), &[5, 11]);
    }
}
