//! What is judged inside a value: a one-line case per way in which it can be wrong, and per bound that is still right.

mod frames;
mod limits;
mod listpacks;
mod lzf;
mod members;
mod reference;
mod streams;
mod ziplists;

use rdb::{BrokenKind, Options};

use crate::pieces::scan_resumed;
use crate::writer::Writer;
use crate::{NOW_MS, scan, scan_with};

/// A file with one thing wrong, or with one thing at the bound of what is right.
pub(crate) struct Case {
    /// What is wrong or right in it.
    pub(crate) why: &'static str,
    /// A part of what the refusal says; none for a file that is accepted.
    pub(crate) part: Option<&'static str>,
    pub(crate) file: Vec<u8>,
    /// Whether `valkey-check-rdb` says otherwise: it reads past what only the format's description rules out.
    pub(crate) reference_differs: bool,
}

impl Case {
    /// For what this scanner refuses though the reference checker does not, or the other way round.
    fn ours_alone(self) -> Self {
        Self {
            reference_differs: true,
            ..self
        }
    }
}

/// A key of this type whose value is refused with `part` in what is said.
fn wrong(rdb_type: u8, value: Writer, part: &'static str, why: &'static str) -> Case {
    Case {
        part: Some(part),
        ..right(rdb_type, value, why)
    }
}

/// A key of this type whose value is accepted.
fn right(rdb_type: u8, value: Writer, why: &'static str) -> Case {
    let version = if rdb_type > 21 { 12 } else { 11 };
    let file = Writer::redis(version).key(rdb_type, "k").raw(&value.cut()).end();
    Case {
        why,
        part: None,
        file,
        reference_differs: false,
    }
}

/// A key whose value is one string with this content.
fn blob(bytes: impl AsRef<[u8]>) -> Writer {
    Writer::part().text(bytes)
}

/// All cases but those of values at the limits, which are large.
fn cases() -> Vec<Case> {
    [
        listpacks::cases(),
        ziplists::cases(),
        frames::cases(),
        lzf::cases(),
        members::cases(),
        streams::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The broken ones among the cases, for tests of damage and for the fuzzer's seeds.
pub(crate) fn broken_files() -> Vec<(&'static str, Vec<u8>)> {
    let broken = cases().into_iter().filter(|case| case.part.is_some());
    broken.map(|case| (case.why, case.file)).collect()
}

/// Says what is not as the case says, if anything.
fn complaint(case: &Case) -> Option<String> {
    let why = case.why;
    match (scan(&case.file), case.part) {
        (Ok(verdict), None) if verdict.keys == 1 => None,
        (Ok(_), None) => Some(format!("{why}: another number of keys than one")),
        (Ok(_), Some(_)) => Some(format!("{why}: accepted")),
        (Err(broken), None) => Some(format!("{why}: {broken}")),
        (Err(broken), Some(part)) => {
            let as_expected = broken.kind == BrokenKind::Corrupt && broken.meaning.contains(part);
            (!as_expected).then(|| format!("{why}: expected `{part}`: {broken}"))
        }
    }
}

/// Checks all cases, so that one run tells of every one that fails.
fn check(cases: &[Case]) {
    let complaints: Vec<String> = cases.iter().filter_map(complaint).collect();
    assert!(
        complaints.is_empty(),
        "{} of {} cases:\n{}",
        complaints.len(),
        cases.len(),
        complaints.join("\n")
    );
}

#[test]
fn what_is_said_of_a_case_does_not_depend_on_pieces_and_cursors() {
    for Case { why, file, .. } in cases() {
        let whole = scan(&file);
        let options = Options::new(NOW_MS);
        assert_eq!(scan_with(options, file.chunks(1)), whole, "{why}, by bytes");
        // The large ones are cut at random offsets elsewhere.
        if file.len() < 2000 {
            assert_eq!(scan_resumed(&file, &[1]), whole, "{why}, by bytes and cursors");
        }
    }
}
