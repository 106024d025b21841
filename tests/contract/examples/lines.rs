//! Prints how many lines each crate has, and for the product how many lines of tests stand against one of source.
//!
//! `cargo run -p contract --example lines`. Blank lines do not count; comments do, on both sides.
#![allow(clippy::print_stdout, reason = "a table is all it is for")]

use contract::repository::{TestFiles, Workspace, sources};
use contract::rust::Source;

/// Lines of source and of tests.
#[derive(Default, Clone, Copy)]
struct Lines {
    source: usize,
    tests: usize,
}

impl Lines {
    fn of(file: &Source, tests: &TestFiles) -> Self {
        let filled = |(_, line): &(usize, &str)| !line.trim().is_empty();
        let lines: Vec<usize> = file
            .text
            .lines()
            .enumerate()
            .filter(filled)
            .map(|(index, _)| index + 1)
            .collect();
        if tests.contains(&file.path) {
            return Self {
                source: 0,
                tests: lines.len(),
            };
        }
        let items = file.test_items();
        let in_tests = |line: &&usize| {
            items
                .iter()
                .any(|item| (item.lines.0..=item.lines.1).contains(line))
        };
        let tests = lines.iter().filter(in_tests).count();
        Self {
            source: lines.len() - tests,
            tests,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            source: self.source + other.source,
            tests: self.tests + other.tests,
        }
    }

    fn row(self, name: &str) -> String {
        let ratio = self.tests * 100 / self.source.max(1);
        format!(
            "{name:<32} {:>7} {:>7}    {}.{:02}",
            self.source,
            self.tests,
            ratio / 100,
            ratio % 100
        )
    }
}

fn main() -> Result<(), String> {
    let workspace = Workspace::read()?;
    let files = sources()?;
    let tests = TestFiles::of(&files);
    println!("{:<32} {:>7} {:>7}   ratio", "crate", "source", "tests");
    let mut product = Lines::default();
    for package in &workspace.packages {
        let folder = workspace.folder(package);
        let own = files
            .iter()
            .filter(|file| file.path.starts_with(&format!("{folder}/")));
        let lines = own.fold(Lines::default(), |sum, file| sum.and(Lines::of(file, &tests)));
        println!("{}", lines.row(&folder));
        if folder.starts_with("functions/") {
            product = product.and(lines);
        }
    }
    println!("{}", product.row("the product"));
    Ok(())
}
