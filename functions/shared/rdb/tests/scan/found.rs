//! Replays what the fuzzer starts from and what it has found, without the fuzzer.

#[path = "../../fuzz/fuzz_targets/drive.rs"]
mod drive;

use std::fs;
use std::path::PathBuf;

use crate::samples::{self, Value};

fn folder(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn replay(path: &str) -> usize {
    let inputs = fs::read_dir(folder(path))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let inputs: Vec<PathBuf> = inputs.filter(|path| path.extension().is_none()).collect();
    for input in &inputs {
        // A panic names no file by itself.
        println!("{}", input.display());
        drive::check(&fs::read(input).unwrap());
    }
    inputs.len()
}

#[test]
fn seeds_and_findings_hold() {
    assert!(replay("fuzz/corpus/scan") > 0);
    replay("tests/fixtures/found");
}

/// The seeds by name: each sample of a value after the header that has it, and one whole file.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let seed = |header: u8, number: usize, value: &Value| {
        let body = [&[value.rdb_type, 1, b'k'], &value.bytes[..]].concat();
        let input = [&[header, number as u8], &body[..]].concat();
        (format!("{}-{number}", value.encoding), input)
    };
    let numbered = |header, values: Vec<Value>| {
        let seeds = values.iter().enumerate();
        seeds
            .map(|(number, value)| seed(header, number, value))
            .collect::<Vec<_>>()
    };
    let mut seeds = numbered(0, samples::common_values());
    seeds.extend(numbered(1, samples::redis_values()));
    seeds.extend(numbered(2, vec![samples::valkey_value()]));
    let (_, whole) = samples::real().swap_remove(1);
    seeds.push(("whole-file".to_owned(), [&[255, 0], &whole[..]].concat()));
    seeds
}

/// `UPDATE_EXPECT=1` writes them anew, as it does with every golden value.
#[test]
fn the_seeds_are_the_samples() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    for (name, bytes) in seeds() {
        let path = folder("fuzz/corpus/scan").join(&name);
        if update {
            fs::write(&path, &bytes).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_default();
        assert!(
            kept == bytes,
            "seed `{name}` is not its sample: run with UPDATE_EXPECT=1"
        );
    }
}
