//! What takes part in every run, by its hash.

use crate::engine::Fingerprint;
use crate::view::units;
use std::fmt::Write as _;

/// One line a file: SHA-256, size, name. The hash is whole, so that it can be compared with `sha256sum`.
pub fn text(fingerprints: &[Fingerprint]) -> String {
    let mut text = String::new();
    for Fingerprint { name, sha256, size } in fingerprints {
        let _ = writeln!(text, "{sha256}  {:>8}  {name}", units::bytes(*size));
    }
    text
}
