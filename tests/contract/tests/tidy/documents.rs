//! `ARCHITECTURE.md` and the code speak of the same places.

use contract::repository::{Workspace, sources, tracked};
use contract::{root, text};
use std::collections::BTreeSet;

/// What stands in backticks and looks like a path of this repository.
fn paths(document: &str) -> Vec<&str> {
    let quoted = document.split('`').skip(1).step_by(2);
    let tops = ["functions/", "infra/", "statemachine/", "tests/"];
    let ours = quoted.filter(|quoted| tops.iter().any(|top| quoted.starts_with(top)));
    ours.filter(|path| !path.contains(['<', '*', ' ', '…'])).collect()
}

/// The document without its fenced blocks, whose backticks come in threes.
fn prose(document: &str) -> String {
    document.split("```").step_by(2).collect()
}

/// The part under a heading of the second level.
fn section<'d>(document: &'d str, heading: &str) -> &'d str {
    let after = document.split_once(&format!("\n## {heading}\n"));
    let body = after.map_or("", |(_, body)| body);
    body.split_once("\n## ").map_or(body, |(section, _)| section)
}

#[test]
fn every_place_is_there_and_every_crate_has_one() {
    let document = prose(&text("ARCHITECTURE.md").unwrap());
    let gone: Vec<&str> = paths(&document)
        .into_iter()
        .filter(|path| !root().join(path).exists())
        .collect();
    assert_eq!(gone, Vec::<&str>::new());
    let workspace = Workspace::read().unwrap();
    let folders = workspace.packages.iter().map(|package| workspace.folder(package));
    let named: BTreeSet<&str> = paths(section(&document, "Code map")).into_iter().collect();
    let unnamed: Vec<String> = folders
        .filter(|folder| !named.contains(folder.as_str()))
        .collect();
    assert_eq!(unnamed, Vec::<String>::new());
}

#[test]
fn the_unconfirmed_points_are_those_marked_in_the_code() {
    // In two halves, so that this line is no mark itself.
    let mark = ["\\[U", "\\]"].concat();
    let in_rust = sources()
        .unwrap()
        .into_iter()
        .filter(|source| source.path.starts_with("functions/") && source.text.contains(&mark))
        .map(|source| source.path);
    // Only documentation comments of Rust take the brackets for a link.
    let plain = mark.replace('\\', "");
    let in_stacks = tracked()
        .unwrap()
        .into_iter()
        .filter(|path| path.starts_with("infra/lib/") && text(path).unwrap().contains(&plain));
    let marked: BTreeSet<String> = in_rust.chain(in_stacks).collect();
    let document = prose(&text("ARCHITECTURE.md").unwrap());
    let table = section(&document, "What could not be confirmed");
    let rows = paths(table)
        .into_iter()
        .filter(|path| path.starts_with("functions/") || path.starts_with("infra/"));
    assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), marked);
    assert!(marked.len() > 5, "{marked:?}");
}

#[test]
fn the_changelog_has_a_place_for_what_comes_next() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = text("CHANGELOG.md").unwrap();
    assert!(changelog.contains("\n## [Unreleased]\n"));
    assert!(changelog.contains(version), "{version} is told of");
}

#[test]
fn places_are_read_from_prose_alone() {
    let document = "# A\n\n```text\n`functions/no`\n```\n## Code map\n`functions/prune`, `<id>`, `tests/<x>`\n## B\n`tests/sim`\n";
    let prose = prose(document);
    assert_eq!(paths(&prose), ["functions/prune", "tests/sim"]);
    assert_eq!(paths(section(&prose, "Code map")), ["functions/prune"]);
    assert_eq!(section(&prose, "C"), "");
}
