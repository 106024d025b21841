//! Other people's judges of the state machine file: `asl-validator`, JSONata 2.0.6 itself, `cfn-lint`.
//!
//! `make setup` installs them under `target/`. Where they are absent the test says so and passes, except under
//! `SNAPKEEP_REQUIRE_TOOLS`, which `make test` sets.

use contract::root;
use std::path::Path;
use std::process::Command;

/// Takes the file that holds the definition.
type Judge = fn(&Path) -> Result<String, String>;

/// What a judge says: everything it printed, as an error where it refused.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let text = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    if output.status.success() {
        Ok(text)
    } else {
        Err(text)
    }
}

/// `asl-validator` on the graph and JSONata on the expressions; leaves a template for `cfn-lint` beside the file.
fn graph(definition: &Path) -> Result<String, String> {
    let script = root().join("tests/contract/lint/asl-lint.mjs");
    let template = definition.with_extension("template.json");
    said(
        Command::new("node")
            .arg(script)
            .arg(definition)
            .arg(template)
            .current_dir(root().join("target/node")),
    )
}

/// `cfn-lint` on the template that [`graph`] left.
fn fields(definition: &Path) -> Result<String, String> {
    let template = definition.with_extension("template.json");
    said(
        Command::new(root().join("target/venv/bin/cfn-lint"))
            .arg("--")
            .arg(template),
    )
}

#[test]
fn the_judges_accept_the_file_and_refuse_a_broken_one() {
    let installed = [
        "target/node/node_modules/asl-validator",
        "target/venv/bin/cfn-lint",
    ];
    if !installed.iter().all(|tool| root().join(tool).exists()) {
        assert!(
            std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(),
            "run `make setup` first"
        );
        println!("skipped: `make setup` has not installed asl-validator and cfn-lint");
        return;
    }
    let text = contract::text("statemachine/backup.asl.json").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("definition.json");

    std::fs::write(&path, &text).unwrap();
    let accepted = graph(&path).unwrap();
    assert!(accepted.contains("parsed by jsonata 2.0.6"), "{accepted}");
    fields(&path).unwrap();

    let broken: [(Judge, &str, &str, &str); 3] = [
        (
            graph,
            r#""Next": "SnapshotReady""#,
            r#""Next": "SnapshotReddy""#,
            "not reachable",
        ),
        (
            graph,
            "$exists($states.input.waitSeconds) ?",
            "$exists($states.input.waitSeconds ?",
            r#"Expected ")""#,
        ),
        (
            fields,
            r#""TimeoutSeconds": 75"#,
            r#""TimeoutSecond": 75"#,
            "'TimeoutSecond' was unexpected",
        ),
    ];
    for (judge, from, to, why) in broken {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "nothing to change: {from}");
        std::fs::write(&path, changed).unwrap();
        // The template is written even where the graph is refused, so that each judge is heard by itself.
        let _ = graph(&path);
        let refusal = judge(&path).unwrap_err();
        assert!(refusal.contains(why), "{refusal}");
    }
}
