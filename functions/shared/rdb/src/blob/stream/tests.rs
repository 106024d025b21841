use proptest::prelude::*;

use super::*;

/// An entry that outlives what it was read from.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Number(i64),
    Text(Vec<u8>),
    Long(u64),
}

use Part::{Long, Number as N};

fn text(text: &str) -> Part {
    Part::Text(text.as_bytes().to_vec())
}

impl Part {
    fn entry(&self) -> Entry<'_> {
        match self {
            Self::Number(number) => Entry::Integer(*number),
            Self::Text(text) => Entry::Text(text),
            Self::Long(length) => Entry::Long(*length),
        }
    }
}

/// A record of a node that is written right.
#[derive(Debug, Clone)]
struct Record {
    deleted: bool,
    // None for the master's.
    fields: Option<usize>,
}

/// Stands for every value and every part of an identifier: no other number of a node can be this one.
const ANY: Part = N(-7);

/// Writes a right node.
fn write(fields: usize, records: &[Record]) -> Vec<Part> {
    let number = |number: usize| N(i64::try_from(number).unwrap());
    let deleted = records.iter().filter(|record| record.deleted).count();
    let mut parts = vec![number(records.len() - deleted), number(deleted), number(fields)];
    parts.extend((0..fields).map(|at| text(&format!("field {at}"))));
    parts.push(N(0));
    for record in records {
        let begin = parts.len();
        let flags = usize::from(record.deleted) + 2 * usize::from(record.fields.is_none());
        parts.push(number(flags));
        parts.extend([ANY, ANY]);
        if let Some(fields) = record.fields {
            parts.push(number(fields));
            parts.extend((0..fields).map(|_| text("own field")));
        }
        parts.extend((0..record.fields.unwrap_or(fields)).map(|_| ANY));
        parts.push(number(parts.len() - begin));
    }
    parts
}

/// Walks a node; between two entries the state goes through JSON, as it does in a cursor.
fn walk(parts: &[Part]) -> Result<Counts, String> {
    let mut node = Node::new();
    for part in parts {
        assert!(node.is_plausible(), "{node:?}");
        node = serde_json::from_str(&serde_json::to_string(&node).unwrap()).unwrap();
        node.entry(part.entry()).map_err(|flaw| format!("{flaw:?}"))?;
    }
    node.finish().map_err(|flaw| format!("{flaw:?}"))
}

fn check(parts: &[Part], live: u64, deleted: u64, reason: &str) {
    assert_eq!(walk(parts), Ok(Counts { live, deleted }), "{reason}");
}

fn check_refused(parts: &[Part], part: &str, reason: &str) {
    let flaw = walk(parts).unwrap_err();
    assert!(flaw.contains(part), "{reason}: {flaw}");
}

/// The master entry with the fields `a` and `b`.
fn master(live: i64, deleted: i64) -> Vec<Part> {
    vec![N(live), N(deleted), N(2), text("a"), text("b"), N(0)]
}

/// Two values with the master's names.
fn same(flags: i64) -> Vec<Part> {
    vec![N(flags), N(0), N(0), N(1), text("x"), N(5)]
}

/// One value with a name of its own.
fn own(flags: i64) -> Vec<Part> {
    vec![N(flags), N(9), N(-3), N(1), text("c"), Long(3_000), N(6)]
}

#[test]
fn nodes_that_engines_write_are_counted() {
    check(&[master(1, 0), same(2)].concat(), 1, 0, "the master's fields");
    check(
        &[master(1, 0), own(0)].concat(),
        1,
        0,
        "fields of its own, a smaller sequence",
    );
    check(
        &[master(1, 1), same(3), own(0)].concat(),
        1,
        1,
        "a deleted record",
    );
    check(
        &[master(2, 1), own(0), own(1), same(2)].concat(),
        2,
        1,
        "both sorts",
    );
    check(&master(0, 0), 0, 0, "no record at all, which the engines read");
    check(
        &[master(0, 1), own(1)].concat(),
        0,
        1,
        "nothing but deleted records",
    );
    let no_fields = [N(1), N(0), N(0), N(0), N(2), N(0), N(0), N(3)];
    check(&no_fields, 1, 0, "a master entry without fields");
    let digits = [
        N(1),
        N(0),
        N(0),
        text("0"),
        text("2"),
        text("-1"),
        N(0),
        text("3"),
    ];
    check(&digits, 1, 0, "numbers as digits, which every engine reads");
}

#[test]
fn names_and_values_may_be_anything() {
    let values = [N(2), N(0), N(0), N(i64::MIN), Part::Text(vec![0xff]), N(5)];
    check(&[&master(1, 0), values.as_slice()].concat(), 1, 0, "values");
    let names = vec![N(1), N(0), N(2), N(-1), Long(u64::MAX), N(0)];
    check(&[names, same(2)].concat(), 1, 0, "names");
}

#[test]
fn master_entries_that_are_wrong_are_refused() {
    check_refused(
        &[N(-1)],
        "`-1` as the number of live records",
        "a negative number",
    );
    check_refused(
        &[N(2), N(-1)],
        "`-1` as the number of deleted",
        "a negative number",
    );
    check_refused(
        &[N(0), N(0), N(-2)],
        "`-2` as the number of the master",
        "a negative number",
    );
    check_refused(&[text("one")], "found a text of `3` bytes", "a text for a number");
    check_refused(&[N(1), Long(300)], "found a text of `300` bytes", "a long one");
    check_refused(
        &[N(1), N(0), N(0), N(1)],
        "expected `0`",
        "no zero behind the names",
    );
    check_refused(
        &[N(1), N(0), N(1), N(0), text("")],
        "end of the master",
        "one field more than named",
    );
    for wrong in ["01", "+1", "-0", "1 ", "", "9223372036854775808"] {
        check_refused(&[text(wrong)], "found a text", "digits that no engine reads");
    }
}

#[test]
fn records_that_are_wrong_are_refused() {
    let after = |more: &[Part]| [&master(2, 0), same(2).as_slice(), more].concat();
    check_refused(&after(&[N(4)]), "the flags `4`", "a flag that is unknown");
    check_refused(&after(&[N(-1)]), "the flags `-1`", "all flags");
    check_refused(&after(&[N(i64::MIN)]), "flags", "a flag far up");
    check_refused(&after(&[text("?")]), "expected a record's flags", "a text");
    check_refused(&after(&[N(0), text("?")]), "record's milliseconds", "a text");
    check_refused(&after(&[N(0), N(0), text("?")]), "record's sequence", "a text");
    check_refused(
        &after(&[N(0), N(0), N(0), N(-1)]),
        "`-1` as the number of a",
        "fields",
    );
    check_refused(
        &after(&[N(0), N(0), N(0), N(0), N(3)]),
        "expected `4`",
        "the frame",
    );
    check_refused(
        &after(&[N(2), N(0), N(0), N(1), N(1), N(6)]),
        "expected `5`",
        "too many entries",
    );
    check_refused(
        &after(&[N(2), N(0), N(0), N(1), N(1), N(-5)]),
        "expected `5`",
        "negative",
    );
    check_refused(
        &after(&[N(2), N(0), N(0), N(1), N(1), N(4)]),
        "after `1` whole records",
        "tells where",
    );
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let three = [own(0), own(1), own(0)].concat();
    let with = |live, deleted| [master(live, deleted), three.clone()].concat();
    check(&with(2, 1), 2, 1, "the right counts");
    check_refused(&with(3, 1), "announced were `3` live", "a record too few");
    check_refused(
        &with(1, 1),
        "behind the `1` live records and `1`",
        "a record too many",
    );
    check_refused(&with(3, 0), "than the `0` announced", "a deletion too many");
    check_refused(&with(1, 2), "`1` records are flagged", "a deletion too few");
    check_refused(&with(i64::MAX, i64::MAX), "listpack ends", "the largest counts");
    check_refused(
        &[master(0, 0), vec![N(0)]].concat(),
        "behind the `0`",
        "nothing announced",
    );
}

#[test]
fn nodes_that_end_early_are_refused() {
    check_refused(&[], "before the number of live records", "an empty listpack");
    let parts = [master(1, 1), same(2), own(1)].concat();
    for end in 0..parts.len() {
        assert!(walk(&parts[..end]).is_err(), "cut to {end}");
    }
    check_refused(
        &[N(1), N(0), N(i64::MAX), text("a")],
        "`9223372036854775806` names",
        "too many",
    );
    let own = [&master(1, 0), [N(0), N(0), N(0), N(i64::MAX)].as_slice()].concat();
    check_refused(&own, "before the number of a record's entries", "and of a record");
}

/// Whether a node whose master entry announces `counts` can be gone on with after `records`.
fn check_plausible(counts: [u64; 3], next: Number, records: [u64; 2], expected: bool, reason: &str) {
    let [live, deleted, fields] = counts.map(Wide);
    let [records, flagged] = records.map(Wide);
    let node = Node {
        next,
        live,
        deleted,
        fields,
        records,
        flagged,
        ..Node::new()
    };
    assert_eq!(node.is_plausible(), expected, "{reason}");
}

#[test]
fn states_from_outside_are_judged() {
    const MAX: u64 = i64::MAX as u64;
    check_plausible([2, 1, 9], Number::Flags, [3, 1], true, "all of it");
    check_plausible([MAX, MAX, MAX], Number::Flags, [0, 0], true, "the largest");
    check_plausible(
        [MAX + 1, 0, 0],
        Number::Flags,
        [0, 0],
        false,
        "no number of a listpack",
    );
    check_plausible(
        [0, MAX + 1, 0],
        Number::Flags,
        [0, 0],
        false,
        "no number of a listpack",
    );
    check_plausible(
        [0, 0, MAX + 1],
        Number::Flags,
        [0, 0],
        false,
        "no number of a listpack",
    );
    check_plausible(
        [2, 1, 9],
        Number::Flags,
        [4, 0],
        false,
        "more records than announced",
    );
    check_plausible([2, 1, 9], Number::Sequence, [2, 1], true, "the last in hand");
    check_plausible([2, 1, 9], Number::Entries, [3, 1], false, "one more in hand");
    check_plausible(
        [2, 1, 9],
        Number::Flags,
        [3, 2],
        false,
        "more flagged than announced",
    );
    check_plausible(
        [2, 2, 9],
        Number::Flags,
        [1, 2],
        false,
        "more flagged than records",
    );
    check_plausible([2, 1, 9], Number::Entries, [u64::MAX, 0], false, "an overflow");
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let record = (any::<bool>(), prop::option::of(0..5_usize));
    let record = record.prop_map(|(deleted, fields)| Record { deleted, fields });
    prop::collection::vec(record, 1..12)
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        6 => (-2..8_i64).prop_map(N),
        1 => any::<i64>().prop_map(N),
        1 => any::<u64>().prop_map(Long),
        1 => prop::collection::vec(any::<u8>(), 0..4).prop_map(Part::Text),
    ]
}

proptest! {
    #[test]
    fn right_nodes_are_counted(fields in 0..6_usize, records in records()) {
        let deleted = records.iter().filter(|record| record.deleted).count() as u64;
        let live = records.len() as u64 - deleted;
        prop_assert_eq!(walk(&write(fields, &records)), Ok(Counts { live, deleted }));
    }

    #[test]
    fn another_number_is_refused_or_counts_the_same(
        fields in 0..6_usize,
        records in records(),
        at in any::<prop::sample::Index>(),
        other in -2..30_i64,
    ) {
        let right = write(fields, &records);
        let at = at.index(right.len());
        prop_assume!(matches!(right[at], N(_)) && ![ANY, N(other)].contains(&right[at]));
        let mut parts = right.clone();
        parts[at] = N(other);
        let found = walk(&parts);
        // A record's flags may differ and its length still be right by chance; the master's numbers leave no chance.
        prop_assert!(found.is_err() || (at > 2 && found == walk(&right)), "{:?}", found);
    }

    #[test]
    fn a_missing_or_additional_entry_is_refused(
        fields in 0..6_usize,
        records in records(),
        at in any::<prop::sample::Index>(),
    ) {
        let right = write(fields, &records);
        let at = at.index(right.len());
        let (mut less, mut more) = (right.clone(), right);
        less.remove(at);
        more.insert(at, text("more"));
        prop_assert!(walk(&less).is_err());
        prop_assert!(walk(&more).is_err());
    }

    #[test]
    fn anything_is_judged_without_a_panic(parts in prop::collection::vec(part(), 0..60), live in 0..9_i64) {
        let _ = walk(&parts);
        let _ = walk(&[master(live, 9 - live), parts].concat());
    }

    #[test]
    fn no_plausible_state_panics(
        numbers in any::<[u64; 6]>(),
        shift in 0..64_u32,
        same_fields in any::<bool>(),
        next in prop::sample::select(vec![Number::Live, Number::Flags, Number::OwnFields, Number::Entries]),
        parts in prop::collection::vec(part(), 0..20),
    ) {
        let [pass, live, deleted, fields, records, entries] = numbers.map(|number| Wide(number >> shift));
        let flagged = Wide(0);
        let mut node = Node { pass, next, live, deleted, fields, records, flagged, same_fields, entries };
        if node.is_plausible() {
            let _ = parts.iter().try_for_each(|part| node.entry(part.entry()));
            let _ = node.finish();
        }
    }
}
