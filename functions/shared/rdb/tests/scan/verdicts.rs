//! What a verdict tells, and that it stays bounded.

use expect_test::expect_file;
use rdb::{Hint, Kind, Options, Verdict};

use crate::writer::Writer;
use crate::{NOW_MS, scan, scan_with};

/// Two databases, expiries on both sides of now, an announced size that is wrong, notes of every sort.
fn sample() -> Vec<u8> {
    let file = Writer::valkey()
        .aux("valkey-ver", "9.0.1")
        .aux("ctime", "175\u{7}\"0")
        .aux("slot-info", "1,2,3");
    let file = file
        .raw(&[250])
        .text("redis-bits")
        .raw(&[0xc0, 64])
        .raw(&[245])
        .text("#!lua name=x");
    let file = file.select(0).raw(&[251]).lens(&[3, 1]).string("a", "1");
    let file = file
        .expiry_ms(NOW_MS - 1)
        .string("b", "2")
        .expiry_ms(NOW_MS)
        .string("c", "3");
    let file = file
        .select(9)
        .raw(&[251])
        .lens(&[1, 0])
        .key(4, "h")
        .len(1)
        .texts(&["field", "value"]);
    file.end()
}

#[test]
fn a_verdict_reads_well_as_json() {
    let verdict = scan(&sample()).unwrap();
    let json = serde_json::to_string_pretty(&verdict).unwrap();
    expect_file!["../fixtures/verdict.json"].assert_eq(&json);
    assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), verdict);
}

#[test]
fn no_name_and_no_content_of_a_key_is_told() {
    let file = Writer::redis(11)
        .string("secret-name", "secret-value")
        .key(2, "secret-set")
        .len(0)
        .end();
    let broken = scan(&file).unwrap_err();
    let told = format!("{broken} {broken:?} {}", serde_json::to_string(&broken).unwrap());
    assert!(!told.contains("secret"), "{told}");
    let file = Writer::redis(11)
        .aux("password", "secret")
        .string("secret-name", "secret-value")
        .end();
    let told = serde_json::to_string(&scan(&file).unwrap()).unwrap();
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn an_announced_size_is_told_only_where_it_differs() {
    let databases = scan(&sample()).unwrap().databases;
    let announced: Vec<_> = databases
        .iter()
        .map(|database| (database.number, database.announced))
        .collect();
    assert_eq!(announced, [(0, Some(Hint { keys: 3, expires: 1 })), (9, None)]);
}

#[test]
fn expiries_are_judged_against_the_given_now() {
    let expired = |now_ms| {
        scan_with(Options::new(now_ms), [sample().as_slice()])
            .unwrap()
            .expired
    };
    assert_eq!([expired(0), expired(NOW_MS), expired(NOW_MS + 1)], [0, 1, 2]);
    let seconds = Writer::redis(2)
        .raw(&[253])
        .raw(&i32::MAX.to_le_bytes())
        .string("a", "b")
        .end();
    for (now_ms, expected) in [
        (i64::from(i32::MAX) * 1000, 0),
        (i64::from(i32::MAX) * 1000 + 1, 1),
    ] {
        assert_eq!(
            scan_with(Options::new(now_ms), [seconds.as_slice()])
                .unwrap()
                .expired,
            expected
        );
    }
}

#[test]
fn the_largest_values_come_first_and_are_as_many_as_asked() {
    let sizes = [5_usize, 900, 20, 900, 3];
    let file = sizes
        .iter()
        .fold(Writer::redis(11), |file, &size| {
            file.key(0, "k").text(vec![0; size])
        })
        .end();
    let largest = |count| {
        let options = Options::new(NOW_MS).with_largest(count);
        let verdict = scan_with(options, [file.as_slice()]).unwrap();
        verdict
            .largest
            .iter()
            .map(|large| (large.key, large.bytes))
            .collect::<Vec<_>>()
    };
    assert_eq!(largest(0), []);
    assert_eq!(largest(1), [(2, 902)]);
    assert_eq!(largest(3), [(2, 902), (4, 902), (3, 21)]);
    assert_eq!(largest(255).len(), sizes.len());
}

#[test]
fn databases_beyond_the_first_32_are_summed_up() {
    let file = (0..40).fold(Writer::redis(11), |file, database| {
        file.select(database).raw(&[251]).lens(&[1, 0]).string("k", "v")
    });
    let verdict = scan(&file.select(3).string("again", "v").end()).unwrap();
    assert_eq!((verdict.keys, verdict.databases.len()), (41, 32));
    assert_eq!(verdict.databases[3].keys, 2);
    let others = verdict.other_databases.unwrap();
    assert_eq!(
        (others.keys, others.types[&Kind::String], others.announced),
        (8, 8, None)
    );
}

#[test]
fn a_database_without_keys_is_not_listed() {
    assert_eq!(
        scan(&Writer::redis(11).select(0).select(4).end())
            .unwrap()
            .databases,
        []
    );
}
