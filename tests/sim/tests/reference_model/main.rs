//! The reference model: for every invariant a trace in which it holds and several in which it does not.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a panic is how a test fails, and a table of cases is as long as it has cases"
)]

mod bounds;
mod bucket;
mod proof;
mod runs;
mod snapshots;
mod states;
mod story;
mod telling;

#[test]
fn the_model_uses_nothing_of_the_product() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let uses = text
            .lines()
            .filter(|line| line.contains("use ") || line.contains("::"));
        for line in uses {
            for forbidden in [
                "backup_core",
                "crate::ports",
                "crate::stage",
                "crate::asl",
                "crate::world",
            ] {
                assert!(!line.contains(forbidden), "{}: {line}", path.display());
            }
        }
        files += 1;
    }
    assert!(files > 10, "only {files} files were read");
}
