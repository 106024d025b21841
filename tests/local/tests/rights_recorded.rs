//! What each function asks of AWS, recorded from the real binaries and held against `tests/fixtures/rights/calls.json`:
//! the functions' roles must allow that, and nothing else. `UPDATE_EXPECT=1` rewrites the file.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod rights_support;
mod wire_support;

use expect_test::expect_file;
use local::wire::Call;
use std::collections::BTreeSet;
use wire_support::binaries::{BUCKET, FUNCTIONS};

/// An array with one call a line, so that a difference is a line; the bucket has a name that a real one could have.
fn lines<'c>(calls: impl IntoIterator<Item = &'c Call>) -> String {
    let line = |call| {
        serde_json::to_string(call)
            .unwrap()
            .replace(BUCKET, "snapkeep-backups")
    };
    let lines: Vec<String> = calls.into_iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_each_function_asks_of_aws_is_on_file() {
    let Some(calls) = rights_support::story::calls().await else {
        return;
    };
    let functions: BTreeSet<&str> = calls.iter().map(|call| call.function.as_str()).collect();
    assert_eq!(
        functions,
        BTreeSet::from(FUNCTIONS),
        "each has a part in the story"
    );
    expect_file!["../../fixtures/rights/calls.json"].assert_eq(&lines(&calls));
}
