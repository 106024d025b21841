//! What `verify-object` does with an object's bytes, without everything around it: reads a file in pieces and gives each
//! to the scanner, to SHA-256, or to both: `pieces <scan | hash | both> <bytes per piece> <file>`.
//!
//! SHA-256 is no switch of the product, so what it costs is told by runs of this program.

use rdb::{Options, Scanner};
use sha2::{Digest as _, Sha256};
use std::env::args;
use std::fs::File;
use std::io::Read as _;

/// The instant at which expiries are judged, in ms since 1970: none of the benchmark's has passed.
const NOW_MS: i64 = 1_767_225_600_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = args().skip(1).collect();
    let [what, piece, path] = &arguments[..] else {
        return Err("usage: pieces <scan | hash | both> <bytes per piece> <file>".into());
    };
    let (scan, hash) = match what.as_str() {
        "scan" => (true, false),
        "hash" => (false, true),
        "both" => (true, true),
        other => return Err(format!("`{other}` is none of `scan`, `hash`, `both`").into()),
    };
    let mut scanner = scan.then(|| Scanner::new(Options::new(NOW_MS)));
    let mut sha = hash.then(Sha256::new);
    let (mut file, mut piece) = (File::open(path)?, vec![0; piece.parse()?]);
    loop {
        let length = fill(&mut file, &mut piece)?;
        if length == 0 {
            break;
        }
        if let Some(scanner) = &mut scanner {
            scanner.feed(&piece[..length])?;
        }
        if let Some(sha) = &mut sha {
            sha.update(&piece[..length]);
        }
    }
    if let Some(scanner) = scanner {
        scanner.finish()?;
    }
    // A hash that nobody asks for could be left out by the compiler.
    match sha.map(Sha256::finalize) {
        Some(digest) if digest.iter().all(|byte| *byte == 0) => Err("the hash is zero".into()),
        _ => Ok(()),
    }
}

/// A whole piece, as ranged GETs give them, or what is left of the file.
fn fill(file: &mut File, piece: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match file.read(&mut piece[filled..])? {
            0 => break,
            length => filled += length,
        }
    }
    Ok(filled)
}
