//! The environment variables that the functions read: those of the table in `ARCHITECTURE.md`, no more and no fewer.
//!
//! They are found as string literals outside tests, which holds because names are written out where they are read.

use contract::repository::{TestFiles, sources};
use contract::rust::Source;
use std::collections::BTreeSet;

/// A variable and the crate that reads it, as its folder's name.
type Reads = BTreeSet<(String, String)>;

/// Whether a string is spelled like a variable of ours or of AWS.
fn is_variable(text: &str) -> bool {
    let ours = ["SNAPKEEP_", "AWS_"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    ours && text
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// What the crates of the product read.
fn reads(sources: &[Source]) -> Reads {
    let tests = TestFiles::of(sources);
    let product = sources
        .iter()
        .filter(|source| source.path.starts_with("functions/") && !tests.contains(&source.path));
    let of_file = |source: &Source| {
        let folder = source.path.split("/src/").next().unwrap_or_default();
        let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
        let variables = source
            .product_strings()
            .into_iter()
            .filter(|text| is_variable(text));
        variables
            .map(|variable| (variable, name.clone()))
            .collect::<Reads>()
    };
    product.flat_map(of_file).collect()
}

/// The rows of the table: the variable, and who reads it, each in backticks.
fn documented(text: &str) -> Reads {
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|row| row.split('|'));
    let pairs = rows.flat_map(|mut cells| {
        let variable = cells
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('`')
            .to_owned();
        let readers = cells
            .next()
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().trim_matches('`').to_owned());
        readers
            .map(|reader| (variable.clone(), reader))
            .collect::<Vec<_>>()
    });
    pairs.filter(|(variable, _)| is_variable(variable)).collect()
}

#[test]
fn the_table_has_a_row_for_every_variable_that_is_read() {
    let read = reads(&sources().unwrap());
    let table = documented(&contract::text("ARCHITECTURE.md").unwrap());
    let missing: Vec<_> = read.difference(&table).collect();
    let idle: Vec<_> = table.difference(&read).collect();
    assert!(
        missing.is_empty() && idle.is_empty(),
        "not in the table: {missing:?}; read by nobody: {idle:?}"
    );
    assert!(
        read.contains(&("SNAPKEEP_BUCKET".to_owned(), "backup-aws".to_owned())),
        "{read:?}"
    );
}

#[test]
fn only_backup_lambda_asks_the_process_for_variables() {
    let sources = sources().unwrap();
    let tests = TestFiles::of(&sources);
    let product = sources
        .iter()
        .filter(|source| source.path.starts_with("functions/") && !tests.contains(&source.path));
    let asks = |source: &&Source| {
        ["var", "vars", "var_os"]
            .iter()
            .any(|name| !source.uses("env", name).is_empty())
    };
    let found: Vec<&str> = product.filter(asks).map(|source| source.path.as_str()).collect();
    assert_eq!(found, ["functions/shared/backup-lambda/src/env.rs"]);
}

#[test]
fn variables_are_seen_in_code_and_in_tables() {
    let pair = |variable: &str, reader: &str| (variable.to_owned(), reader.to_owned());
    let code = r#"fn a() { read("SNAPKEEP_NEW"); read("AWS region"); }
#[cfg(test)] mod tests { const T: &str = "SNAPKEEP_TEST"; }
#[cfg(test)] mod world;"#;
    let parse = |path: &str, text: &str| Source::parse(path, text.to_owned()).unwrap();
    let sources = [
        parse("functions/prune/src/lib.rs", code),
        parse(
            "functions/prune/src/world.rs",
            "const T: &str = \"SNAPKEEP_TEST\";",
        ),
        parse("tests/sim/src/lib.rs", "const T: &str = \"SNAPKEEP_SIM\";"),
    ];
    assert_eq!(reads(&sources), Reads::from([pair("SNAPKEEP_NEW", "prune")]));
    let table =
        "| `SNAPKEEP_NEW` | `prune`, `notify` | why |\n| `Backup.Throttled` | x |\n`SNAPKEEP_TEXT` | `a` |\n";
    assert_eq!(
        documented(table),
        Reads::from([pair("SNAPKEEP_NEW", "notify"), pair("SNAPKEEP_NEW", "prune")])
    );
}
