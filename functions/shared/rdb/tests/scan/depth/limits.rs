//! Up to 4,096 entries and 1 MiB members are compared; above, the verdict says that they were not.

use rdb::NotChecked;

use crate::pieces::scan_resumed;
use crate::scan;
use crate::writer::{Consumer, Group, Intset, Listpack, Stream, Writer, Ziplist, id};

/// Entries up to which a value is compared.
const COMPARED: usize = 4096;
/// Bytes up to which it is.
const COMPARED_BYTES: usize = 1 << 20;

/// A value with this many members, the last of which is the first again where `twice`.
struct Members {
    count: usize,
    twice: bool,
}

impl Members {
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = (0..self.count).map(|number| format!("m{number}")).collect();
        if self.twice {
            names[self.count - 1] = "m0".to_owned();
        }
        names
    }

    fn table(&self, rdb_type: u8, behind: &[u8]) -> Vec<u8> {
        let file = Writer::redis(11).key(rdb_type, "k").len(self.count as u64);
        let file = self
            .names()
            .iter()
            .fold(file, |file, name| file.text(name).raw(behind));
        file.end()
    }

    fn listpack(&self, rdb_type: u8, values: &[&str]) -> Vec<u8> {
        let listpack = self.names().iter().fold(Listpack::new(), |listpack, name| {
            values
                .iter()
                .fold(listpack.text(name), |listpack, value| listpack.item(value))
        });
        Writer::redis(11).key(rdb_type, "k").text(listpack.bytes()).end()
    }

    fn ziplist(&self, rdb_type: u8) -> Vec<u8> {
        let names = self.names();
        let ziplist = names
            .iter()
            .fold(Ziplist::new(), |ziplist, name| ziplist.text(name).int(1));
        Writer::redis(11).key(rdb_type, "k").text(ziplist.bytes()).end()
    }
}

/// Checks that a member twice is found up to the limit and not looked for above it.
fn check(write: impl Fn(&Members) -> Vec<u8>, why: &str) {
    let of = |count, twice| write(&Members { count, twice });
    let verdict = scan(&of(COMPARED, false)).unwrap_or_else(|broken| panic!("{why}: {broken}"));
    assert_eq!(verdict.not_checked, NotChecked::default(), "{why}, at the limit");
    let broken = scan(&of(COMPARED, true)).expect_err(why);
    assert!(
        broken.meaning.contains("duplicate"),
        "{why}, at the limit: {broken}"
    );
    for twice in [false, true] {
        let file = of(COMPARED + 1, twice);
        let verdict = scan(&file).unwrap_or_else(|broken| panic!("{why}, above: {broken}"));
        assert_eq!(
            (verdict.keys, verdict.not_checked),
            (1, unlooked(1)),
            "{why}, above the limit"
        );
        assert_eq!(
            scan_resumed(&file, &[1021]),
            Ok(verdict),
            "{why}, above the limit, in pieces"
        );
    }
}

fn unlooked(duplicates: u64) -> NotChecked {
    NotChecked {
        duplicates,
        ..NotChecked::default()
    }
}

#[test]
fn members_in_tables_are_counted() {
    check(|members| members.table(2, b""), "a set");
    check(
        |members| members.table(3, b"\x011"),
        "a sorted set with ASCII scores",
    );
    check(|members| members.table(4, b"\x01v"), "a hash");
    check(|members| members.table(5, &[0; 8]), "a sorted set");
}

#[test]
fn members_in_blobs_are_counted() {
    check(|members| members.listpack(20, &[]), "a set");
    check(|members| members.listpack(16, &["v"]), "a hash");
    check(|members| members.listpack(17, &["1"]), "a sorted set");
    check(|members| members.ziplist(12), "an old sorted set");
}

/// Two long members, a short one, and the first again; sizes keep a little away from the limit, because what counts is
/// the members as they are stored, with what frames them or without.
#[test]
fn bytes_of_members_are_counted() {
    for (bytes, compared) in [(COMPARED_BYTES - 4096, true), (COMPARED_BYTES + 4096, false)] {
        let member = |letter| vec![letter; bytes / 3];
        let file = |last| {
            let file = Writer::redis(11)
                .key(2, "k")
                .len(4)
                .text(member(b'a'))
                .text(member(b'b'));
            file.text("short").text(member(last)).end()
        };
        let whole = scan(&file(b'c')).unwrap();
        assert_eq!(whole.not_checked, unlooked(u64::from(!compared)), "{bytes} bytes");
        assert_eq!(
            scan(&file(b'a')).is_err(),
            compared,
            "{bytes} bytes, a member twice"
        );
        assert_eq!(
            scan_resumed(&file(b'c'), &[65_537, 4099]),
            Ok(whole),
            "{bytes} bytes, in pieces"
        );
    }
}

/// An intset is in order or not, so that no size keeps a member from being compared with the one before.
#[test]
fn intsets_of_any_size_are_compared() {
    let members: Vec<i64> = (0..300_000).collect();
    let file = |members: &[i64]| {
        let intset = Intset::of(8, members).bytes();
        Writer::redis(11).key(11, "k").text(intset).end()
    };
    assert_eq!(scan(&file(&members)).unwrap().not_checked, NotChecked::default());
    let mut twice = members;
    twice[299_999] = 299_998;
    assert!(scan(&file(&twice)).is_err());
}

/// A stream whose group has this many entries pending, of which the consumer claims `claimed`.
fn pending(count: usize, claimed: impl Fn(usize) -> u64) -> Vec<u8> {
    let stream = Stream {
        groups: vec![Group {
            name: "g",
            pending: (0..count).map(|seq| id(1, seq as u64)).collect(),
            consumers: vec![Consumer {
                name: "c",
                pending: (0..count).map(|seq| id(1, claimed(seq))).collect(),
            }],
        }],
        ..Stream::empty(3)
    };
    Writer::redis(11).key(21, "k").raw(&stream.write().cut()).end()
}

#[test]
fn pending_entries_are_counted() {
    let right = |seq| seq as u64;
    // The last claim is of an entry that the group does not have.
    let wrong = |last| move |seq| if seq == last { 1 << 40 } else { seq as u64 };
    assert_eq!(
        scan(&pending(COMPARED, right)).unwrap().not_checked,
        NotChecked::default()
    );
    assert!(scan(&pending(COMPARED, wrong(COMPARED - 1))).is_err());
    for file in [
        pending(COMPARED + 1, right),
        pending(COMPARED + 1, wrong(COMPARED)),
    ] {
        let expected = NotChecked {
            pending: 1,
            ..NotChecked::default()
        };
        let verdict = scan(&file).unwrap();
        assert_eq!(verdict.not_checked, expected);
        assert_eq!(scan_resumed(&file, &[4099]), Ok(verdict), "in pieces");
    }
}
