//! What takes part in every run, by its hash.

use crate::engine::Fingerprint;
use crate::view::units;
use std::fmt::Write as _;

/// One line a file: name, SHA-256, and its size where there is room. The hash is whole, so that it can be compared with
/// what `sha256sum` says.
pub fn text(fingerprints: &[Fingerprint], width: u16) -> String {
    let names = fingerprints
        .iter()
        .map(|file| file.name.chars().count())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for Fingerprint { name, sha256, size } in fingerprints {
        let size = format!("  {:>8}", units::bytes(*size));
        let size = if names + sha256.len() + size.len() < usize::from(width) {
            size.as_str()
        } else {
            ""
        };
        let _ = writeln!(text, "{name:names$} {sha256}{size}");
    }
    text
}
