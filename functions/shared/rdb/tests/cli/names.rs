//! Names of keys are printed with `--show-keys` and only then: escaped, and at most 64 characters of each.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::run;

/// Most characters of a name that are told, besides the ellipsis of one that was cut.
const TOLD: usize = 64;

/// A string with a length of one or two bytes.
fn text(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let header = match u8::try_from(length) {
        Ok(short @ 0..64) => vec![short],
        _ => (0x4000 | length).to_be_bytes().to_vec(),
    };
    [&header[..], bytes].concat()
}

/// `packed-name-` three times, as LZF writes it: once, and then 24 bytes from 12 bytes back.
fn packed() -> Vec<u8> {
    [&[0xc3, 16, 36, 11], b"packed-name-".as_slice(), &[0xe0, 15, 11]].concat()
}

/// Names as they stand in a file, and as they are told.
fn names() -> Vec<(Vec<u8>, String)> {
    vec![
        (text(b"user:1"), "user:1".to_owned()),
        (packed(), "packed-name-".repeat(3)),
        (vec![0xc0, 0x85], "-123".to_owned()),
        (text(b""), String::new()),
        (text(b"\x1b[2J\r\n\t\0"), r"\x1b[2J\r\n\t\x00".to_owned()),
        (text("\"Käse\\".as_bytes()), r#"\"K\xc3\xa4se\\"#.to_owned()),
        (text(&[b'x'; TOLD]), "x".repeat(TOLD)),
        (text(&[b'y'; TOLD + 1]), "y".repeat(TOLD) + "…"),
        (text(&[b'z'; 300]), "z".repeat(TOLD) + "…"),
        // No escape is cut in two.
        (text(&[0xff; 20]), r"\xff".repeat(16) + "…"),
        (
            text(b"a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
            "a".to_owned() + &r"\xff".repeat(15) + "…",
        ),
    ]
}

/// A file with a key of each name; the first has the largest value.
fn sound() -> Vec<u8> {
    let mut file = b"REDIS0011\xfe\x00".to_vec();
    for (number, (name, _)) in (0..).zip(names()) {
        file.push(0);
        file.extend(name);
        file.extend(text(&vec![b'v'; 60 - number]));
    }
    [&file[..], &[255], &[0; 8]].concat()
}

/// A file with one key of this name, whose value is an empty set.
fn broken(name: &[u8]) -> Vec<u8> {
    [b"REDIS0011\xfe\x00\x02".as_slice(), name, &[0, 255], &[0; 8]].concat()
}

/// What is printed of a file with these arguments besides.
fn printed(file: &[u8], arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rdb"), file).unwrap();
    let said = run(folder.path(), [&["a.rdb"], arguments].concat());
    assert_eq!(said.stderr, "");
    said.stdout
}

fn json(file: &[u8], arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(file, &[&["--json"], arguments].concat())).unwrap()
}

#[test]
fn the_largest_values_are_named_when_that_is_asked_for() {
    let told: Vec<String> = names().into_iter().map(|(_, told)| told).collect();
    let asked = json(&sound(), &["--largest=32", "--show-keys"]);
    let largest = asked["verdict"]["largest"].as_array().unwrap();
    let named: Vec<&str> = largest
        .iter()
        .map(|large| large["name"].as_str().unwrap())
        .collect();
    assert_eq!(named, told);
    assert!(
        told.iter()
            .all(|name| name.trim_end_matches('…').chars().count() <= TOLD)
    );
    let report = printed(&sound(), &["--largest=32", "--show-keys"]);
    assert!(!report.contains('\x1b'), "{report:?}");
    assert!(report.contains(r"\x1b[2J\r\n\t\x00"), "{report}");
}

#[test]
fn the_largest_values_have_no_names_otherwise() {
    let plain = json(&sound(), &["--largest=32"]);
    let largest = plain["verdict"]["largest"].as_array().unwrap();
    assert_eq!(largest.len(), names().len());
    assert!(largest.iter().all(|large| large.get("name").is_none()), "{plain}");
    // A number or an empty text is in any report.
    for form in [["--largest=32"], ["--quiet"], ["--json"]] {
        let said = printed(&sound(), &form);
        for (_, name) in names().into_iter().filter(|(_, name)| name.len() > 4) {
            assert!(!said.contains(&name[..5]), "{form:?}: {name}");
        }
    }
}

#[test]
fn a_broken_key_is_named_when_that_is_asked_for_and_only_then() {
    for (stored, told) in names() {
        let file = broken(&stored);
        assert_eq!(json(&file, &["--show-keys"])["broken"]["key"]["name"], *told);
        let quiet = printed(&file, &["--quiet", "--show-keys"]);
        let report = printed(&file, &["--show-keys"]);
        // A report is broken into lines.
        let report: String = report.split_whitespace().collect();
        assert!(quiet.contains(&told), "{quiet}");
        assert!(report.contains(&told), "{told}: {report}");
        assert!(json(&file, &[])["broken"]["key"].get("name").is_none());
        for plain in [
            printed(&file, &["--quiet"]),
            printed(&file, &[]),
            json(&file, &[]).to_string(),
        ] {
            assert!(told.len() < 5 || !plain.contains(&told[..5]), "{told}: {plain}");
        }
    }
}

/// Checks what is printed with `--show-keys`.
fn check(file: &[u8], arguments: &[&str], expected: &Expect) {
    expected.assert_eq(&printed(file, &[arguments, &["--show-keys"]].concat()));
}

#[test]
fn names_stand_where_a_reader_looks_for_them() {
    check(
        &broken(&packed()),
        &[],
        &expect![[r#"
        ✘ a.rdb: corrupt

          Where        byte 31 (0x1f) of 41, in key 1 named
                       `packed-name-packed-name-packed-name-` of database 0
          What         an empty collection, which no engine stores
          Before it    0 keys and 31 B are well-formed, 75.6% of the file
          Restore      A server that loads this file stops at the first flaw it notices
                       and does not start, so the keys before it are not restored
                       either; a flaw that it does not notice becomes wrong data.
                       Compare the file with its source if it is a copy, else restore
                       another backup.
    "#]],
    );
    check(
        &broken(&packed()),
        &["--quiet"],
        &expect![[r#"
        ✘ a.rdb: corrupt at byte 31, in key 1 named `packed-name-packed-name-packed-name-` of database 0: an empty collection, which no engine stores
    "#]],
    );
    check(
        &sound(),
        &["--largest=3"],
        &expect![[r#"
        ✔ a.rdb: sound

          Format       RDB 11 (REDIS), its writer does not name itself
          Size         1.1 kB
          Checksum     none: the writer had checksums switched off, so damage within
                       texts goes unseen
          Keys         11 in database 0
          Expiries     none

          Type     Keys   Bytes    Share
          ─────────────────────────────────────────────────────────
          string     11   616 B   100.0%   ████████████████████████

          Encodings    string 11

          Largest   Database   Type     Bytes   Share   Name
          ──────────────────────────────────────────────────────────────────────────────
          key 1            0   string    61 B    9.9%   user:1
          key 2            0   string    60 B    9.7%   packed-name-packed-name-packed-n
                                                        ame-
          key 3            0   string    59 B    9.5%   -123
    "#]],
    );
}
