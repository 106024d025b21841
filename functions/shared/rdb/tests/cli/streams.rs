//! Standard input, and standard output that goes away.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Said, command, fixtures};

/// Runs a command with this as its standard input, written in pieces of `piece` bytes.
fn fed(mut command: Command, input: &[u8], piece: usize) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for piece in input.chunks(piece) {
        // The command may have had enough.
        if stdin.write_all(piece).is_err() {
            break;
        }
    }
    drop(stdin);
    Said::of(child.wait_with_output().unwrap())
}

fn stream_file() -> Vec<u8> {
    fs::read(fixtures().join("stream_v11.rdb")).unwrap()
}

/// The report without its first line, which names the input.
fn below_the_name(said: &Said) -> &str {
    said.stdout.split_once('\n').unwrap().1
}

#[test]
fn standard_input_is_a_file_like_others() {
    let of_file = crate::run(&fixtures(), ["stream_v11.rdb"]);
    for piece in [1, 7, 490] {
        let mut command = command(&fixtures());
        command.arg("-");
        let said = fed(command, &stream_file(), piece);
        assert_eq!(said.status, Some(0), "{said:?}");
        assert!(said.stdout.starts_with("✔ standard input: sound\n"), "{said:?}");
        assert_eq!(
            below_the_name(&said),
            below_the_name(&of_file),
            "in pieces of {piece}"
        );
    }
}

#[test]
fn standard_input_stands_among_files_and_once() {
    let mut command = command(&fixtures());
    command.args(["--json", "multiple_dbs.rdb", "-", "-"]);
    let said = fed(command, &stream_file(), 100);
    assert_eq!(said.status, Some(2), "{said:?}");
    let lines: Vec<serde_json::Value> = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line["path"].as_str().unwrap(), line["status"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("multiple_dbs.rdb", "sound"), ("-", "sound"), ("-", "unreadable")]
    );
    assert!(said.stderr.contains("standard input is named twice"), "{said:?}");
}

#[test]
fn what_is_not_needed_of_standard_input_is_not_waited_for() {
    let mut command = command(&fixtures());
    command.args(["--quiet", "-"]);
    // Far more than a pipe holds; the first bytes are wrong.
    let said = fed(command, &vec![b'x'; 4 << 20], 64 * 1024);
    assert_eq!(said.status, Some(1), "{said:?}");
    assert!(
        said.stdout.starts_with("✘ standard input: corrupt at byte 0"),
        "{said:?}"
    );
}

#[test]
fn an_empty_input_is_cut_short() {
    let mut command = command(&fixtures());
    command.args(["--quiet", "-"]);
    let said = fed(command, b"", 1);
    assert_eq!(said.status, Some(1));
    assert!(said.stdout.contains(": truncated at byte 0"), "{said:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_reason_for_words() {
    let many: Vec<_> = std::iter::repeat_n("stream_v11.rdb", 2000).collect();
    for form in ["--quiet", "--json", "--jobs=2"] {
        let mut child = command(&fixtures())
            .arg(form)
            .args(&many)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 4];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{form}");
        assert_eq!(
            output.status.code(),
            Some(2),
            "{form}: not all was said, so it is no success"
        );
    }
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    // Linux alone has a device that is always full.
    let full = Path::new("/dev/full");
    let Ok(full) = fs::OpenOptions::new().write(true).open(full) else {
        return;
    };
    let mut command = command(&fixtures());
    command.arg("stream_v11.rdb").stdout(full).stderr(Stdio::piped());
    let said = Said::of(command.output().unwrap());
    assert_eq!(said.status, Some(2));
    assert!(
        said.stderr
            .starts_with("error: the report could not be written: "),
        "{said:?}"
    );
}
