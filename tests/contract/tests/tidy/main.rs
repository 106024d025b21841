//! What every file under version control keeps to, and nobody should have to look for in a review.
//!
//! A rule is a function from a file to its complaints. Each is shown a file that breaks it, so that a rule that
//! sees nothing is itself seen; what may break one stands in [`EXCEPTIONS`], with the reason.

mod anywhere;
mod documents;
mod rust;

use contract::repository::{sources, tracked};

/// Path, the rule's name, and why this file may break it. One that no longer breaks it is taken out again.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// What lies at the top level, in the order in which a newcomer meets it.
const TOP_LEVEL: [&str; 23] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "Makefile",
    "Cargo.toml",
    "Cargo.lock",
    "functions",
    "statemachine",
    "infra",
    "tests",
    "docs",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "clippy.toml",
    "deny.toml",
    ".ci",
    ".config",
    ".github",
    ".gitignore",
    ".gitattributes",
];

/// Files of which a rule has something to say, without those that may.
fn breaches<'f>(rule: &str, found: impl Iterator<Item = (&'f str, Vec<String>)>) -> Vec<String> {
    let excepted = |path: &str| EXCEPTIONS.iter().any(|(p, r, _)| (*p, *r) == (path, rule));
    let broken = found.filter(|(path, complaints)| complaints.is_empty() == excepted(path));
    let tell = |(path, complaints): (&str, Vec<String>)| {
        if complaints.is_empty() {
            format!("{path}: no longer an exception")
        } else {
            format!("{path}: {}", complaints.join("; "))
        }
    };
    broken.map(tell).collect()
}

#[test]
fn every_rust_file_keeps_every_rule() {
    let sources = sources().unwrap();
    assert!(
        sources.len() > 100,
        "only {} Rust files are looked at",
        sources.len()
    );
    for (name, rule, _, _) in rust::RULES {
        let found = breaches(
            name,
            sources.iter().map(|source| (source.path.as_str(), rule(source))),
        );
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

#[test]
fn every_text_file_keeps_every_rule() {
    let mut texts: Vec<(String, String)> = Vec::new();
    for path in tracked().unwrap() {
        // What is no UTF-8 is a fixture.
        texts.extend(contract::text(&path).ok().map(|text| (path, text)));
    }
    assert!(
        texts.iter().any(|(path, _)| path == "Cargo.lock"),
        "lock files are looked at"
    );
    for (name, rule, _, _) in anywhere::RULES {
        let found = breaches(name, texts.iter().map(|(path, text)| (path.as_str(), rule(text))));
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

/// Those of the paths that begin with nothing on the list.
fn strangers<'p>(paths: &'p [String], listed: &[&str]) -> Vec<&'p str> {
    let first = |path: &'p String| path.split('/').next().unwrap_or(path);
    paths
        .iter()
        .map(first)
        .filter(|top| !listed.contains(top))
        .collect()
}

#[test]
fn the_top_level_holds_what_is_listed() {
    assert_eq!(strangers(&tracked().unwrap(), &TOP_LEVEL), Vec::<&str>::new());
    let paths = ["README.md", "notes.txt", "scripts/run"].map(str::to_owned);
    assert_eq!(strangers(&paths, &TOP_LEVEL), ["notes.txt", "scripts"]);
}
