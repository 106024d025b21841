use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

proptest! {
    /// The model is the standard library's set; `FEW` lies amid the sizes that are drawn.
    #[test]
    fn an_entry_is_new_once(entries in prop::collection::vec("[ab]{0,3}|-?[01]{1,2}|[ab]{7,8}|a{8}[ab]{5,12}", 0..60)) {
        let (mut members, mut model) = (Members::default(), HashSet::new());
        members.clear(1);
        members.add(b"of the value before");
        members.clear(ENTRIES);
        for entry in &entries {
            let expected = if model.insert(entry) { Added::New } else { Added::Twice };
            prop_assert_eq!(members.add(entry.as_bytes()), expected);
        }
        for entry in model {
            prop_assert_eq!(members.claim([b"", entry.as_bytes()]), Claimed::Once);
            prop_assert_eq!(members.claim([entry.as_bytes(), b""]), Claimed::Twice);
        }
        prop_assert_eq!(members.claim([b"c", b"d"]), Claimed::Unknown);
    }
}

fn check_integer(text: &str, expected: Option<i64>) {
    assert_eq!(integer(text.as_bytes()), expected, "{text}");
    let mut members = Members::default();
    members.clear(ENTRIES);
    members.add(text.as_bytes());
    let again = expected.map_or(Added::New, |_| Added::Twice);
    assert_eq!(members.add_integer(expected.unwrap_or(0)), again, "{text}");
}

#[test]
fn digits_are_the_integer_that_engines_store_for_them() {
    check_integer("0", Some(0));
    check_integer("-1", Some(-1));
    check_integer("9223372036854775807", Some(i64::MAX));
    check_integer("-9223372036854775808", Some(i64::MIN));
    for text in [
        "",
        "-",
        "-0",
        "00",
        "01",
        "+1",
        "1 ",
        "1e3",
        "9223372036854775808",
        "-9223372036854775809",
    ] {
        check_integer(text, None);
    }
    check_integer("99999999999999999999999", None);
}

#[test]
fn no_more_entries_are_kept_than_are_compared() {
    let mut members = Members::default();
    members.clear(ENTRIES);
    for number in 0..ENTRIES {
        assert_eq!(members.add(&number.to_le_bytes()), Added::New);
    }
    assert_eq!(members.add(b"one more"), Added::Full);
    members.clear(1);
    assert_eq!(members.add(&[0; 8]), Added::New, "the table was cleared");
}

#[test]
fn no_more_bytes_are_kept_than_are_compared() {
    let mut members = Members::default();
    members.clear(ENTRIES);
    assert_eq!(members.add(&vec![1; BYTES - 1]), Added::New);
    assert!(members.has_room(1) && !members.has_room(2) && !members.has_room(u64::from(u32::MAX)));
    assert_eq!(members.add(b"ab"), Added::Full);
    assert_eq!(members.add(b"a"), Added::New);
}

#[test]
fn an_entry_may_come_in_parts() {
    let mut members = Members::default();
    members.clear(ENTRIES);
    members.open().extend_from_slice(b"a long text");
    members.open().extend_from_slice(b" in parts");
    assert_eq!(members.close(), Added::New);
    assert_eq!(members.add(b"a long text in parts"), Added::Twice);
    members.open().extend_from_slice(b"ab");
    members.open().extend_from_slice(b"c");
    assert_eq!(members.close(), Added::New);
    assert_eq!(members.add(b"abc"), Added::Twice);
    assert_eq!(members.add(b""), Added::New, "an empty entry is one");
}
