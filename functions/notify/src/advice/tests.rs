use super::*;
use expect_test::expect_file;
use std::collections::BTreeSet;

const PLACES: Places<'_> = Places {
    bucket: "prod-backups",
    cache: "orders",
    region: "eu-west-1",
};

/// The whole table as a person would read it; `UPDATE_EXPECT=1` rewrites it.
#[test]
fn the_table() {
    let ours = ErrorName::ALL
        .iter()
        .map(|name| (name.as_str(), advice(Some(name.as_str()))));
    let fixed = [
        ("(any other name)", UNKNOWN),
        ("(TIMED_OUT)", TIMED_OUT),
        ("(ABORTED)", ABORTED),
        ("(re-driven since)", REDRIVEN),
    ];
    let rows = ours.chain(PLATFORM.iter().copied()).chain(fixed);
    let text = |(name, row): (&str, Advice)| {
        let first = row.first(PLACES);
        format!("{name} ({:?})\n  {}\n  {first}\n", row.mend, row.meaning)
    };
    let table = rows.map(text).collect::<Vec<_>>().join("\n");
    expect_file!["../../tests/golden/advice.txt"].assert_eq(&table);
}

#[test]
fn every_name_of_ours_has_exactly_one_row() {
    let rows: BTreeSet<_> = OURS.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(rows.len(), OURS.len(), "no name twice");
    assert_eq!(rows, ErrorName::ALL.iter().copied().collect(), "no name left out");
    for name in ErrorName::ALL {
        assert_eq!(
            advice(Some(name.as_str())).mend,
            name.mend(),
            "{name} is mended as it says itself"
        );
    }
}

#[test]
fn the_nearest_row_is_taken() {
    let row = |name: &str| {
        PLATFORM
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, row)| *row)
    };
    let cases = [
        (
            Some("Lambda.Unknown"),
            row("Lambda.Unknown"),
            "an exact row goes before its family",
        ),
        (Some("Lambda.ServiceException"), row("Lambda.*"), "a family"),
        (Some("Lambda"), Some(UNKNOWN), "no member of the family"),
        (Some("States.Timeout"), row("States.Timeout"), "exact"),
        (
            Some("States.ItemReaderFailed"),
            row("States.*"),
            "a name this version never saw",
        ),
        (Some("Backup.Nope"), Some(UNKNOWN), "our prefix alone is no name"),
        (Some("backup.throttled"), Some(UNKNOWN), "names are exact"),
        (Some(""), Some(UNKNOWN), "empty"),
        (None, Some(UNKNOWN), "none"),
    ];
    for (name, want, why) in cases {
        assert_eq!(Some(advice(name)), want, "{why}");
    }
}

#[test]
fn rows_are_clauses_and_sentences_with_known_places() {
    let all = ErrorName::ALL.iter().map(|name| advice(Some(name.as_str())));
    for row in all
        .chain(PLATFORM.iter().map(|(_, row)| *row))
        .chain([UNKNOWN, TIMED_OUT, ABORTED, REDRIVEN])
    {
        let first = row.first(PLACES);
        assert!(
            !row.meaning.ends_with('.') && !row.meaning.contains(['{', '\n']),
            "{}",
            row.meaning
        );
        assert!(
            first.ends_with('.') && !first.contains(['{', '}', '\n']),
            "{first}"
        );
        assert!(first.len() < 320, "fits a chat's next step: {first}");
    }
}
