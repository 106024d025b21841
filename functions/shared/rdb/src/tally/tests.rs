use super::*;
use proptest::prelude::*;

fn done(bytes: u64, largest: u8) -> Done<'static> {
    Done {
        kind: Kind::Hash,
        rdb_type: 4,
        bytes,
        expired: None,
        largest,
        given_up: false,
        name: None,
    }
}

#[test]
fn keys_before_the_first_select_are_in_database_0() {
    let mut tally = Tally::default();
    tally.key_done(done(1, 0));
    assert_eq!((tally.database(), tally.databases()[0].number), (0, 0));
    tally.select(9);
    tally.select(0);
    tally.key_done(done(1, 0));
    let databases = tally.databases();
    assert_eq!(
        (databases.len(), databases[0].keys),
        (1, 2),
        "an unused database is not listed"
    );
}

#[test]
fn the_33rd_database_is_summed_up_and_the_first_ones_keep_their_rows() {
    let mut tally = Tally::default();
    for number in (0..40).rev() {
        tally.select(number);
        tally.key_done(done(1, 0));
    }
    // Database 0 has its row from the start, so 39 to 9 take the other 31.
    let numbers: Vec<u32> = tally.databases().iter().map(|database| database.number).collect();
    assert_eq!(
        numbers,
        [0].into_iter().chain(9..40).collect::<Vec<_>>(),
        "listed by number"
    );
    assert_eq!(tally.other_databases().map(|others| others.keys), Some(8));
    assert!(tally.is_plausible(40));
}

#[test]
fn announcements_add_up_to_what_json_keeps_exactly() {
    let mut tally = Tally::default();
    tally.announce(3, 1);
    tally.announce(4, 0);
    assert_eq!(tally.databases()[0].announced, Some(Hint { keys: 7, expires: 1 }));
    tally.announce(u64::MAX, u64::MAX);
    let most = Hint {
        keys: EXACT,
        expires: EXACT,
    };
    assert_eq!(
        tally.databases()[0].announced,
        Some(most),
        "neither wraps nor exceeds 2^53 - 1"
    );
    assert!(tally.is_plausible(0));
}

#[test]
fn an_expiry_counts_once_and_again_when_it_has_passed() {
    let mut tally = Tally::default();
    for expired in [None, Some(false), Some(true), Some(true)] {
        tally.key_done(Done {
            expired,
            ..done(1, 0)
        });
    }
    assert_eq!(tally.expiries(), (3, 2));
}

#[test]
fn an_encoding_without_a_counter_is_still_a_key() {
    let mut tally = Tally::default();
    tally.key_done(Done {
        rdb_type: 200,
        ..done(5, 0)
    });
    assert_eq!((tally.keys, tally.types()[&Kind::Hash].bytes), (1, 5));
    assert!(tally.encodings(Magic::Redis).is_empty());
}

fn smaller(large: Large) -> Large {
    Large {
        bytes: large.bytes - 1,
        ..large
    }
}

#[test]
fn counters_that_no_file_gives_are_not_plausible() {
    let sound = || {
        let mut tally = Tally::default();
        tally.key_done(Done {
            expired: Some(true),
            ..done(10, 3)
        });
        tally
    };
    assert!(sound().is_plausible(10));
    let check = |change: fn(&mut Tally), why: &str| {
        let mut tally = sound();
        change(&mut tally);
        assert!(!tally.is_plausible(10), "{why}");
    };
    assert!(!sound().is_plausible(9), "more bytes of values than of the file");
    check(|t| t.functions = 11, "more functions than bytes");
    check(|t| t.other_aux = 11, "more notes than bytes");
    check(|t| t.keys = 2, "a key of no database");
    check(|t| t.rows[0].kinds[0] = 1, "a kind of no key");
    check(|t| t.rows[0].expires = 2, "an expiry of no key");
    check(|t| t.rows[0].expires = 0, "an expired key without an expiry");
    check(|t| t.rows[0].number = None, "a row without a number");
    check(|t| t.others.number = Some(1), "a sum with a number");
    check(|t| t.row = 1, "a row that is not there");
    check(|t| t.database = 1, "a database without a row while there is room");
    check(|t| t.encodings[0] = 1, "an encoding of no key");
    check(|t| t.largest[0].key = 0, "a key before the first");
    check(|t| t.largest[0].bytes = 11, "a value larger than the file");
    check(
        |t| t.largest.insert(0, smaller(t.largest[0].clone())),
        "not sorted",
    );
    check(
        |t| t.largest = vec![t.largest[0].clone(); 33],
        "more than are ever remembered",
    );
    check(|t| drop(t.aux.insert(10, String::new())), "a note without a name");
    check(
        |t| drop(t.aux.insert(0, "\"".to_owned())),
        "a note that is never kept so",
    );
    check(
        |t| drop(t.aux.insert(0, "x".repeat(65))),
        "a note longer than any",
    );
}

proptest! {
    /// The list is what sorting all values at the end would give; of equal ones the first in the file.
    #[test]
    fn the_largest_are_those_of_a_stable_sort(sizes in prop::collection::vec(0_u64..9, 0..50), room in 0_u8..40) {
        let mut tally = Tally::default();
        for &size in &sizes {
            tally.key_done(done(size, room));
        }
        let mut sorted: Vec<(u64, u64)> = (1..).zip(sizes).collect();
        sorted.sort_by_key(|&(_, size)| std::cmp::Reverse(size));
        sorted.truncate(usize::from(room.min(LARGEST)));
        let found: Vec<_> = tally.largest().iter().map(|large| (large.key, large.bytes)).collect();
        prop_assert_eq!(found, sorted);
    }

    /// Whatever is counted, the counters agree with each other.
    #[test]
    fn what_was_counted_is_plausible(keys in prop::collection::vec((0_u32..50, 0_u8..30, any::<Option<bool>>()), 0..80)) {
        let mut tally = Tally::default();
        for &(database, rdb_type, expired) in keys.iter().filter(|(_, rdb_type, _)| *rdb_type < 26) {
            tally.select(database);
            tally.key_done(Done { rdb_type, expired, ..done(1, 10) });
        }
        prop_assert!(tally.is_plausible(tally.keys));
        let listed: u64 = tally.databases().iter().chain(&tally.other_databases()).map(|d| d.keys).sum();
        prop_assert_eq!(listed, tally.keys);
    }
}
