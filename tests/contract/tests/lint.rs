//! Other people's judges of the state machine file: `asl-validator`, JSONata 2.0.6 itself, `cfn-lint`.
//!
//! `make setup` installs them under `target/`. Where they are absent the test says so and passes, except under
//! `SNAPKEEP_REQUIRE_TOOLS`, which `make test` sets.

#![allow(clippy::panic, reason = "a panic is how a test fails, in its helpers too")]

use contract::root;
use std::path::Path;
use std::process::Command;

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{command:?}:\n{text}");
    text
}

/// Lints one file whose text may have been changed, and gives what the judges said.
fn lint(node: &Path, definition: &Path) -> String {
    let template = definition.with_extension("template.json");
    let script = root().join("tests/contract/lint/asl-lint.mjs");
    let mut said = run(Command::new("node").arg(script).arg(definition).arg(&template).current_dir(node));
    said += &run(Command::new(root().join("target/venv/bin/cfn-lint")).arg("--").arg(&template));
    said
}

#[test]
fn the_judges_accept_the_file_and_refuse_a_broken_one() {
    let (node, venv) = (root().join("target/node"), root().join("target/venv/bin/cfn-lint"));
    if !node.join("node_modules/asl-validator").is_dir() || !venv.is_file() {
        assert!(std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(), "run `make setup` first");
        println!("skipped: `make setup` has not installed asl-validator and cfn-lint");
        return;
    }
    let text = contract::text("statemachine/backup.asl.json").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let said = lint(&node, &place("sound.json", &text));
    assert!(said.contains("parsed by jsonata 2.0.6"), "{said}");

    let broken = [
        (r#""Next": "SnapshotReady""#, r#""Next": "SnapshotReddy""#, "a dangling Next"),
        ("$exists($states.input.waitSeconds) ?", "$exists($states.input.waitSeconds ?", "a broken expression"),
        (r#""MaxAttempts": 6"#, r#""MaxAttempt": 6"#, "a misspelt field"),
    ];
    for (from, to, why) in broken {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{why}: nothing to change");
        let path = place("broken.json", &changed);
        let refused = std::panic::catch_unwind(|| lint(&node, &path)).is_err();
        assert!(refused, "{why} is accepted");
    }
}
